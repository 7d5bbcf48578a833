// The key is an object that sets the same key while it is asked for its name; the end of the call throws.
class Script {
  process_incoming_request() {
    const key = { toString() { Store.set('k', 1); Store.get = Store.set = null; return 'k'; } };
    const set = Store.set;
    set(key, { later: {} });
    const value = { get x() { throw new Proxy({}, { get() { while (true); } }); } };
    set('v', { toJSON() { return this.armed ? value : 1; }, get armed() { return made++ > 0; } });
  }
}
let made = 0;
