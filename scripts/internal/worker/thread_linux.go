package worker

import (
	"time"

	"golang.org/x/sys/unix"
)

// lowPriority is that of runs which may turn out to be long: a tenth of what the others get, where
// those want everything, so that a newcomer comes through beside them. Long ones sink deeper.
const lowPriority = 10

// thread is a thread of this process.
type thread int

func thisThread() thread { return thread(unix.Gettid()) }

// lowerThisThread gives the caller's thread a low priority, for as long as it lives. The filter
// lets a worker name no other.
func lowerThisThread() { _ = unix.Setpriority(unix.PRIO_PROCESS, 0, lowPriority) } // without it the run goes on as before

// busy is how long a processor has worked for the thread so far.
func (t thread) busy() (time.Duration, bool) {
	// How the kernel names a thread's clock: bits of the complement of its id, then "scheduler's
	// count" (2) and "of a thread" (4).
	const threadClock = 2 | 4
	var at unix.Timespec
	if unix.ClockGettime(int32(^int(t)<<3|threadClock), &at) != nil { //nolint:gosec // a thread's id is small
		return 0, false
	}
	return time.Duration(at.Nano()), true
}
