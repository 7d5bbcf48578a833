class Script {
  process_incoming_request({ request }) {
    return String(BigInt("9".repeat(2e7))).length;
  }
}
