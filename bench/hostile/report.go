package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// report is what was found, and prints it.
type report struct {
	out           io.Writer
	quiet, stormy phase
	bars          bool             // missing one fails the run
	warm          int              // good calls before all others
	failures      []beside.Failure // of good calls, since the attack began
	outcomes      []outcome
	newcomers     newcomers
	warmest, peak memory // the most that the server held before the attack, and during it
	before, after memory // what it held before the attack, and some time after it
	failed        bool
}

func (r *report) printf(format string, args ...any) { _, _ = fmt.Fprintf(r.out, format, args...) }

func (r *report) begin(o options, scripts int) {
	r.warm = o.warm
	r.printf("%d hostile scripts, %d at a time; %d good hooks, %.0f calls per second\n", scripts, o.atATime, o.good, o.rate)
	r.printf("%-30s %8s %8s %9s %9s  %s\n", "script", "save ms", "call ms", "worker MB", "server MB", "outcome")
}

// end takes in the good calls of a round.
func (r *report) end(round int, quiet, stormy phase) {
	r.printf("round %d: quiet %v; under attack %v\n", round+1, quiet, stormy)
	r.quiet, r.stormy = r.quiet.and(quiet), r.stormy.and(stormy)
	r.failures = append(r.failures, stormy.failures...)
}

func (p phase) String() string {
	return fmt.Sprintf("%d good calls, p50 %s ms, p99 %s ms, beside flushes of p50 %s ms, p99 %s ms", p.calls.Requests,
		p.calls.Millis(0.5), p.calls.Millis(0.99), p.flushes.Millis(0.5), p.flushes.Millis(0.99))
}

// arrived takes in the newcomers of a round.
func (r *report) arrived(n newcomers) {
	r.newcomers.saves = slices.Sorted(slices.Values(slices.Concat(r.newcomers.saves, n.saves)))
	r.newcomers.calls = slices.Sorted(slices.Values(slices.Concat(r.newcomers.calls, n.calls)))
	r.newcomers.failures = append(r.newcomers.failures, n.failures...)
}

// memory is what the server's process holds in bytes, its workers not.
type memory int64

func (m memory) String() string { return fmt.Sprintf("%.1f MB", megabytes(int64(m))) }

// rest notes what the server holds before the attack.
func (r *report) rest(server *beside.Process) (err error) {
	if r.warmest, r.before, err = held(server); err != nil {
		return err
	}
	r.printf("server: %v after as many good scripts of the same lengths and %d good calls; %v at most meanwhile\n", r.before, r.warm, r.warmest)
	return beside.ForgetPeak(server.PID())
}

// settle notes what it holds after the attack.
func (r *report) settle(server *beside.Process) (err error) {
	r.peak, r.after, err = held(server)
	return err
}

func held(server *beside.Process) (peak, now memory, err error) {
	size, err := beside.SizeOf(server.PID())
	return memory(size.Peak), memory(size.Now), err
}

func (r *report) row(o outcome) {
	text := fmt.Sprintf("%d %s", o.status, firstLine(o.text))
	if o.unclear != nil {
		text = "UNCLEAR: " + firstLine(o.unclear.Error())
	}
	r.printf("%-30s %8d %8d %9.1f %9.1f  %.110s\n",
		o.name, o.save.Milliseconds(), o.call.Milliseconds(), megabytes(o.worker), megabytes(o.server), text)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func megabytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// verdicts prints how the server did, and says whether it passed.
func (r *report) verdicts() (passed bool) {
	var unclear []string
	var largest int64
	for _, o := range r.outcomes {
		if o.unclear != nil {
			unclear = append(unclear, o.name)
		}
		largest = max(largest, o.worker)
	}
	quiet, stormy := r.quiet.calls.Percentile(0.99), r.stormy.calls.Percentile(0.99)
	r.printf("\nlargest worker %.1f MB\n", megabytes(largest))
	r.verdict(len(unclear) == 0, "%d of %d hostile scripts ended with a clear answer; not: %s",
		len(r.outcomes)-len(unclear), len(r.outcomes), strings.Join(unclear, " "))
	r.verdict(len(r.failures) == 0, "%d good calls, %d failures (bar: none)", r.stormy.calls.Requests, len(r.failures))
	for _, f := range r.failures[:min(len(r.failures), 3)] {
		r.printf("      after %v: %v\n", f.At, f.Err)
	}
	saves, calls := beside.Sample{Times: r.newcomers.saves}, beside.Sample{Times: r.newcomers.calls}
	r.verdict(len(r.newcomers.failures) == 0, "%d good hooks made under attack, %d failures (bar: none); save p50 %s ms, p99 %s ms; first call p50 %s ms, p99 %s ms",
		len(saves.Times), len(r.newcomers.failures), saves.Millis(0.5), saves.Millis(0.99), calls.Millis(0.5), calls.Millis(0.99))
	for _, err := range r.newcomers.failures[:min(len(r.newcomers.failures), 3)] {
		r.printf("      %v\n", err)
	}
	r.bar(stormy < slowest, "good calls: p50 %s ms, p99 %s ms (bar: under %v)", r.stormy.calls.Millis(0.5), r.stormy.calls.Millis(0.99), slowest)
	r.bar(stormy < slowdown*quiet, "good calls: p99 is %.1f times the quiet %s ms (bar: under %d)",
		float64(stormy)/float64(quiet), r.quiet.calls.Millis(0.99), slowdown)
	r.printf("      of a good call one flush is the disk's: p99 %s ms beside the attack, %s ms in quiet\n",
		r.stormy.flushes.Millis(0.99), r.quiet.flushes.Millis(0.99))
	r.bar(float64(r.after) <= growth*float64(r.before), "server: %v some time after the attack, %v before it (bar: at most %.0f%% more)",
		r.after, r.before, 100*(growth-1))
	r.bar(r.peak <= r.before+headroom, "server: %v at most during the attack, %v more than before it (bar: at most %v more; %v more while good scripts were saved)",
		r.peak, r.peak-r.before, memory(headroom), r.warmest-r.before)
	return !r.failed
}

func (r *report) verdict(passed bool, format string, args ...any) {
	word := "PASS"
	if !passed {
		word, r.failed = "FAIL", true
	}
	r.printf("%s  %s\n", word, fmt.Sprintf(format, args...))
}

// bar is a verdict on what another load on the machine changes as well: it fails the run where the bars
// were asked for.
func (r *report) bar(passed bool, format string, args ...any) {
	if passed || r.bars {
		r.verdict(passed, format, args...)
		return
	}
	r.printf("MISS  %s\n", fmt.Sprintf(format, args...))
}
