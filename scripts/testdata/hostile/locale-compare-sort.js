class Script {
  process_incoming_request({ request }) {
    const words = Array.from({ length: 1e6 }, (_, i) => String.fromCharCode(97 + i % 26).repeat(i % 100));
    for (;;) words.sort((a, b) => b.localeCompare(a));
  }
}
