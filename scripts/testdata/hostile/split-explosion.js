class Script {
  process_incoming_request({ request }) {
    return "x".repeat(30e6).split("").length;
  }
}
