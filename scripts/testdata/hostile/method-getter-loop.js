class Script {
  get process_incoming_request() { for (;;); }
}
