class Script {
  process_incoming_request({ request }) {
    for (let m = moment(); ; m = m.add(1, 'day')) m.format('LLLL').repeat(100);
  }
}
