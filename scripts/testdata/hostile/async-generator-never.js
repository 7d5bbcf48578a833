class Script {
  async process_incoming_request({ request }) {
    async function* never() { await new Promise(() => {}); yield 1; }
    for await (const n of never()) return n;
  }
}
