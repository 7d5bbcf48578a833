class Script {
  process_incoming_request({ request }) {
    return new TextDecoder().decode(new Uint8Array(1 << 30)).length;
  }
}
