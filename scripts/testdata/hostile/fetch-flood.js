class Script {
  async process_incoming_request({ request }) {
    await Promise.all(Array.from({ length: 1e6 }, (_, i) => fetch('http://127.0.0.1:9/' + i)));
  }
}
