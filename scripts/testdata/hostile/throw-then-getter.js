class Script {
  async process_incoming_request({ request }) {
    throw { get then() { for (;;); }, get message() { for (;;); } };
  }
}
