class Script {
  process_incoming_request({ request }) {
    for (;;) Promise.reject(new Error("x"));
  }
}
