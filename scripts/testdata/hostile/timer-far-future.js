class Script {
  async process_incoming_request({ request }) {
    await new Promise((done) => setTimeout(done, 2 ** 31 - 1));
  }
}
