// Tells a room about pushes to a GitHub repository: who pushed what where, and each commit as an
// attachment. Other events of the same webhook are answered without a message.
//
// On GitHub add a webhook with the URL of an incoming integration. Both content types work.

const MOST_COMMITS = 10;

class Script {
  process_incoming_request({ request }) {
    if (request.headers['x-github-event'] !== 'push') {
      return;
    }
    const push = request.content;
    const shown = push.commits.slice(0, MOST_COMMITS);
    const hidden = push.commits.length - shown.length;
    return {
      content: {
        alias: push.repository.full_name,
        avatar: push.sender.avatar_url,
        text: headline(push) + (hidden > 0 ? ` (and ${hidden} more)` : ''),
        attachments: shown.map(attachment),
      },
    };
  }
}

function headline(push) {
  const [, kind, name] = push.ref.match(/^refs\/(heads|tags)\/(.+)$/);
  const place = `${kind === 'tags' ? 'tag' : 'branch'} \`${name}\``;
  if (push.deleted) {
    return `*${push.pusher.name}* deleted ${place}`;
  }
  const n = push.commits.length;
  const commits = `[${n} ${n === 1 ? 'commit' : 'commits'}](${push.compare})`;
  return `*${push.pusher.name}* ${push.forced ? 'force-pushed' : 'pushed'} ${commits} to ${place}`;
}

function attachment(commit) {
  const [title, ...rest] = commit.message.split('\n');
  const files = ['added', 'modified', 'removed']
    .filter((change) => commit[change].length > 0)
    .map((change) => `${commit[change].length} ${change}`);
  return {
    color: '#2da44e',
    author_name: commit.author.name,
    title: `${commit.id.slice(0, 7)} ${title}`,
    title_link: commit.url,
    text: rest.join('\n').trim(),
    fields: [{ title: 'Files', value: files.join(', '), short: true }],
    ts: commit.timestamp,
  };
}
