class Script {
  process_incoming_request({ request }) {
    throw new Error("x".repeat(20e6));
  }
}
