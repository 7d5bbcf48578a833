// Tells a room when a monitor of Uptime Kuma goes down and when it is up again.
//
// In Uptime Kuma: Settings, Notifications, Setup Notification, type Webhook. Post URL: the URL of an
// incoming integration. Request body: Preset – application/json.

const STATES = [
  { word: 'is down', emoji: ':red_circle:', color: '#dc3545' },
  { word: 'is up', emoji: ':large_green_circle:', color: '#5cdd8b' },
  { word: 'is being tried again', emoji: ':large_yellow_circle:', color: '#f8a306' },
  { word: 'is under maintenance', emoji: ':large_blue_circle:', color: '#1747f5' },
];

class Script {
  process_incoming_request({ request }) {
    const { heartbeat, monitor, msg } = request.content;
    if (!heartbeat || !monitor) {
      return { content: { alias: 'Uptime Kuma', text: escaped(msg) } }; // the button Test, or a certificate that ends
    }
    const state = STATES[heartbeat.status] || STATES[0];
    return {
      content: {
        alias: 'Uptime Kuma',
        emoji: state.emoji,
        text: `*${escaped(monitor.name)}* ${state.word}`,
        attachments: [{
          color: state.color,
          title: address(monitor),
          title_link: monitor.type === 'http' || monitor.type === 'keyword' ? monitor.url : undefined,
          text: escaped(heartbeat.msg),
          fields: facts(heartbeat),
        }],
      },
    };
  }
}

function address({ url, hostname, port, name }) {
  if (hostname) {
    return port ? `${hostname}:${port}` : hostname;
  }
  return url && url !== 'https://' ? url : name;
}

function facts({ localDateTime, timezone, ping, duration }) {
  return [
    ['Time', localDateTime && `${localDateTime} ${timezone}`],
    ['Response', typeof ping === 'number' && `${ping} ms`],
    ['Last change', duration > 0 && `${duration} s ago`],
  ].filter(([, value]) => value).map(([title, value]) => ({ title, value, short: true }));
}

// escaped keeps what others wrote from being read as Markdown.
function escaped(text) {
  return String(text).replace(/[*_~`]/g, '\\$&');
}
