class Script {
  async process_incoming_request({ request }) {
    await Promise.all({ [Symbol.iterator]() { return { next: () => ({ done: false, value: 1 }) }; } });
  }
}
