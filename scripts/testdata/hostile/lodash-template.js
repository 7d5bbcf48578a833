class Script {
  process_incoming_request({ request }) {
    return _.template('<% for (;;); %>')();
  }
}
