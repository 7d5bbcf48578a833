let kept = [];
class Script {
  process_incoming_request({ request }) {
    for (let i = 0; i < 20; i++) kept.push('x'.repeat(1e6));
    return kept.length;
  }
}
