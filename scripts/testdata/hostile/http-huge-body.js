class Script {
  process_incoming_request({ request }) {
    return HTTP('POST', 'http://127.0.0.1:9/', { content: 'x'.repeat(1 << 28), headers: { 'X-Long': 'y'.repeat(1 << 26) } });
  }
}
