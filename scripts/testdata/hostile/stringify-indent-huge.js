class Script {
  process_incoming_request({ request }) {
    let deep = [];
    for (let i = 0; i < 5000; i++) deep = [deep];
    return { content: { text: JSON.stringify(deep, null, 10) } };
  }
}
