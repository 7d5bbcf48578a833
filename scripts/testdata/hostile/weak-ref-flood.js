class Script {
  process_incoming_request({ request }) {
    const refs = [];
    for (let i = 0; ; i++) refs.push(new WeakRef({ i, more: 'x'.repeat(100) + i }));
  }
}
