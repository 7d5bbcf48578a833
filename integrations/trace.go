package integrations

// traceHeader is the header by which services tell each other what belongs to one trace.
const traceHeader = "traceparent"

// traceOf answers a traceparent as it goes on to receivers, and nothing for one that breaks the format
// of W3C's Trace Context: 00-<32 hex digits>-<16 hex digits>-<2 hex digits>.
func traceOf(header string) string {
	const (
		length  = 55
		traceID = "00000000000000000000000000000000"
		spanID  = "0000000000000000"
	)
	if len(header) < length || header[2] != '-' || header[35] != '-' || header[52] != '-' || header[:2] == "ff" {
		return ""
	}
	if len(header) > length && (header[:2] == "00" || header[length] != '-') {
		return ""
	}
	for n, c := range []byte(header[:length]) {
		digit := c >= '0' && c <= '9' || c >= 'a' && c <= 'f'
		if !digit && n != 2 && n != 35 && n != 52 {
			return ""
		}
	}
	if header[3:35] == traceID || header[36:52] == spanID {
		return ""
	}
	return header[:length]
}
