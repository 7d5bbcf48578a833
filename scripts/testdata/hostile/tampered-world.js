class Script {
  process_incoming_request({ request }) {
    for (const k of Object.getOwnPropertyNames(globalThis)) { try { globalThis[k] = undefined; } catch {} } Object.prototype.toJSON = () => { throw 1; }; Object.setPrototypeOf = null; return { content: 1 };
  }
}
