package scripts

import "bytes"

// ParentGrace is how long after a limit of time a late worker is killed.
const ParentGrace = parentGrace

// LimitsFrame is what a parent says first, for tests that start a worker without one.
func LimitsFrame(l Limits) []byte {
	var b bytes.Buffer
	w := frameWriter{to: &b}
	_ = w.send(kindLimits, l.encode()) // into memory
	return b.Bytes()
}
