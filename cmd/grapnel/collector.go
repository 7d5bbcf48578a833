package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// collectAt is how much the heap may grow between collections, in percent of what lives. The
// server's lives in a few MB and most of a request is garbage soon: with Go's usual 100 a tenth of
// its time went into collecting, with 200 half of that, for 5 MB more. Where more lives than largeHeap
// there is garbage enough between two collections at Go's usual pace.
const (
	collectAt      = 200
	collectLargeAt = 100
	largeHeap      = 16 << 20
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
	percent := collectAt
	if live > largeHeap {
		percent = collectLargeAt
	}
	if p.percent != percent {
		p.percent = percent
		debug.SetGCPercent(percent)
	}
}

// watchCollections looks after every collection: what it leaves behind is cleaned up by the next.
func watchCollections(p *pace) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	p.follow(live[0].Value.Uint64())
	runtime.AddCleanup(&struct{ left *pace }{p}, watchCollections, p)
}
