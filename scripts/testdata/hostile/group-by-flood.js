class Script {
  process_incoming_request({ request }) {
    return Object.groupBy({ *[Symbol.iterator]() { for (let i = 0; ; i++) yield i; } }, (x) => 'k' + x);
  }
}
