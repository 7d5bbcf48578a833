class Script {
  process_incoming_request({ request }) {
    for (;;) console.log(request);
  }
}
