Object.defineProperty(module, 'exports', { get() { for (;;); } });
class Script { process_incoming_request() { return {}; } }
