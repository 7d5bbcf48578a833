class Script {
  process_incoming_request({ request }) {
    const x = new Map(); for (let i = 0; ; i++) x.set(i, {});
  }
}
