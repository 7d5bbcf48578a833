class Script {
  process_incoming_request({ request }) {
    const text = 'x'.repeat(1 << 27);
    for (;;) hmac('sha256', text, text);
  }
}
