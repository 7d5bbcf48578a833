class Script {
  process_incoming_request({ request }) {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }
}
