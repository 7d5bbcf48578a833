class Script {
  process_incoming_request({ request }) {
    return [..."a".repeat(3e6).matchAll(/(?=(a*))/g)].length;
  }
}
