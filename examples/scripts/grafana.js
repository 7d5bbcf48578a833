// Shows Grafana's alerts: one attachment each, red while it fires and green when it is over.
//
// In Grafana: Alerting, Contact points, Add contact point, type Webhook. URL: the URL of an incoming
// integration. Method: POST.

const MOST_ALERTS = 10;
const RED = '#e02f44', ORANGE = '#ff9830', GREEN = '#56a64b';

class Script {
  process_incoming_request({ request }) {
    const { alerts, status, commonLabels, externalURL } = request.content;
    if (!Array.isArray(alerts) || alerts.length === 0) {
      return;
    }
    const firing = alerts.filter((alert) => alert.status === 'firing').length;
    const name = commonLabels.alertname || 'Several alerts';
    const shown = alerts.slice(0, MOST_ALERTS);
    const hidden = alerts.length - shown.length;
    return {
      content: {
        alias: 'Grafana',
        emoji: status === 'firing' ? ':rotating_light:' : ':white_check_mark:',
        text: `${link(name, externalURL)}: ${firing} firing, ${alerts.length - firing} resolved${hidden > 0 ? ` (${hidden} not shown)` : ''}`,
        attachments: shown.map(attachment),
      },
    };
  }
}

function attachment(alert) {
  const { labels, annotations } = alert;
  return {
    color: color(alert),
    title: annotations.summary || labels.alertname,
    title_link: alert.panelURL || alert.dashboardURL || alert.generatorURL,
    text: [escaped(annotations.description || ''), links(alert)].filter(Boolean).join('\n'),
    fields: Object.entries(labels)
      .filter(([label]) => label !== 'alertname' && !label.startsWith('__'))
      .concat(Object.entries(alert.values || {}).map(([ref, value]) => [`Value ${ref}`, Math.round(value * 1000) / 1000]))
      .map(([title, value]) => ({ title, value: String(value), short: true })),
    ts: alert.status === 'firing' ? alert.startsAt : alert.endsAt,
  };
}

function color({ status, labels }) {
  if (status !== 'firing') {
    return GREEN;
  }
  return labels.severity === 'warning' ? ORANGE : RED;
}

function links({ annotations, dashboardURL, panelURL, silenceURL, status }) {
  return [
    ['Runbook', annotations.runbook_url],
    ['Panel', panelURL],
    ['Dashboard', dashboardURL],
    ['Silence', status === 'firing' && silenceURL],
  ].filter(([, url]) => url).map(([label, url]) => link(label, url)).join(' · ');
}

// escaped keeps what others wrote from being read as Markdown.
function escaped(text) {
  return String(text).replace(/[*_~`]/g, '\\$&');
}

function link(label, url) {
  return url ? `[${escaped(label).replace(/\[/g, '(').replace(/\]/g, ')')}](${url})` : escaped(label);
}
