class Script {
  process_incoming_request({ request }) {
    [1, 2, 3].sort(() => { for (;;); });
  }
}
