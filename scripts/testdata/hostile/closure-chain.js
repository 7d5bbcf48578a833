class Script {
  process_incoming_request({ request }) {
    let f = () => 1; for (let i = 0; i < 1e6; i++) { const g = f; f = () => g(); } return f();
  }
}
