class Script {
  process_incoming_request({ request }) {
    Object.defineProperty(Error, Symbol.hasInstance, { value() { for (;;); } });
    throw { message: 'no error', stack: { toString() { for (;;); } } };
  }
}
