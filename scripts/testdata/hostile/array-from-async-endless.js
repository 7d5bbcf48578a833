class Script {
  async process_incoming_request({ request }) {
    await Array.fromAsync({ [Symbol.asyncIterator]() { return { next: async () => ({ done: false, value: 1 }) }; } });
  }
}
