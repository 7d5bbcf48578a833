class Script {
  process_incoming_request({ request }) {
    let c = class {}; for (let i = 0; i < 1e6; i++) c = class extends c {}; return new c();
  }
}
