package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// collectAt is how much the heap may grow between collections, in percent of what lives. The
// server's lives in a few MB and most of a request is garbage soon: with Go's usual 100 a tenth of
// its time went into collecting, with 200 half of that, for 5 MB more. What large saves and answers
// leave behind must not add up in the same way: beyond roomyHeap the heap grows less, down to Go's usual
// pace.
const (
	collectAt      = 200
	collectLargeAt = 100
	roomyHeap      = 32 << 20
	// The pace changes in steps, for each change stops the program for a moment.
	paceStep = 25
)

// tuneCollector leaves a GOGC that somebody has set as it is.
func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		watchCollections(&pace{})
	}
}

// pace is how often the collector runs.
type pace struct{ percent int }

// follow sets the pace by what lives.
func (p *pace) follow(live uint64) {
	percent := paceFor(live)
	if p.percent != percent {
		p.percent = percent
		debug.SetGCPercent(percent)
	}
}

func paceFor(live uint64) int {
	if live > roomyHeap/2 {
		return collectLargeAt
	}
	room := (roomyHeap - live) * 100 / max(live, 1)
	percent := int(min(room, collectAt)) //nolint:gosec // no more than collectAt
	return max(percent-percent%paceStep, collectLargeAt)
}

// watchCollections looks after every collection: what it leaves behind is cleaned up by the next.
func watchCollections(p *pace) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	p.follow(live[0].Value.Uint64())
	runtime.AddCleanup(&struct{ left *pace }{p}, watchCollections, p)
}
