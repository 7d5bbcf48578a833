package scripts

import (
	"cmp"
	"slices"
)

// Stats is what a pool has done so far.
type Stats struct {
	Workers  []WorkerStats // those that live, by PID
	Starts   int64         // of worker processes, the first ones and the spare included
	Ended    int64         // worker processes that are gone
	Compiles int64
}

// WorkerStats is one worker process.
type WorkerStats struct {
	PID   int
	Spare bool
	Calls int64 // compilations included
}

// Stats returns the present state. It takes no turn and waits for no call.
func (p *Pool) Stats() Stats {
	placed := make(map[*process]bool)
	for _, s := range p.slots {
		placed[s.worker.Load()] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	stats := Stats{Starts: p.starts, Ended: p.ended, Compiles: p.compiled.Load()}
	for w := range p.living {
		stats.Workers = append(stats.Workers, WorkerStats{PID: w.pid(), Spare: !placed[w], Calls: w.calls.Load()})
	}
	slices.SortFunc(stats.Workers, func(a, b WorkerStats) int { return cmp.Compare(a.PID, b.PID) })
	return stats
}
