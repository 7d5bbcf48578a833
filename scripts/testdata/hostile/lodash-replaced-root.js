class Script {
  process_incoming_request({ request }) {
    Object.prototype.exports = Object.prototype.module = { get exports() { for (;;); } };
    Array = Object = Function = String = undefined;
    return _.map([1], (x) => x);
  }
}
