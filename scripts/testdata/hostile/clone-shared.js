class Script {
  process_incoming_request({ request }) {
    let shared = [1];
    for (let i = 0; i < 40; i++) shared = [shared, shared];
    return structuredClone(shared).length;
  }
}
