package main

import (
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// report prints what was found.
type report struct{ out io.Writer }

func (r *report) printf(format string, args ...any) { _, _ = fmt.Fprintf(r.out, format, args...) }

func (r *report) opening(o options) {
	database := "tools/mongotest"
	if o.mongo != "" {
		database = "a MongoDB"
	}
	r.printf("%d servers at %s; %d CPUs, %s/%s, %s; %d senders; seed %d\n", o.servers, database, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), o.Senders, o.Seed)
}

// followed prints how long changes took, and says whether all were in time.
func (r *report) followed(all []followedIn) bool {
	r.printf("\nUntil all servers have it:\n")
	quick := true
	for _, f := range all {
		verdict := "PASS"
		if f.took > followBar {
			quick, verdict = false, "SLOW"
		}
		r.printf("%s  %6d ms  %s\n", verdict, f.took.Round(time.Millisecond).Milliseconds(), f.change)
	}
	return quick
}

// verdicts prints what became of each promise, and says whether all were kept.
func (r *report) verdicts(f findings) bool {
	r.printf("\n%d kills; %d events were answered with 200, %d otherwise and %d not at all; %d messages are stored.\n", f.kills, len(f.acked), len(f.odd), f.unanswered, len(f.stored))
	r.printf("%d calls reached the %d receivers; %d of them no server recorded, and %d were made again after an answer of 200.\n", len(f.calls), len(f.receivers), f.underWay, f.again)
	if len(f.odd) > 0 {
		r.printf("another answer was %s\n", f.odd[0])
	}
	return beside.Report(r.out, f.broken)
}
