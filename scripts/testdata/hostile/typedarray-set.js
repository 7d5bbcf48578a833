class Script {
  process_incoming_request({ request }) {
    const a = new Uint8Array(60e6); for (;;) a.set(a.map((x) => x + 1));
  }
}
