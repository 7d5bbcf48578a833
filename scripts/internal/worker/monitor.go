package worker

import (
	"os"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

const (
	// The monitor looks at a run this often: at full speed a script allocates some 2 MB in that time.
	monitorPeriod = 2 * time.Millisecond
	// It first looks at one after this, at the latest. Nearly all runs have ended by then, and a look
	// costs a processor about a quarter of a short run: it wakes threads that sleep again at once.
	firstLook = 4 * monitorPeriod
)

// monitor watches the call that is under way: it interrupts the script at its limits of time, and
// ends the process when that was no use or the heap outgrew its limit. It says when a run is long.
// Between calls it sleeps.
type monitor struct {
	limits   wire.Limits
	announce func(wire.Lowered) // that the run goes on at low priority
	heap     []metrics.Sample

	mu      sync.Mutex
	timer   *time.Timer
	awake   bool
	busy    bool
	runtime *goja.Runtime // nil while nothing can be interrupted
	thread  thread        // on which calls are served
	lowered bool          // it has the lowest priority
	told    bool          // that it is low: it waits
	pressed bool          // that it is long: it has kept a processor busy

	began    time.Time
	waits    time.Time     // since when the script waits; zero while it runs
	waited   time.Duration // before that
	ceiling  uint64
	live     uint64 // heap, as the last collection left it
	peak     uint64
	atBegin  time.Duration // what the thread had worked when the run began, or a little later
	measured bool          // atBegin is set
	halted   error         // what the script was interrupted with
}

func newMonitor(l wire.Limits, announce func(wire.Lowered)) *monitor {
	m := &monitor{limits: l, announce: announce, heap: []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, // garbage included
		{Name: "/gc/heap/live:bytes"},                // as the last collection found it
	}}
	m.timer = time.AfterFunc(time.Hour, m.look)
	m.timer.Stop()
	m.measure() // the first time takes longer
	return m
}

// serveOn tells on which thread calls are served from now on.
func (m *monitor) serveOn(t thread) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.thread, m.lowered = t, false
}

// begin starts the clock, on the thread of the call. What other scripts keep does not count against
// this one's memory. A run may begin at low priority.
func (m *monitor) begin(r *goja.Runtime, low bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.busy, m.runtime = true, r
	if r != nil {
		r.ClearInterrupt() // one may have come just when the last call was done
	}
	m.began, m.waits, m.waited = time.Now(), time.Time{}, 0
	m.peak, m.measured, m.halted, m.told, m.pressed = 0, false, nil, false, false
	m.ceiling = min(m.live, m.limits.Kept()) + uint64(m.limits.Memory) //nolint:gosec // positive
	if low {
		m.lowered = true
		lowerThisThread()
		m.spent()
	}
	if !m.awake {
		m.awake = true
		m.timer.Reset(firstLook)
	}
}

// watch tells what to interrupt, now that the call has it.
func (m *monitor) watch(r *goja.Runtime) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.runtime = r
}

// end stops the clock. No interruption comes after it.
func (m *monitor) end() wire.Effort {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.busy, m.runtime = false, nil
	m.measure()
	e := wire.Effort{Took: m.ran(time.Now()), Memory: int64(m.peak)} //nolint:gosec // far smaller
	if m.lowered {
		e.Busy = m.spent()
	}
	return e
}

// isLowered says whether the thread that calls are served on has lost its priority for good.
func (m *monitor) isLowered() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lowered
}

// haltedBy returns what the script was interrupted with, if it was.
func (m *monitor) haltedBy() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.halted
}

// pause stops the script's clock while it waits, and returns the time by which it must go on. Who
// waits runs at low priority afterwards.
func (m *monitor) pause() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.lowered {
		m.lowered = true
		lowerThisThread()
	}
	if !m.told {
		m.told = true
		m.announce(wire.Lowered{Thread: int(m.thread)})
	}
	m.waits = time.Now()
	return m.wallEnd()
}

// resume starts the clock again. Whoever waited beyond the wall time is interrupted.
func (m *monitor) resume() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.waited += now.Sub(m.waits)
	m.waits = time.Time{}
	m.interrupt(now)
}

func (m *monitor) look() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.busy {
		// Under load the next call finds the monitor awake, and pays nothing for it.
		m.awake = false
		return
	}
	now := time.Now()
	m.interrupt(now)
	m.exitIfLate(now)
	m.measure()
	// What is not collected yet may exceed the limit by half, what a collection left may not.
	if m.live > m.ceiling || m.peak > m.ceiling+m.ceiling/2 {
		os.Exit(wire.ExitMemory)
	}
	if m.isLong(now) {
		m.lowered, m.told, m.pressed = true, true, true
		m.announce(wire.Lowered{Thread: int(m.thread), Busy: true}) // the parent lowers the thread
	}
	m.timer.Reset(m.nextLook(now))
}

// nextLook is how long the monitor sleeps. A run that has just begun is most likely one of many that
// are short.
func (m *monitor) nextLook(now time.Time) time.Duration {
	if now.Sub(m.began) < monitorPeriod {
		return firstLook - monitorPeriod
	}
	return monitorPeriod
}

// interrupt stops the script if it reached a limit of time.
func (m *monitor) interrupt(now time.Time) {
	switch {
	case !now.Before(m.wallEnd()):
		m.halted = errWallTime
	case m.ran(now) > m.limits.Timeout:
		m.halted = errTime
	default:
		return
	}
	if m.runtime != nil {
		m.runtime.Interrupt(m.halted)
	}
}

// exitIfLate ends the process when the interruption was no use.
func (m *monitor) exitIfLate(now time.Time) {
	switch {
	case now.Sub(m.wallEnd()) > wire.WorkerGrace:
		os.Exit(wire.ExitWallTime)
	case m.ran(now) > m.limits.Timeout+wire.WorkerGrace:
		os.Exit(wire.ExitTimeout)
	}
}

// ran is how long the script has run, what it waited for aside.
func (m *monitor) ran(now time.Time) time.Duration {
	ran := now.Sub(m.began) - m.waited
	if !m.waits.IsZero() {
		ran -= now.Sub(m.waits)
	}
	return ran
}

func (m *monitor) wallEnd() time.Time { return m.began.Add(m.limits.WallTime) }

// isLong says whether the run has used its turn up. What counts is how long a processor worked for
// it: a run that a busy machine keeps waiting is not long.
func (m *monitor) isLong(now time.Time) bool {
	spent := m.spent() // the first time makes it begin
	if m.pressed || !m.waits.IsZero() {
		return false
	}
	return m.ran(now) >= wire.LongRun && spent >= wire.LongRun-firstLook-monitorPeriod
}

// spent is how long a processor worked for the run, from when this was first asked. Where nobody
// can say, it is the time that has passed.
func (m *monitor) spent() time.Duration {
	busy, ok := m.thread.busy()
	if !ok {
		return m.ran(time.Now())
	}
	if !m.measured {
		m.atBegin, m.measured = busy, true
	}
	return busy - m.atBegin
}

// worked is how long a processor has worked for the run, where that is known.
func (m *monitor) worked() (time.Duration, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	busy, ok := m.thread.busy()
	return busy - m.atBegin, ok && m.measured
}

// measure notes how large the heap is.
func (m *monitor) measure() {
	metrics.Read(m.heap)
	m.peak = max(m.peak, m.heap[0].Value.Uint64())
	m.live = m.heap[1].Value.Uint64()
}

// kept is what the last collection left of the heap, by what was last measured.
func (m *monitor) kept() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.live
}

// collect collects garbage and returns what is left.
func (m *monitor) collect() uint64 {
	runtime.GC()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.measure()
	return m.live
}
