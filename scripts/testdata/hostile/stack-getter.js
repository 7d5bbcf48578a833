class Script {
  process_incoming_request({ request }) {
    Error.prepareStackTrace = () => { for (;;); };
    const e = new Error('x');
    Object.defineProperty(e, 'stack', { get() { for (;;); } });
    throw e;
  }
}
