class Script {
  process_incoming_request({ request }) {
    return new Function("(".repeat(1e6));
  }
}
