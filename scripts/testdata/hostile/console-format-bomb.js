class Script {
  process_incoming_request({ request }) {
    console.log('%s'.repeat(1e6), ...Array(5e4).fill({ toString() { return 'x'.repeat(1e6); } }));
    return {};
  }
}
