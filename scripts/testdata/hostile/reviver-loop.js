class Script {
  process_incoming_request({ request }) {
    JSON.parse('[1]', (k, v) => { for (;;); });
  }
}
