class Script {
  process_incoming_request({ request }) {
    Store.set({ toString() { for (;;); } }, 1);
  }
}
