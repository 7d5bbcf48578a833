class Script {
  process_incoming_request({ request }) {
    return "x".padEnd(2 ** 31, "y").length;
  }
}
