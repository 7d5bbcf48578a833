class Script {
  process_incoming_request({ request }) {
    return new Function("return " + "1+".repeat(2e5) + "1")();
  }
}
