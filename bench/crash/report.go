package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// report prints what was found.
type report struct{ out io.Writer }

func (r *report) printf(format string, args ...any) { _, _ = fmt.Fprintf(r.out, format, args...) }

func (r *report) opening(o options) {
	r.printf("%d CPUs, %s/%s, %s; %d senders; receivers: one fast, one up to %v slow, one that fails 1 call in %d, one that wants order; seed %d\n",
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), o.Senders, maxHold, failing, o.Seed)
}

// table shows how each life ended.
func (r *report) table(f findings) {
	r.printf("\n%6s  %-7s %8s %8s %8s  %9s %10s\n", "life", "ended", "after ms", "events", "calls", "under way", "made again")
	var kills, calls, underWay, again int
	for _, e := range f.ends {
		how := "stopped"
		if e.killed {
			how = "killed"
			kills++
			underWay += e.underWay
			again += e.madeAgain
		}
		calls += e.calls
		r.printf("%6d  %-7s %8d %8d %8d  %9d %10d\n", e.number, how, e.lasted.Milliseconds(), e.events, e.calls, e.underWay, e.madeAgain)
	}
	r.printf("%6s  %-7s %8s %8d %8d  %9d %10d\n", "all", fmt.Sprint(kills, "×"), "", len(f.acked), len(f.calls), underWay, again)
}

// verdicts prints the table and what became of each promise, and says whether all were kept.
func (r *report) verdicts(f findings) bool {
	r.table(f)
	r.printf("\n%d events were answered with 200 and %d messages are stored, which led to %d deliveries and %d calls; %d of these were made again.\n",
		len(f.acked), f.messages(), f.deliveries, len(f.calls), f.again)
	if len(f.odd) > 0 {
		r.printf("%d events got another answer, such as %s\n", len(f.odd), f.odd[0])
	}
	return beside.Report(r.out, f.broken)
}
