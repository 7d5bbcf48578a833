class Script {
  async process_incoming_request({ request }) {
    for (let i = 0; i < 1e7; i++) setTimeout(() => {}, 1e9);
    await new Promise((done) => setTimeout(done, 1));
  }
}
