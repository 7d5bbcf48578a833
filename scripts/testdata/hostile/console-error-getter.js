class Script {
  process_incoming_request({ request }) {
    const e = new Error("x"); Object.defineProperty(e, "message", { get() { console.log(e); return "y"; } }); console.log(e);
  }
}
