// Shows any JSON: good to see what a service sends before writing a script for it. What the query of
// the URL says is used as title and colour: …/hooks/ID/TOKEN?title=Backups&color=%2300a000
//
// Texts, numbers and switches at the top become fields; the whole document follows below.

const LONGEST = 3000;

class Script {
  process_incoming_request({ request }) {
    const { title = 'A document arrived', color = '#888888' } = request.url.query;
    const fields = Object.entries(request.content)
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value) && /^.{1,60}$/.test(value))
      .map(([name, value]) => ({ title: name, value: String(value), short: true }));
    return {
      content: {
        text: title,
        attachments: [{ color, fields }, { color, title: 'All of it', collapsed: true, text: block(request.content) }],
      },
    };
  }
}

function block(document) {
  const text = JSON.stringify(document, null, 2).replace(/```/g, "'''");
  return '```\n' + (text.length > LONGEST ? `${text.slice(0, LONGEST)}\n…` : text) + '\n```';
}
