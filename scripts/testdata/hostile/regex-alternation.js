class Script {
  process_incoming_request({ request }) {
    return new RegExp(Array.from({ length: 3e5 }, (_, i) => "a" + i).join("|") + "(?!x)").test("a1");
  }
}
