class Script {
  process_incoming_request({ request }) {
    Store.set('p', new Proxy({}, { get() { for (;;); }, ownKeys() { for (;;); } }));
    return { content: Store.get('p') };
  }
}
