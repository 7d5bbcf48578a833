class Script {
  process_incoming_request({ request }) {
    return (1).toLocaleString({ toString() { for (;;); } }, new Proxy({}, { get() { for (;;); } }));
  }
}
