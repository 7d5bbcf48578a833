// Reads and writes case files: txtar archives, a comment and then named parts.

const header = /^-- (.+) --$/;

export function parse(text) {
  const archive = { comment: '', parts: [] };
  let lines = [];
  const end = () => {
    const body = lines.map((line) => line + '\n').join('');
    if (archive.parts.length === 0) archive.comment = body;
    else archive.parts.at(-1).text = body;
    lines = [];
  };
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const found = line.match(header);
    if (found) {
      end();
      archive.parts.push({ name: found[1].trim(), text: '' });
    } else {
      lines.push(line);
    }
  }
  end();
  return archive;
}

export function print({ comment, parts }) {
  return comment + parts.map(({ name, text }) => `-- ${name} --\n${text}`).join('');
}

// content is a part's text without the newline that the format adds.
export function content(part) {
  return part.text.replace(/\n$/, '');
}
