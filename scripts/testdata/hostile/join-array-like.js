class Script {
  process_incoming_request({ request }) {
    return Array.prototype.join.call({ length: 2 ** 32 - 1 }, "");
  }
}
