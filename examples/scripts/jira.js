// Tells a room what happens to Jira issues: created, changed, deleted, commented on.
//
// In Jira: System, WebHooks, Create. URL: the URL of an incoming integration. Events: issue created,
// updated and deleted, comment created. A JQL filter there keeps the room quiet.

const BLUE = '#0052cc', GREEN = '#36b37e', GREY = '#6b778c', RED = '#ff5630';
// Changes that say nothing to people.
const SILENT = ['Rank', 'WorklogId', 'timespent', 'timeestimate', 'RemoteIssueLink', 'Attachment'];

class Script {
  process_incoming_request({ request }) {
    const event = request.content;
    const message = describe(event);
    if (!message) {
      return;
    }
    const user = event.user || (event.comment && event.comment.author) || {};
    return { content: Object.assign({ alias: 'Jira', avatar: (user.avatarUrls || {})['48x48'] }, message) };
  }
}

function describe(event) {
  const who = `*${escaped((event.user || {}).displayName || 'Somebody')}*`;
  switch (event.webhookEvent) {
    case 'jira:issue_created':
      return { text: `${who} created an issue`, attachments: [card(event.issue, BLUE, excerpt(event.issue.fields.description))] };
    case 'jira:issue_deleted':
      return { text: `${who} deleted ${event.issue.key} ${escaped(event.issue.fields.summary)}` };
    case 'jira:issue_updated':
      return changed(event, who);
    case 'comment_created': {
      const author = `*${escaped(event.comment.author.displayName)}*`;
      return { text: `${author} commented on an issue`, attachments: [card(event.issue, GREY, excerpt(event.comment.body))] };
    }
  }
}

function changed({ issue, changelog, comment }, who) {
  const items = changelog ? changelog.items.filter((item) => !SILENT.includes(item.field)) : [];
  if (items.length === 0 && !comment) {
    return;
  }
  const attachment = card(issue, isDone(issue) ? GREEN : BLUE, comment ? excerpt(comment.body) : '');
  attachment.fields = items.map(change);
  return { text: `${who} ${comment ? 'commented on' : 'changed'} an issue`, attachments: [attachment] };
}

// The new value is a key called toString, which every object seems to have: only the item's own counts.
function change(item) {
  const to = Object.prototype.hasOwnProperty.call(item, 'toString') ? item.toString : null;
  const long = item.field === 'description' || item.field === 'Comment';
  return { title: item.field, value: long ? 'changed' : `${item.fromString || 'none'} → ${to || 'none'}`, short: true };
}

function card(issue, color, text) {
  const { summary, issuetype, priority, status, assignee } = issue.fields;
  return {
    color: issuetype && issuetype.name === 'Bug' && color === BLUE ? RED : color,
    title: `${issue.key} ${summary}`,
    title_link: `${issue.self.replace(/\/rest\/.*$/, '')}/browse/${issue.key}`,
    text,
    fields: [['Type', issuetype], ['Priority', priority], ['Status', status], ['Assignee', assignee]]
      .filter(([, value]) => value)
      .map(([title, value]) => ({ title, value: value.displayName || value.name, short: true })),
  };
}

function isDone({ fields: { status } }) {
  return Boolean(status && status.statusCategory && status.statusCategory.key === 'done');
}

// escaped keeps what others wrote from being read as Markdown.
function escaped(text) {
  return String(text).replace(/[*_~`]/g, '\\$&');
}

function excerpt(text) {
  const plain = (text || '').trim();
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
}
