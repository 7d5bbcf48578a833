package scripts

import (
	"cmp"
	"maps"
	"slices"
)

// Stats is what a pool has done so far.
type Stats struct {
	Workers  []WorkerStats // those that live, by PID
	Starts   int64         // of worker processes, the first ones and the spare included
	Ended    int64         // worker processes that are gone
	Compiles int64

	Waits     int64                // calls that had to wait for their turn
	Refusals  int64                // calls of scripts that were throttled
	LongRuns  int64                // runs that went on at low priority
	Calls     int64                // to the outside
	Kills     map[KillReason]int64 // runs that were stopped
	Low       int                  // runs at low priority just now
	Throttled int                  // scripts that are throttled now
}

// KillReason says why a run was stopped.
type KillReason string

// The limits of time end a run, or its process where the script does not notice; the limit of memory
// ends the process. A process that its parent had to kill did not do so itself.
const (
	KilledByTime   KillReason = "time"
	KilledByMemory KillReason = "memory"
	KilledLate     KillReason = "late"
	KilledByCrash  KillReason = "crash"
)

// KillReasons returns all of them.
func KillReasons() []KillReason {
	return []KillReason{KilledByTime, KilledByMemory, KilledLate, KilledByCrash}
}

// counts is what Stats adds up.
type counts struct {
	starts, ended, compiles, waits, refusals, long, calls int64
	kills                                                 map[KillReason]int64
}

func (c *counts) kill(reason KillReason) {
	if c.kills == nil {
		c.kills = make(map[KillReason]int64)
	}
	c.kills[reason]++
}

// WorkerStats is one worker process.
type WorkerStats struct {
	PID   int
	Spare bool
	Calls int64 // compilations included
}

// Stats returns the present state. It takes no turn and waits for no call.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	placed := make(map[*process]bool)
	for _, s := range p.seats {
		placed[s.process] = true
	}
	c := p.counts
	stats := Stats{
		Starts: c.starts, Ended: c.ended, Compiles: c.compiles, Waits: c.waits, Refusals: c.refusals,
		LongRuns: c.long, Calls: c.calls, Kills: maps.Clone(c.kills), Low: p.low,
	}
	for _, o := range p.owners {
		if o.throttle.isOn() {
			stats.Throttled++
		}
	}
	for w := range p.living {
		stats.Workers = append(stats.Workers, WorkerStats{PID: w.pid(), Spare: !placed[w], Calls: w.calls.Load()})
	}
	slices.SortFunc(stats.Workers, func(a, b WorkerStats) int { return cmp.Compare(a.PID, b.PID) })
	return stats
}
