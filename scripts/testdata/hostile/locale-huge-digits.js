class Script {
  process_incoming_request({ request }) {
    return (1e21).toLocaleString('en-US', { minimumFractionDigits: 100, maximumFractionDigits: 100, minimumIntegerDigits: 21 }).repeat(1 << 26);
  }
}
