// Tells a room what happens in a GitHub repository: pushes, pull requests, issues and finished
// workflow runs. Other events, and actions that few want to hear of, are answered without a message.
//
// On GitHub: Settings, Webhooks, Add webhook. Payload URL: the URL of an incoming integration.
// Content type: application/json. Events: pushes, pull requests, issues, workflow runs. To check
// that requests come from GitHub, see github-signed.js.

const MOST_COMMITS = 5;
const GREEN = '#2da44e', PURPLE = '#8250df', RED = '#cf222e', GREY = '#6e7781', YELLOW = '#bf8700';

class Script {
  process_incoming_request({ request }) {
    const event = request.content;
    const message = describe(request.headers['x-github-event'], event);
    if (!message) {
      return;
    }
    return { content: Object.assign({ alias: event.repository.full_name, avatar: event.sender.avatar_url }, message) };
  }
}

function describe(name, event) {
  switch (name) {
    case 'push': return push(event);
    case 'pull_request': return pullRequest(event);
    case 'issues': return issue(event);
    case 'workflow_run': return workflowRun(event);
  }
}

function push({ ref, commits, compare, created, deleted, forced, pusher }) {
  const name = ref.replace(/^refs\/(heads|tags)\//, '');
  const place = `${ref.startsWith('refs/tags/') ? 'tag' : 'branch'} \`${name}\``;
  if (deleted) {
    return { text: `*${escaped(pusher.name)}* deleted ${place}` };
  }
  if (commits.length === 0) {
    return { text: `*${escaped(pusher.name)}* ${created ? 'created' : 'moved'} ${place}` };
  }
  const shown = commits.slice(-MOST_COMMITS);
  const hidden = commits.length - shown.length;
  return {
    text: `*${escaped(pusher.name)}* ${forced ? 'force-pushed' : 'pushed'} ${link(count(commits.length, 'commit'), compare)} to ${place}`,
    attachments: [{
      color: forced ? YELLOW : GREEN,
      text: shown.map((commit) => `${link(commit.id.slice(0, 7), commit.url)} ${escaped(firstLine(commit.message))} – ${escaped(commit.author.name)}`)
        .concat(hidden > 0 ? `and ${hidden} before` : []).join('\n'),
    }],
  };
}

function pullRequest({ action, pull_request: pr, sender }) {
  const did = pullRequestActions(pr)[action];
  if (!did) {
    return;
  }
  return {
    text: `*${escaped(sender.login)}* ${did.verb} a pull request`,
    attachments: [{
      color: did.color,
      title: `#${pr.number} ${pr.title}`,
      title_link: pr.html_url,
      text: action === 'opened' ? excerpt(pr.body) : '',
      fields: [
        { title: 'Branch', value: `${pr.head.ref} → ${pr.base.ref}`, short: true },
        { title: 'Changes', value: `+${pr.additions} −${pr.deletions} in ${count(pr.changed_files, 'file')}`, short: true },
      ],
    }],
  };
}

function pullRequestActions(pr) {
  return {
    opened: { verb: pr.draft ? 'drafted' : 'opened', color: pr.draft ? GREY : GREEN },
    ready_for_review: { verb: 'asks for review of', color: GREEN },
    reopened: { verb: 'reopened', color: GREEN },
    closed: pr.merged ? { verb: 'merged', color: PURPLE } : { verb: 'closed', color: RED },
  };
}

function issue({ action, issue: it, sender }) {
  const color = { opened: GREEN, reopened: GREEN, closed: it.state_reason === 'not_planned' ? GREY : PURPLE }[action];
  if (!color) {
    return;
  }
  const fields = [];
  if (it.labels.length > 0) {
    fields.push({ title: 'Labels', value: it.labels.map((label) => label.name).join(', '), short: true });
  }
  if (it.assignees.length > 0) {
    fields.push({ title: 'Assigned to', value: it.assignees.map((user) => user.login).join(', '), short: true });
  }
  const reason = action === 'closed' && it.state_reason === 'not_planned' ? ' as not planned' : '';
  return {
    text: `*${escaped(sender.login)}* ${action} an issue${reason}`,
    attachments: [{
      color, fields,
      title: `#${it.number} ${it.title}`,
      title_link: it.html_url,
      text: action === 'opened' ? excerpt(it.body) : '',
    }],
  };
}

function workflowRun({ action, workflow, workflow_run: run }) {
  if (action !== 'completed') {
    return;
  }
  const colors = { success: GREEN, failure: RED, timed_out: RED, startup_failure: RED, cancelled: GREY, skipped: GREY };
  const words = { success: 'succeeded', failure: 'failed', timed_out: 'timed out', startup_failure: 'did not start' };
  return {
    text: `Workflow ${link(`${workflow.name} #${run.run_number}`, run.html_url)} ${words[run.conclusion] || run.conclusion} on \`${run.head_branch}\``,
    attachments: [{
      color: colors[run.conclusion] || YELLOW,
      text: `${link(run.head_sha.slice(0, 7), `${run.repository.html_url}/commit/${run.head_sha}`)} ${escaped(firstLine(run.head_commit.message))}`,
      fields: [
        { title: 'By', value: run.actor.login, short: true },
        { title: 'Event', value: run.event, short: true },
      ],
    }],
  };
}

// escaped keeps what others wrote from being read as Markdown.
function escaped(text) {
  return String(text).replace(/[*_~`]/g, '\\$&');
}

function link(label, url) {
  return `[${escaped(label).replace(/\[/g, '(').replace(/\]/g, ')')}](${url})`;
}

function firstLine(text) {
  return text.split('\n')[0];
}

function excerpt(text) {
  const plain = (text || '').replace(/<!--[^]*?-->/g, '').trim();
  return plain.length > 300 ? `${plain.slice(0, 300)}…` : plain;
}

function count(n, noun) {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
