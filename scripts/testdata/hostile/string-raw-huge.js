class Script {
  process_incoming_request({ request }) {
    return String.raw({ raw: { length: 2 ** 40 } }).length;
  }
}
