class Script {
  process_incoming_request({ request }) {
    for (let i = 0; i < 1e6; i++) { try { HTTP('POST', 'http://127.0.0.1:9/' + i, { data: { i } }); } catch (e) { if (e instanceof ReferenceError) throw e; } }
    return { content: { text: 'done' } };
  }
}
