class Script {
  process_incoming_request({ request }) {
    let n = 0;
    return { get content() { for (;;) n++; } };
  }
}
