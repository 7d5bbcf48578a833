class Script {
  process_incoming_request({ request }) {
    const s = "x".repeat(10e6); for (let i = 0; i < 1e4; i++) console.log(s, s);
  }
}
