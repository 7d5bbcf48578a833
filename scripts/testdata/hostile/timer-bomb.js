class Script {
  async process_incoming_request({ request }) {
    const again = () => { setTimeout(again, 0); setTimeout(again, 0); };
    again();
    await new Promise(() => {});
  }
}
