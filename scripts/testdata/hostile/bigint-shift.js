class Script {
  process_incoming_request({ request }) {
    return String((1n << (2n ** 33n)) % 7n);
  }
}
