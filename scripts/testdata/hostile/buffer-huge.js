class Script {
  process_incoming_request({ request }) {
    return Buffer.alloc(2 ** 31).toString('hex').length;
  }
}
