class Script {
  process_incoming_request({ request }) {
    let n = 0; for (;;) n += new Date("2020-01-01T00:00:00" + "0".repeat(1e5)).getTime();
  }
}
