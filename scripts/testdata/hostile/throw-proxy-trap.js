class Script {
  process_incoming_request({ request }) {
    throw new Proxy({}, { getPrototypeOf() { for (;;); }, get() { for (;;); } });
  }
}
