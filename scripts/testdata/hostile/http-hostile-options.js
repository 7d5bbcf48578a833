class Script {
  process_incoming_request({ request }) {
    return HTTP({ toString() { for (;;); } }, 'http://127.0.0.1:9/', new Proxy({}, { get() { for (;;); }, ownKeys() { for (;;); } }));
  }
}
