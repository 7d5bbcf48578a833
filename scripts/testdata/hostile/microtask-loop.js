class Script {
  async process_incoming_request({ request }) {
    const again = () => Promise.resolve().then(again);
    again();
    await new Promise(() => {});
  }
}
