class Script {
  process_incoming_request({ request }) {
    return { content: { text: String(atob('QUJD'.repeat(1 << 27)).length) } };
  }
}
