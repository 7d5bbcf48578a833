package scripts

import "bytes"

// LimitsFrame is what a parent says first, for tests that start a worker without one.
func LimitsFrame(l Limits) []byte {
	var b bytes.Buffer
	w := frameWriter{to: &b}
	_ = w.send(kindLimits, l.encode()) // into memory
	return b.Bytes()
}
