class Script {
  process_incoming_request({ request }) {
    Store.set('k'.repeat(1 << 29), 1);
    Store.set('k', 'v'.repeat(1 << 29));
    return { content: { text: String(Store.get('k').length) } };
  }
}
