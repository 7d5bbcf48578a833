// Takes only what GitHub signed. Put what describes your events in place of the text below: the
// functions of github.js, for example.
//
// On GitHub, put a long random text into the webhook's field Secret, and the same one below. GitHub
// then sends the HMAC of each body in X-Hub-Signature-256. Content type: application/json, because
// the signature is of the body as it was sent.
//
// crypto.createHmac is Grapnel's own; Rocket.Chat's engines have nothing like it.

const SECRET = "It's a Secret to Everybody";

class Script {
  process_incoming_request({ request }) {
    if (!isSigned(request)) {
      return { error: { message: 'The signature is missing or wrong.' } };
    }
    const event = request.headers['x-github-event'];
    return { content: { text: `GitHub sent ${event} for ${request.content.repository.full_name}` } };
  }
}

function isSigned(request) {
  const signature = request.headers['x-hub-signature-256'] || '';
  const expected = 'sha256=' + crypto.createHmac('sha256', SECRET).update(request.content_raw).digest('hex');
  return equal(signature, expected);
}

// equal takes as long whatever differs, so that nobody learns a signature by measuring.
function equal(a, b) {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) {
    difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  }
  return difference === 0;
}
