class Script {
  process_incoming_request({ request }) {
    return structuredClone(new Proxy([], { get(t, k) { return k === 'length' ? 2 ** 53 - 1 : 1; } }));
  }
}
