// Tells a room what happens in a GitLab project: pushes, tags, merge requests, issues and finished
// pipelines.
//
// On GitLab: Settings, Webhooks, Add new webhook. URL: the URL of an incoming integration. Trigger:
// push, tag push, issues, merge request and pipeline events. GitLab sends the webhook's secret token
// as it is, in X-Gitlab-Token: set TOKEN to the same text to refuse others.

const TOKEN = '';
const MOST_COMMITS = 5;
const GREEN = '#108548', RED = '#dd2b0e', BLUE = '#1f75cb', GREY = '#737278', ORANGE = '#fc6d26';
const NOTHING = '0000000000000000000000000000000000000000';

class Script {
  process_incoming_request({ request }) {
    if (TOKEN && request.headers['x-gitlab-token'] !== TOKEN) {
      return { error: { message: 'The token is missing or wrong.' } };
    }
    const event = request.content;
    const message = describe(event);
    if (!message) {
      return;
    }
    const user = event.user || { avatar_url: event.user_avatar };
    return { content: Object.assign({ alias: event.project.path_with_namespace, avatar: user.avatar_url }, message) };
  }
}

function describe(event) {
  switch (event.object_kind) {
    case 'push': return push(event, 'branch');
    case 'tag_push': return push(event, 'tag');
    case 'merge_request': return mergeRequest(event);
    case 'issue': return issue(event);
    case 'pipeline': return pipeline(event);
  }
}

function push(event, kind) {
  const name = event.ref.replace(/^refs\/(heads|tags)\//, '');
  const place = `${kind} \`${name}\` of ${link(event.project.name, event.project.web_url)}`;
  if (event.after === NOTHING) {
    return { text: `*${escaped(event.user_name)}* deleted ${place}` };
  }
  if (event.commits.length === 0) {
    return { text: `*${escaped(event.user_name)}* created ${place}` };
  }
  const shown = event.commits.slice(-MOST_COMMITS);
  const hidden = event.total_commits_count - shown.length;
  return {
    text: `*${escaped(event.user_name)}* pushed ${count(event.total_commits_count, 'commit')} to ${place}`,
    attachments: [{
      color: ORANGE,
      text: shown.map((commit) => `${link(commit.id.slice(0, 8), commit.url)} ${escaped(commit.title)} – ${escaped(commit.author.name)}`)
        .concat(hidden > 0 ? `and ${hidden} before` : []).join('\n'),
    }],
  };
}

function mergeRequest({ object_attributes: it, user, assignees, reviewers }) {
  const verbs = { open: 'opened', reopen: 'reopened', merge: 'merged', close: 'closed', approved: 'approved' };
  if (!verbs[it.action]) {
    return; // an update, mostly
  }
  return {
    text: `*${escaped(user.name)}* ${verbs[it.action]} a merge request`,
    attachments: [{
      color: { merge: BLUE, close: RED }[it.action] || GREEN,
      title: `!${it.iid} ${it.title}`,
      title_link: it.url,
      text: it.action === 'open' ? excerpt(it.description) : '',
      fields: [{ title: 'Branch', value: `${it.source_branch} → ${it.target_branch}`, short: true }]
        .concat(people('Assignees', assignees), people('Reviewers', reviewers)),
    }],
  };
}

function issue({ object_attributes: it, user, assignees, labels }) {
  const verbs = { open: 'opened', reopen: 'reopened', close: 'closed' };
  if (!verbs[it.action] || it.confidential) {
    return;
  }
  const fields = people('Assignees', assignees);
  if (labels && labels.length > 0) {
    fields.push({ title: 'Labels', value: labels.map((label) => label.title).join(', '), short: true });
  }
  return {
    text: `*${escaped(user.name)}* ${verbs[it.action]} an issue`,
    attachments: [{
      color: it.action === 'close' ? BLUE : GREEN,
      title: `#${it.iid} ${it.title}`,
      title_link: it.url,
      text: it.action === 'open' ? excerpt(it.description) : '',
      fields,
    }],
  };
}

function pipeline({ object_attributes: it, builds, commit, project }) {
  const words = { success: 'passed', failed: 'failed', canceled: 'was cancelled' };
  if (!words[it.status]) {
    return; // not over yet
  }
  const failed = builds.filter((build) => build.status === 'failed' && !build.allow_failure);
  const url = it.url || `${project.web_url}/-/pipelines/${it.id}`;
  return {
    text: `${link(`Pipeline #${it.id}`, url)} ${words[it.status]} on \`${it.ref}\` after ${duration(it.duration)}`,
    attachments: [{
      color: { success: GREEN, failed: RED }[it.status] || GREY,
      text: `${link(commit.id.slice(0, 8), commit.url)} ${escaped(commit.message.split('\n')[0])} – ${escaped(commit.author.name)}`,
      fields: failed.map((build) => ({ title: `${build.stage}: ${build.name}`, value: build.failure_reason || 'failed', short: true })),
    }],
  };
}

function people(title, users) {
  return users && users.length > 0 ? [{ title, value: users.map((user) => user.name).join(', '), short: true }] : [];
}

// escaped keeps what others wrote from being read as Markdown.
function escaped(text) {
  return String(text).replace(/[*_~`]/g, '\\$&');
}

function link(label, url) {
  return `[${escaped(label).replace(/\[/g, '(').replace(/\]/g, ')')}](${url})`;
}

function excerpt(text) {
  const plain = (text || '').trim();
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
}

function count(n, noun) {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function duration(seconds) {
  const minutes = Math.floor(seconds / 60);
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
