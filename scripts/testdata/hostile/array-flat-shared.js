class Script {
  process_incoming_request({ request }) {
    let a = [1]; for (let i = 0; i < 40; i++) a = [a, a]; return a.flat(Infinity).length;
  }
}
