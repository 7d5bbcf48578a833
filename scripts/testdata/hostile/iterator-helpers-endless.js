class Script {
  process_incoming_request({ request }) {
    function* endless() { for (;;) yield 1; }
    return endless().map((x) => x + 1).toArray().length;
  }
}
