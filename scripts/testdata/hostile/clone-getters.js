class Script {
  process_incoming_request({ request }) {
    return structuredClone({ get a() { for (;;); } });
  }
}
