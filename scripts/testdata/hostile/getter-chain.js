class Script {
  process_incoming_request({ request }) {
    let o = {}; for (let i = 0; i < 1e6; i++) { const q = o; o = { get x() { return q.x; } }; } return o.x;
  }
}
