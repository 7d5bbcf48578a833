class Script {
  process_incoming_request({ request }) {
    request.content.self = request;
    request.headers.self = request.content;
    return { content: request };
  }
}
