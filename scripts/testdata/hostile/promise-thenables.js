class Script {
  process_incoming_request({ request }) {
    const t = { then(f) { f(t); } }; Promise.resolve(t); return Promise.resolve(t);
  }
}
