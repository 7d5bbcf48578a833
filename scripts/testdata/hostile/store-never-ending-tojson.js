// The first writing is quick, the one at the end of the call never ends.
class Script {
  process_incoming_request() {
    let asked = 0;
    Store.set('k', { toJSON() { while (asked++ > 0); return 1; } });
    throw new Error('and the method throws besides');
  }
}
