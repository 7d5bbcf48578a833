class Script {
  process_incoming_request({ request }) {
    return new RegExp("(?:" + "[a-z]{1000}".repeat(1000) + ")*").test("a");
  }
}
