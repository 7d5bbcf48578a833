package scripts

import (
	"os"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/dop251/goja"
)

// The monitor looks this often: at full speed a script allocates some 2 MB in that time.
const monitorPeriod = 2 * time.Millisecond

// monitor watches the call that is under way: it interrupts the script at its time limit, and ends
// the process when that was no use or the heap outgrew its limit. Between calls it sleeps.
type monitor struct {
	limits Limits
	heap   []metrics.Sample

	mu       sync.Mutex
	timer    *time.Timer
	awake    bool
	busy     bool
	runtime  *goja.Runtime // nil while nothing can be interrupted
	deadline time.Time
	ceiling  uint64
}

func newMonitor(l Limits) *monitor {
	m := &monitor{limits: l, heap: []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"}, // garbage included
		{Name: "/gc/heap/live:bytes"},                // as the last collection found it
	}}
	m.timer = time.AfterFunc(time.Hour, m.look)
	m.timer.Stop()
	m.measure() // the first time takes longer
	return m
}

// begin starts the clock. What other scripts keep does not count against this one's memory.
func (m *monitor) begin(r *goja.Runtime) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.busy, m.runtime = true, r
	if r != nil {
		r.ClearInterrupt() // one may have come just when the last call was done
	}
	m.deadline = time.Now().Add(m.limits.Timeout)
	_, live := m.measure()
	m.ceiling = min(live, m.limits.kept()) + uint64(m.limits.Memory) //nolint:gosec // positive
	if !m.awake {
		m.awake = true
		m.timer.Reset(monitorPeriod)
	}
}

// watch tells what to interrupt, now that the call has it.
func (m *monitor) watch(r *goja.Runtime) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.runtime = r
}

// end stops the clock. No interruption comes after it.
func (m *monitor) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.busy, m.runtime = false, nil
}

func (m *monitor) look() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.busy {
		// Under load the next call finds the monitor awake, and pays nothing for it.
		m.awake = false
		return
	}
	over := time.Since(m.deadline)
	if over > m.limits.workerEnds()-m.limits.Timeout {
		os.Exit(exitTimeout)
	}
	if over > 0 && m.runtime != nil {
		m.runtime.Interrupt(errTime)
	}
	// What is not collected yet may exceed the limit by half, what a collection left may not.
	if objects, live := m.measure(); live > m.ceiling || objects > m.ceiling+m.ceiling/2 {
		os.Exit(exitMemory)
	}
	m.timer.Reset(monitorPeriod)
}

func (m *monitor) measure() (objects, live uint64) {
	metrics.Read(m.heap)
	return m.heap[0].Value.Uint64(), m.heap[1].Value.Uint64()
}
