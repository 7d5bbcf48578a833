class Script {
  process_incoming_request({ request }) {
    const a = []; a[2 ** 31] = 1; a.splice(0, 0, 1); return a.length;
  }
}
