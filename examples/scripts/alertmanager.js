// Shows the alerts of Prometheus' Alertmanager, a message for each group and an attachment for each
// alert in it. Labels that all alerts of the group share stand in the message's text, once.
//
// In alertmanager.yml: a receiver with webhook_configs, whose url is that of an incoming integration,
// and send_resolved: true.

const MOST_ALERTS = 10;
const COLORS = { critical: '#d9534f', warning: '#f0ad4e', info: '#5bc0de' };
const RESOLVED = '#5cb85c';

class Script {
  process_incoming_request({ request }) {
    const group = request.content;
    if (group.version !== '4') {
      return { error: { message: `This is no notification of Alertmanager's version 4, but of ${group.version}.` } };
    }
    const firing = group.alerts.filter((alert) => alert.status === 'firing');
    const resolved = group.alerts.filter((alert) => alert.status === 'resolved');
    const shown = firing.concat(resolved).slice(0, MOST_ALERTS);
    const hidden = group.alerts.length + (group.truncatedAlerts || 0) - shown.length;
    return {
      content: {
        alias: 'Alertmanager',
        emoji: group.status === 'firing' ? ':fire:' : ':white_check_mark:',
        text: [headline(group, firing.length, resolved.length), shared(group), hidden > 0 ? `and ${hidden} more` : ''].filter(Boolean).join('\n'),
        attachments: shown.map((alert) => attachment(alert, group)),
      },
    };
  }
}

function headline({ status, groupLabels, commonLabels, externalURL }, firing, resolved) {
  const name = groupLabels.alertname || commonLabels.alertname || 'Alerts';
  const counts = [firing && `${firing} firing`, resolved && `${resolved} resolved`].filter(Boolean).join(', ');
  return `*${status.toUpperCase()}* [${escaped(name)}](${externalURL}): ${counts}`;
}

function shared({ commonLabels }) {
  return Object.entries(commonLabels)
    .filter(([label]) => label !== 'alertname')
    .map(([label, value]) => `\`${label}=${value}\``)
    .join(' ');
}

function attachment(alert, { commonLabels, commonAnnotations }) {
  const annotations = Object.assign({}, commonAnnotations, alert.annotations);
  const own = Object.entries(alert.labels).filter(([label]) => !(label in commonLabels) && label !== 'alertname');
  return {
    color: alert.status === 'resolved' ? RESOLVED : COLORS[alert.labels.severity] || COLORS.critical,
    title: annotations.summary || alert.labels.alertname,
    title_link: alert.generatorURL,
    text: [escaped(annotations.description || ''), annotations.runbook_url && `[Runbook](${annotations.runbook_url})`].filter(Boolean).join('\n'),
    fields: own.map(([title, value]) => ({ title, value, short: value.length <= 30 })),
    ts: alert.status === 'resolved' ? alert.endsAt : alert.startsAt,
  };
}

// escaped keeps what others wrote from being read as Markdown.
function escaped(text) {
  return String(text).replace(/[*_~`]/g, '\\$&');
}
