class Script {
  process_incoming_request({ request }) {
    const a = []; a.length = 2 ** 32 - 1; return a.sort().length;
  }
}
