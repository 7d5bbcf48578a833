class Script {
  process_incoming_request({ request }) {
    const d = new Date(8.64e15);
    for (;;) String(d) + d.toLocaleDateString('en-US');
  }
}
