for (const k of ['request', 'content', 'content_raw', 'body', 'toString', 'then']) {
  Object.defineProperty(Object.prototype, k, { get() { for (;;); }, set() { for (;;); } });
}
class Script {
  process_incoming_request() { return { content: 1 }; }
}
