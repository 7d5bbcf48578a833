package scripts

import (
	"runtime"
	"runtime/debug"
	"time"

	"github.com/dlclark/regexp2/v2"
)

const (
	// A script's garbage is collected at four times of what lives, not at twice as usual: measured,
	// the warm call is the faster for it and the process some MB larger.
	gcPercent = 300
	// Native functions of the engine recurse on Go's stack. 32 MB hold some ten thousand of them.
	maxStack = 32 << 20
)

// confine makes this process a worker's: what it may use, and how it uses that.
func confine(l Limits) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(int64(m.Sys) + l.Memory) //nolint:gosec // a few MB
	debug.SetMaxStack(maxStack)
	debug.SetTraceback("none")
	// One for the script, one for its monitor and the garbage collector.
	runtime.GOMAXPROCS(2)
	// A regular expression that takes longer finds nothing, and the script, interrupted by then,
	// never learns of it.
	regexp2.DefaultMatchTimeout = l.Timeout + 100*time.Millisecond
	time.Now().Zone() // read the time zone as long as files can be read
	limitProcess(l)
}
