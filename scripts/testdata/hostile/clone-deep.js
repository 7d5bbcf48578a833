class Script {
  process_incoming_request({ request }) {
    let deep = {};
    for (let i = 0; i < 1e6; i++) deep = { deep };
    return structuredClone(deep);
  }
}
