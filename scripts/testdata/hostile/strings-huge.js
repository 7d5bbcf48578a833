class Script {
  process_incoming_request({ request }) {
    return s.pad('x', 2 ** 30, 'y') + s.truncate('x'.repeat(1 << 29), 1 << 28) + s.stripTags('<'.repeat(1 << 24));
  }
}
