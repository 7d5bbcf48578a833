class Script {
  process_incoming_request({ request }) {
    let s = "1"; for (let i = 0; i < 30; i++) s = "(a=" + s + ")=>1"; return new Function(s);
  }
}
