class Script {
  process_incoming_request({ request }) {
    Function.prototype.call = Function.prototype.apply = function () { for (;;); };
    Reflect.apply = () => { for (;;); };
    return { content: { text: 'x' } };
  }
}
