package integrations

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestRecentRuns holds what is kept of runs, and that it stays within its bounds.
func TestRecentRuns(t *testing.T) {
	at := time.Date(2026, 3, 4, 11, 2, 9, 0, time.UTC)
	run := func(id string, method ScriptMethod, second int, console ...string) Run {
		return Run{IntegrationID: id, Method: method, At: at.Add(time.Duration(second) * time.Second), Console: console}
	}
	texts := func(runs []Run) (list []string) {
		for _, r := range runs {
			list = append(list, string(r.Method)+": "+strings.Join(r.Console, ","))
		}
		return list
	}
	t.Run("the latest of each method, the newest first", func(t *testing.T) {
		r := newRecentRuns()
		r.put(run("a", PrepareOutgoingRequest, 1, "old"))
		r.put(run("a", PrepareOutgoingRequest, 2, "prepared"))
		r.put(run("a", ProcessOutgoingResponse, 3, "processed"))
		r.put(run("b", ProcessIncomingRequest, 4, "other"))
		if got, want := texts(r.of("a")), []string{"process_outgoing_response: processed", "prepare_outgoing_request: prepared"}; !slices.Equal(got, want) {
			t.Errorf("of(a) = %q, want %q", got, want)
		}
		r.put(run("a", PrepareOutgoingRequest, 5, "again"))
		if got, want := texts(r.of("a")), []string{"prepare_outgoing_request: again", "process_outgoing_response: processed"}; !slices.Equal(got, want) {
			t.Errorf("of(a) = %q, want %q", got, want)
		}
		r.forget("a")
		if got := r.of("a"); got != nil {
			t.Errorf("of(a) after forget = %v", got)
		}
		if r.order.Len() != 1 || len(r.byKey) != 1 || r.bytes != len("other") {
			t.Errorf("%d runs, %d keys, %d bytes are left, want 1, 1 and 5", r.order.Len(), len(r.byKey), r.bytes)
		}
	})
	t.Run("so many at most", func(t *testing.T) {
		r := newRecentRuns()
		for n := range mostRuns + 10 {
			r.put(run(strconv.Itoa(n), ProcessIncomingRequest, n))
		}
		if r.order.Len() != mostRuns || r.of("9") != nil || r.of("10") == nil {
			t.Errorf("%d runs are kept; the oldest: %v", r.order.Len(), r.of("9"))
		}
	})
	t.Run("so much at most", func(t *testing.T) {
		r := newRecentRuns()
		line := strings.Repeat("x", mostRunConsole)
		for n := range 300 {
			r.put(run(strconv.Itoa(n), ProcessIncomingRequest, n, line, "more"))
		}
		if r.bytes > mostConsole || r.order.Len() < 250 {
			t.Errorf("%d runs with %d bytes are kept", r.order.Len(), r.bytes)
		}
		got := r.of("299")[0].Console
		if len(got) != 2 || got[0] != line || got[1] != "(the rest is not kept)" {
			t.Errorf("the latest run has %d lines, the last %q", len(got), got[len(got)-1])
		}
	})
}

// BenchmarkRecentRuns is what a run pays for being remembered.
func BenchmarkRecentRuns(b *testing.B) {
	r := newRecentRuns()
	run := Run{IntegrationID: "a", Method: ProcessIncomingRequest, Outcome: OutcomeDone, Console: []string{"one", "two"}}
	b.ReportAllocs()
	for b.Loop() {
		r.put(run)
	}
}
