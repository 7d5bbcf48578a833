class Script {
  process_incoming_request({ request }) {
    const next = () => Promise.resolve().then(next); next();
  }
}
