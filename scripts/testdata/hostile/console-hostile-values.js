class Script {
  process_incoming_request({ request }) {
    console.log("%s %d", new Proxy({}, { get() { for (;;); } }), { valueOf() { for (;;); } });
  }
}
