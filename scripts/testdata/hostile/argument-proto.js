class Script {
  process_incoming_request({ request }) {
    request.content.__proto__.toJSON = () => { for (;;); };
    request.constructor.prototype.then = (done) => { for (;;); };
    return { content: { text: 'x' } };
  }
}
