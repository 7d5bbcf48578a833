class Script {
  process_incoming_request({ request }) {
    const registry = new FinalizationRegistry(() => { for (;;); });
    for (let i = 0; ; i++) registry.register({ i }, i);
  }
}
