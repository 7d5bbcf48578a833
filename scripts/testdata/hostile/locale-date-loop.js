class Script {
  process_incoming_request({ request }) {
    for (;;) new Date().toLocaleString('en-US', { timeZone: 'Europe/Bucharest', dateStyle: 'full', timeStyle: 'long' });
  }
}
