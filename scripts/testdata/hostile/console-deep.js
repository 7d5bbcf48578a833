class Script {
  process_incoming_request({ request }) {
    let deep = {};
    for (let i = 0; i < 1e5; i++) deep = { deep };
    for (let i = 0; i < 100; i++) console.log(deep);
    return {};
  }
}
