class Script {
  process_incoming_request({ request }) {
    return new Proxy({}, { ownKeys() { for (;;); } });
  }
}
