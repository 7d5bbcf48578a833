class Script {
  process_incoming_request({ request }) {
    return Array.prototype.reverse.call({ length: 2 ** 53 - 1 });
  }
}
