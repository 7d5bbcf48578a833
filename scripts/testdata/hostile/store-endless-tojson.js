// Each value that is written at the end of the call puts another one there.
let made = 0;
class Hydra {
  toJSON() {
    Store.set('head ' + made++, () => 1);
    Store.set('head ' + made++, new Hydra());
  }
}
class Script {
  process_incoming_request() {
    Store.set('body', { get head() { return Store.get('head') || Store.set('head', new Proxy([], { get: () => new Hydra() })); } });
  }
}
