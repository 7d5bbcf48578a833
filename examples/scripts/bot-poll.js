// Makes polls without calling anybody: poll "Lunch?" "Pizza" "Soup" "Nothing"
//
// An outgoing integration for messages, with the trigger word "poll". It needs some URL, which is
// never called: a script that answers only {message} makes no call.

const NUMBERS = [':one:', ':two:', ':three:', ':four:', ':five:', ':six:', ':seven:', ':eight:', ':nine:'];

class Script {
  prepare_outgoing_request({ request }) {
    const { text, user_name: asker } = request.data;
    const [question, ...answers] = quoted(text);
    if (!question || answers.length < 2 || answers.length > NUMBERS.length) {
      return { message: { text: `@${asker} ask like this: \`poll "Lunch?" "Pizza" "Soup"\`, with two to ${NUMBERS.length} answers.` } };
    }
    return {
      message: {
        text: `*${question}* (asked by @${asker})`,
        attachments: [{
          color: '#1d74f5',
          text: answers.map((answer, n) => `${NUMBERS[n]} ${answer}`).join('\n'),
        }],
      },
    };
  }
}

// quoted returns the texts in quotes, straight or curly: phones make curly ones.
function quoted(text) {
  const found = [];
  const pattern = /["“”„]([^"“”„]+)["“”„]/g;
  let match;
  while ((match = pattern.exec(text)) !== null) {
    found.push(match[1].trim());
  }
  return found;
}
