class Script {
  process_incoming_request({ request }) {
    for (let i = 0; ; i++) Store.set('key' + i, 'x'.repeat(1 << 16) + i);
  }
}
