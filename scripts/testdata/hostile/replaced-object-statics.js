class Script {
  process_incoming_request({ request }) {
    for (const name of Object.getOwnPropertyNames(Object)) { if (typeof Object[name] === 'function') Object[name] = () => { for (;;); }; }
    return { content: { text: 'x' } };
  }
}
