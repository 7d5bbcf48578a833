class Script {
  async process_incoming_request({ request }) {
    Promise.prototype.then = function () { for (;;); };
    return { content: { text: 'x' } };
  }
}
