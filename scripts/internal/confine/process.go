package confine

import (
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/dlclark/regexp2/v2"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

const (
	// With Go's usual 100 a warm call takes a third longer, with 300 a tenth; beyond 600 little is
	// gained, and what a busy worker holds grows with it: 13 MB more than with 300.
	gcPercent = 600
	// Native functions of the engine recurse on Go's stack: sorting, JSON, the parser.
	maxStack = 32 << 20
)

// Process makes this process a worker's: what it may use, and how it uses that. It is called once, before
// the first script: no file can be opened afterwards, and what the process holds by then does not count
// as a script's memory. It returns what the kernel should do for that and cannot.
func Process(l wire.Limits) (lacks []string) {
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
	_ = time.Now().Format(time.RFC3339) // read the time zone as long as files can be read
	// Who stops a service often signals all its processes. A worker ends when its parent is done.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	return limitProcess(l)
}
