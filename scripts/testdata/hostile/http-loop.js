class Script {
  process_incoming_request({ request }) {
    for (;;) HTTP('GET', 'http://127.0.0.1:9/');
  }
}
