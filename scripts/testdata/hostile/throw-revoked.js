class Script {
  process_incoming_request({ request }) {
    const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
    revoke();
    throw proxy;
  }
}
