class Script {
  process_incoming_request({ request }) {
    let p = {}; for (let i = 0; i < 2e6; i++) p = new Proxy(p, {}); return p.x;
  }
}
