class Script {
  process_incoming_request({ request }) {
    const params = new URLSearchParams('a=1&'.repeat(1 << 22));
    for (;;) params.append('b', 'x'.repeat(1 << 16));
  }
}
