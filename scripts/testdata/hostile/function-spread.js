class Script {
  process_incoming_request({ request }) {
    return Math.max(...new Array(5e7).fill(1));
  }
}
