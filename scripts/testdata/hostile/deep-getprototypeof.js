class Script {
  process_incoming_request({ request }) {
    const h = { getPrototypeOf() { return Object.getPrototypeOf(p); } }; const p = new Proxy({}, h); return p instanceof Array;
  }
}
