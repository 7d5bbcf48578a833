// Arithmetic and nothing else.
class Script {
  process_incoming_request() {
    let sum = 0;
    for (let i = 0; i < 100000; i++) sum = (sum * 31 + i) % 1000003;
    return { content: { text: `sum ${sum}` } };
  }
}
