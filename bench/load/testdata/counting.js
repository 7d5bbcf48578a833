// Posts a GitHub push as one message, and says how many it has seen.
const MAX_COMMITS = 5;

const escape = (text) => String(text || '').replace(/([*_~`])/g, '\\$1');

const plural = (n, word) => `${n} ${word}${n === 1 ? '' : 's'}`;

const branchOf = (ref) => ref.replace(/^refs\/(heads|tags)\//, '');

let seen = 0;

class Script {
  process_incoming_request({ request }) {
    const event = request.headers['x-github-event'];
    if (event !== 'push') {
      return { error: { success: false, message: `no rule for the event ${event}` } };
    }
    seen += 1;
    this.latest = request.content.after;
    const push = request.content;
    if (push.deleted) {
      return { content: { text: `${escape(push.pusher.name)} deleted *${escape(branchOf(push.ref))}*` } };
    }
    const shown = push.commits.slice(0, MAX_COMMITS);
    const attachments = shown.map((commit) => this.attachment(commit));
    if (push.commits.length > shown.length) {
      attachments.push({ text: `[and ${plural(push.commits.length - shown.length, 'more commit')}](${push.compare})` });
    }
    return {
      content: {
        username: push.sender.login,
        icon_url: push.sender.avatar_url,
        text: `${this.headline(push)} (push ${seen})`,
        attachments,
      },
    };
  }

  headline(push) {
    const verb = push.forced ? 'force-pushed' : 'pushed';
    return `*${escape(push.pusher.name)}* ${verb} [${plural(push.commits.length, 'commit')}](${push.compare}) ` +
      `to \`${branchOf(push.ref)}\` of [${escape(push.repository.full_name)}](${push.repository.html_url})`;
  }

  attachment(commit) {
    const [title, ...rest] = commit.message.split('\n');
    return {
      color: commit.distinct ? '#2de0a5' : '#9ea2a8',
      author_name: commit.author.username || commit.author.name,
      title: `${commit.id.slice(0, 7)} ${title}`,
      title_link: commit.url,
      text: rest.join('\n').trim(),
      ts: commit.timestamp,
      fields: ['added', 'modified', 'removed']
        .filter((kind) => commit[kind].length > 0)
        .map((kind) => ({ title: kind, value: commit[kind].map((f) => `\`${f}\``).join('\n'), short: kind !== 'modified' })),
    };
  }
}
