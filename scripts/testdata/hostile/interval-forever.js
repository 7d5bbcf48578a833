class Script {
  async process_incoming_request({ request }) {
    if (typeof setInterval === 'undefined') throw new ReferenceError('setInterval is not defined');
    await new Promise(() => setInterval(() => {}, 0));
  }
}
