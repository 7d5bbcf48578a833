class Script {
  async process_incoming_request({ request }) {
    for (;;) { try { await fetch('http://127.0.0.1:9/'); } catch (e) { if (e instanceof ReferenceError) throw e; } }
  }
}
