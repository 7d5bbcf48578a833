class Script {
  process_incoming_request({ request }) {
    Array.prototype.push = function () { for (;;); };
    Array.prototype[Symbol.iterator] = function* () { for (;;) yield 1; };
    return { content: { attachments: [1, 2, 3] } };
  }
}
