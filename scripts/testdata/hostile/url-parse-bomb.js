class Script {
  process_incoming_request({ request }) {
    for (;;) new URL('http://' + 'a.'.repeat(1 << 20) + 'example/' + '../'.repeat(1 << 20));
  }
}
