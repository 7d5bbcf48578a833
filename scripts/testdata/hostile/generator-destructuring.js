class Script {
  process_incoming_request({ request }) {
    function* g() { for (;;) yield 1; } const [...all] = g(); return all.length;
  }
}
