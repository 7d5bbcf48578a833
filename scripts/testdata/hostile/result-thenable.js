class Script {
  process_incoming_request({ request }) {
    return { then() { for (;;); } };
  }
}
