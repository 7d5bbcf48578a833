package main

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"time"

	"github.com/grapnel-chat/grapnel/bench/beside"
)

// report prints what was measured, and keeps the verdicts.
type report struct {
	out    io.Writer
	failed bool
}

func (r *report) printf(format string, args ...any) { _, _ = fmt.Fprintf(r.out, format, args...) }

func (r *report) machine(o options) {
	r.printf("%d CPUs, %s/%s, %s; %d keep-alive connections; a body of %d bytes; %d rounds of %v\n",
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), o.connections, len(beside.PushWithText()), o.rounds, o.round)
}

// heading opens a table. Its columns are those of row.
func (r *report) heading(title string) {
	r.printf("\n%s\n", title)
	r.printf("%5s  %-18s %8s %8s %8s  %7s %7s %7s  %8s  %7s %7s\n", "round", "scenario", "req/s", "p50", "p99",
		"server", "workers", "client", "alloc", "server", "workers")
	r.printf("%5s  %-18s %8s %8s %8s  %23s  %8s  %15s\n", "", "", "", "ms", "ms", "CPU µs per request", "B/req", "PSS MB")
}

func (r *report) row(round int, m measure) {
	alloc := m.allocated / float64(m.sample.Requests)
	allocText := fmt.Sprintf("%.0f", alloc)
	if math.IsNaN(alloc) {
		allocText = "n/a"
	}
	r.printf("%5d  %-18s %8.0f %8s %8s  %7.0f %7.0f %7.0f  %8s  %7.1f %7.1f\n", round, m.scenario, m.sample.PerSecond(),
		m.sample.Millis(0.50), m.sample.Millis(0.99),
		m.perRequest(m.used.Server), m.perRequest(m.used.Workers), m.perRequest(m.used.Client),
		allocText, megabytes(m.held.Server), megabytes(m.held.Workers))
}

// outgoingHeading opens the table of deliveries. Its columns are those of outgoingRow.
func (r *report) outgoingHeading() {
	r.printf("\nDeliveries: events by a hook, each to so many receivers\n")
	r.printf("%5s  %9s  %-15s %10s  %8s %8s  %9s %9s\n", "round", "receivers", "scenario", "del/s", "server", "client", "p50 ms", "p99 ms")
	r.printf("%5s  %9s  %-15s %10s  %17s  %19s\n", "", "", "", "", "CPU µs/delivery", "event→rec, half load")
}

func (r *report) outgoingRow(round, receivers int, name string, m outgoingMeasure) {
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(m.count) }
	sample := beside.Sample{Times: m.times}
	r.printf("%5d  %9d  %-15s %10.0f  %8.0f %8.0f  %9s %9s\n", round, receivers, name, m.perSecond,
		each(m.used.Server+m.used.Workers), each(m.used.Client), sample.Millis(0.50), sample.Millis(0.99))
}

// outgoingBars compares the medians of two servers.
func (r *report) outgoingBars(receivers, waiting int, idle, busy []outgoingMeasure) {
	speed := func(m outgoingMeasure) float64 { return m.perSecond }
	slow := func(m outgoingMeasure) float64 {
		return float64(beside.Sample{Times: m.times}.Percentile(0.99).Microseconds()) / 1000
	}
	of := func(all []outgoingMeasure, value func(outgoingMeasure) float64) float64 {
		values := make([]float64, len(all))
		for i, m := range all {
			values[i] = value(m)
		}
		return median(values)
	}
	to := fmt.Sprintf("to %d receivers", receivers)
	r.bar(of(idle, speed) >= deliveriesPerSecond, "%s: %.0f deliveries/s (bar: at least %d)", to, of(idle, speed), deliveriesPerSecond)
	limit := float64(deliveryTime.Milliseconds())
	r.bar(of(idle, slow) < limit, "%s: 99 %% within %.2f ms of the event at half load (bar: under %.0f)", to, of(idle, slow), limit)
	share := of(busy, speed) / of(idle, speed)
	r.bar(share >= waitingShare, "%s, %d waiting: %.2f of the speed without (bar: at least %.2f)", to, waiting, share, waitingShare)
	delay := of(busy, slow) / of(idle, slow)
	r.bar(delay <= waitingDelay, "%s, %d waiting: %.2f times the 99 %% without (bar: at most %.1f)", to, waiting, delay, waitingDelay)
}

func megabytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// bar prints a verdict.
func (r *report) bar(passed bool, format string, args ...any) {
	verdict := "PASS"
	if !passed {
		verdict, r.failed = "FAIL", true
	}
	r.printf("%s  %s\n", verdict, fmt.Sprintf(format, args...))
}

// ratio prints a ratio by round, and gives the median.
func (r *report) ratio(name string, values []float64) float64 {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprintf("%.2f", v)
	}
	m := median(values)
	r.printf("%s, by round: %s; median %.2f\n", name, strings.Join(texts, " "), m)
	return m
}
