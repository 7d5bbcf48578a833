class Script {
  process_incoming_request({ request }) {
    return decodeURIComponent('%E2%82%AC'.repeat(1 << 25)).length;
  }
}
