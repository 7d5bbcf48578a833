class Script {
  process_incoming_request({ request }) {
    return JSON.stringify({ a: 1 }, function (k, v) { return { deeper: { v } }; });
  }
}
