class Script {
  process_incoming_request({ request }) {
    const x = {}; for (;;) x[Symbol("x".repeat(100))] = 1;
  }
}
