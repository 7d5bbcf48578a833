class Script {
  async process_incoming_request({ request }) {
    await fetch({ get url() { for (;;); }, toString() { for (;;); } }, { get method() { for (;;); }, headers: new Proxy({}, { ownKeys() { for (;;); } }) });
  }
}
