class Script {
  process_incoming_request({ request }) {
    throw Object.defineProperties(new Error("x"), { name: { get() { for (;;); } }, message: { get() { for (;;); } }, stack: { get() { for (;;); } } });
  }
}
