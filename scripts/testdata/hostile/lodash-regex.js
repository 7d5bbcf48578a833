class Script {
  process_incoming_request({ request }) {
    return _.words('a'.repeat(1e6) + '\ud800', /(a+)+$/);
  }
}
