class Script {
  process_incoming_request({ request }) {
    return JSON.parse("[".repeat(5e6) + "]".repeat(5e6));
  }
}
