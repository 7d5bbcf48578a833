class Script {
  process_incoming_request({ request }) {
    return Array.from({ length: 2 ** 32 }, () => 1).length;
  }
}
