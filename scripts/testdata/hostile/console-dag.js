class Script {
  process_incoming_request({ request }) {
    let o = [1, 1]; for (let i = 0; i < 40; i++) o = [o, o]; console.log(o);
  }
}
