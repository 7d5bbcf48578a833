package confine

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// ProcessorTime is the kernel's own bound on a call, should monitor and parent both fail: the limit
// on the process's processor time, moved on from call to call. The kernel counts it in seconds, so
// it is moved on a little further than needed, and not at every call.
type ProcessorTime struct {
	limit   time.Duration
	checked time.Time
}

// checkPeriod is how long what was found stays true, about: two threads use a second in it.
const checkPeriod = 500 * time.Millisecond

// Extend gives a call that begins its share.
func (p *ProcessorTime) Extend(l wire.Limits) {
	now := time.Now()
	if now.Sub(p.checked) < checkPeriod {
		return
	}
	p.checked = now
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &usage) != nil {
		return
	}
	used := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	share := processorShare(l) + 2*checkPeriod
	if p.limit-used >= share {
		return
	}
	p.limit = (used + share + 2*time.Second).Truncate(time.Second)
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_CPU, &limit) != nil {
		return
	}
	// The hard limit stays where it is: only root could raise it again.
	limit.Cur = min(uint64(p.limit/time.Second), limit.Max) //nolint:gosec // positive
	_ = unix.Setrlimit(unix.RLIMIT_CPU, &limit)
}

// processorShare is what two threads can use until the parent should have ended the call.
func processorShare(l wire.Limits) time.Duration { return 2 * (l.Timeout + wire.ParentGrace) }

// letProcessorTimeKill takes the signal of that limit from Go's runtime, which would have to run to
// end the process. The parent learns of it as of any other signal.
func letProcessorTimeKill() {
	const sizeOfMask = 8
	var standard [64]byte // all zero, in whatever order: the default action
	_, _, _ = unix.Syscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGXCPU),
		uintptr(unsafe.Pointer(&standard)), 0, sizeOfMask, 0, 0) //nolint:gosec // lives until the call returns
}
