const trap = new Proxy({}, { has() { return true; }, get() { for (;;); } });
const run = new Function('trap', 'with (trap) { return anything; }');
class Script { process_incoming_request() { return run(trap); } }
