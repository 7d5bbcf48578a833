class Script {
  process_incoming_request({ request }) {
    const map = new WeakMap();
    const keys = [];
    for (let i = 0; ; i++) { const key = {}; keys.push(key); map.set(key, keys); }
  }
}
