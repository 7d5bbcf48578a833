class Script {
  process_incoming_request({ request }) {
    JSON.stringify = JSON.parse = () => { for (;;); };
    return { content: { text: 'x' } };
  }
}
