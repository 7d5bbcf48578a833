package wire

import (
	"encoding/binary"
	"strconv"
	"time"
)

// Limits bound one call. Their settings are named in what an author reads when one is reached; Wait
// has none, for it is no limit of the script's.
type Limits struct {
	Timeout    time.Duration // for loading the script and running its method
	Memory     int64         // heap that one script may fill, in bytes
	ResultSize int64         // JSON text of a method's result
	LogSize    int64         // what the script prints
	SourceSize int64         // the author's text
	WallTime   time.Duration // of a run in all, with what it waits for outside
	MaxCalls   int64         // to the outside, of one run
	Wait       time.Duration // for the turn, before the call begins
}

// DefaultLimits suit a server that many authors share.
func DefaultLimits() Limits {
	return Limits{
		Timeout:    3 * time.Second,
		Memory:     64 << 20,
		ResultSize: 1 << 20,
		LogSize:    64 << 10,
		SourceSize: 512 << 10,
		WallTime:   30 * time.Second,
		MaxCalls:   20,
		Wait:       10 * time.Second,
	}
}

// OrDefault fills in what is not set.
func (l Limits) OrDefault() Limits {
	d := DefaultLimits()
	if l.Timeout <= 0 {
		l.Timeout = d.Timeout
	}
	if l.Memory <= 0 {
		l.Memory = d.Memory
	}
	if l.ResultSize <= 0 {
		l.ResultSize = d.ResultSize
	}
	if l.LogSize <= 0 {
		l.LogSize = d.LogSize
	}
	if l.SourceSize <= 0 {
		l.SourceSize = d.SourceSize
	}
	if l.WallTime <= 0 {
		l.WallTime = max(d.WallTime, l.Timeout)
	}
	if l.MaxCalls <= 0 {
		l.MaxCalls = d.MaxCalls
	}
	if l.Wait <= 0 {
		l.Wait = d.Wait
	}
	return l
}

// How long after a limit of time its run ends where the script could not be interrupted, as native code
// does not notice: the worker ends itself, and should even that fail its parent kills it.
const (
	WorkerGrace = 250 * time.Millisecond
	ParentGrace = 500 * time.Millisecond
)

// Kept is how much heap scripts may keep between calls, all those of one worker together.
func (l Limits) Kept() uint64 { return uint64(l.Memory / 2) } //nolint:gosec // positive

// AnswerSize is the largest frame that a worker may send. All keys of Store may be removed in a call and
// as many others set, each of a few bytes with eight for their lengths.
func (l Limits) AnswerSize() int64 {
	return l.ResultSize + l.LogSize + 2*l.SourceSize + 12*StoreSize + 64<<10
}

// AnswerBody is how large the answer to a call out may be. With what the script makes of it, several
// times that has to fit into its memory.
func (l Limits) AnswerBody() int64 { return l.Memory / 16 }

// Encode makes a part of them. Wait stays with the parent.
func (l Limits) Encode() []byte {
	var b []byte
	for _, n := range []int64{int64(l.Timeout), l.Memory, l.ResultSize, l.LogSize, l.SourceSize, int64(l.WallTime), l.MaxCalls} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n)) //nolint:gosec // read back by DecodeLimits
	}
	return b
}

// DecodeLimits reads what Encode has made; what is missing is as by default.
func DecodeLimits(b []byte) Limits {
	var n [7]int64
	for i := range n {
		if len(b) >= 8 {
			n[i] = int64(binary.LittleEndian.Uint64(b)) //nolint:gosec // written by Encode
			b = b[8:]
		}
	}
	l := Limits{Timeout: time.Duration(n[0]), Memory: n[1], ResultSize: n[2], LogSize: n[3], SourceSize: n[4], WallTime: time.Duration(n[5]), MaxCalls: n[6]}
	return l.OrDefault()
}

// SizeText words a number of bytes: 64 MB, 512 KB, 100 bytes.
func SizeText(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + " MB"
	case n >= 1<<10 && n%(1<<10) == 0:
		return strconv.FormatInt(n>>10, 10) + " KB"
	}
	return strconv.FormatInt(n, 10) + " bytes"
}
