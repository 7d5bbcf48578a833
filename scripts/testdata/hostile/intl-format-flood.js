class Script {
  process_incoming_request({ request }) {
    const kept = [];
    for (;;) kept.push(new Intl.DateTimeFormat('en-US', { timeZone: 'Asia/Tokyo' }), new Intl.NumberFormat('en-US'));
  }
}
