class Script {
  process_incoming_request({ request }) {
    for (const name of ['text', 'content', 'value', 'message', 'attachments', 'then', 'get', 'set', 'url', 'headers', '0', 'length']) {
      Object.defineProperty(Object.prototype, name, { get() { for (;;); }, set() { for (;;); }, configurable: true });
    }
    return 1;
  }
}
