// What was set is small; what it has become when the call ends is not.
class Script {
  process_incoming_request() {
    const shared = {};
    Store.set('bomb', shared);
    let inner = 'x'.repeat(1000);
    for (let i = 0; i < 60; i++) inner = { a: inner, b: inner };
    shared.all = inner;
    return 'planted';
  }
}
