class Script {
  async process_incoming_request({ request }) {
    async function* endless() { for (;;) yield 1; }
    let sum = 0;
    for await (const n of endless()) sum += n;
    return { content: { text: String(sum) } };
  }
}
