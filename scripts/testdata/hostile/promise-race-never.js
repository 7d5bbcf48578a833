class Script {
  async process_incoming_request({ request }) {
    await Promise.race([new Promise(() => {}), new Promise(() => {})]);
  }
}
