class Script {
  process_incoming_request({ request }) {
    return new RegExp("((a{1,100}){1,100}){1,100}(?=b)").test("a".repeat(100));
  }
}
