class Script {
  process_incoming_request({ request }) {
    return { content: { text: String(btoa('x'.repeat(1 << 28)).length) } };
  }
}
