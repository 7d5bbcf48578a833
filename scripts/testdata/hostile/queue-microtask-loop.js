class Script {
  async process_incoming_request({ request }) {
    const again = () => queueMicrotask(again);
    again();
    await new Promise(() => {});
  }
}
