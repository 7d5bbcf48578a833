class Script {
  process_incoming_request({ request }) {
    let code = '1';
    for (let i = 0; i < 40; i++) code = `eval(${JSON.stringify(code)})`.slice(0, 1 << 24);
    return eval(code);
  }
}
