// Shows what Sentry's issue alerts found: the error, where it was thrown, and what the event was
// tagged with.
//
// In Sentry: Settings, Developer Settings, New Internal Integration. Webhook URL: the URL of an
// incoming integration. Switch on Alert Rule Action, then choose the integration as an action of an
// alert. Sentry signs each body with the integration's client secret (HMAC-SHA256, in
// Sentry-Hook-Signature): github-signed.js shows how such a signature is checked.

const COLORS = { fatal: '#f2b712', error: '#f55459', warning: '#f1b71c', info: '#3c74dd', debug: '#9386a0' };
const TAGS = ['environment', 'release', 'server_name', 'transaction', 'url', 'browser', 'os', 'user'];

class Script {
  process_incoming_request({ request }) {
    if (request.headers['sentry-hook-resource'] !== 'event_alert') {
      return;
    }
    const { event, triggered_rule: rule } = request.content.data;
    return {
      content: {
        alias: 'Sentry',
        emoji: ':beetle:',
        text: `*${escaped(rule)}* was triggered`,
        attachments: [{
          color: COLORS[event.level] || COLORS.error,
          title: event.title,
          title_link: event.web_url,
          text: [`\`${event.culprit || event.location}\``, trace(event)].filter(Boolean).join('\n'),
          fields: event.tags.filter(([name]) => TAGS.includes(name)).map(([title, value]) => ({ title, value, short: value.length <= 40 })),
          ts: event.datetime,
        }],
      },
    };
  }
}

// trace shows the last frames of the exception, those of the program before those of its libraries.
function trace({ exception }) {
  const values = exception ? exception.values : [];
  const last = values[values.length - 1];
  if (!last || !last.stacktrace) {
    return '';
  }
  const frames = last.stacktrace.frames;
  const own = frames.filter((frame) => frame.in_app);
  const shown = (own.length > 0 ? own : frames).slice(-3).reverse();
  return '```\n' + shown.map((frame) => `${frame.filename}:${frame.lineno} ${frame.function || '(anonymous)'}`).join('\n') + '\n```';
}

// escaped keeps what others wrote from being read as Markdown.
function escaped(text) {
  return String(text).replace(/[*_~`]/g, '\\$&');
}
