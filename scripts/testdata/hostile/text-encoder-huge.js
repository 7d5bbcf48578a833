class Script {
  process_incoming_request({ request }) {
    const text = '\ud800\u20ac'.repeat(1 << 26);
    return { content: { text: String(new TextEncoder().encode(text).length) } };
  }
}
