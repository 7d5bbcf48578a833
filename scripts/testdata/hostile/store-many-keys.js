// Keys whose values have no text do not count against the room for texts.
class Script {
  process_incoming_request() {
    for (let i = 0; ; i++) Store.set('key ' + i + 'x'.repeat(1000), () => i);
  }
}
