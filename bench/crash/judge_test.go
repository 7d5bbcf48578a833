package main

import (
	"strings"
	"testing"
)

// kept are facts under which every promise was kept: one call was under way at a kill and made again,
// another was answered with 503 and made again.
func kept() facts {
	return facts{
		sent: map[string]event{
			"a": {1, 1, "line"}, "b": {2, 2, "line"}, "c": {3, 1, "line"}, "d": {4, 1, "line"}, // of which nobody heard
		},
		acked:  map[string]bool{"a": true, "b": true},
		stored: map[string]map[string]int{"line": {"a": 1, "b": 1, "c": 1}},
		calls: []arrival{
			{1, ordered, "a", "id-a", 200},
			{1, ordered, "b", "id-b", 503},
			{1, ordered, "c", "id-c", 200},
			{2, ordered, "c", "id-c", 200},
			{2, ordered, "b", "id-b", 200}, // of another sender
		},
		lives: []life{{number: 1, killed: true, recorded: map[string]int{"id-a": 1, "id-b": 1}}},
	}
}

func TestJudge(t *testing.T) {
	tests := []struct {
		name   string
		change func(*facts)
		broken string // part of the promise; empty: none
	}{
		{"as it should be", func(*facts) {}, ""},
		{"a message was lost", func(f *facts) { f.acked["d"] = true }, "every event that was answered"},
		{"a message is there twice", func(f *facts) { f.stored["line"]["a"] = 2 }, "no event has two"},
		{"a delivery was lost", func(f *facts) { f.stored["line"]["d"] = 1 }, "reached every receiver"},
		{"a delivery failed and was not made again", func(f *facts) { f.calls = f.calls[:4] }, "reached every receiver"},
		{"a delivery of nothing", func(f *facts) { delete(f.stored["line"], "c") }, "what is not stored"},
		{"no id", func(f *facts) { f.calls[0].webhookID = "" }, "carries a webhook-id"},
		{"another id", func(f *facts) { f.calls[3].webhookID = "id-d" }, "the same webhook-id"},
		{"another id for a retry", func(f *facts) { f.calls[4].webhookID = "id-d" }, "the same webhook-id"},
		{"recorded and made again", func(f *facts) { f.lives[0].recorded["id-c"] = 1 }, "only what was under way"},
		{"made again in the same life", func(f *facts) { f.calls[3].life = 1 }, "only what was under way"},
		{"made again after a stop", func(f *facts) { f.lives[0].killed = false }, "only what was under way"},
		{"made again after the last kill", func(f *facts) { f.calls = append(f.calls, f.calls[4]) }, "only what was under way"},
		{"out of order", func(f *facts) { f.sent["b"] = event{2, 1, "line"} }, "where order is asked for"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := kept()
			tt.change(&f)
			var out strings.Builder
			passed := (&report{&out}).verdicts(judge(f))
			if passed != (tt.broken == "") {
				t.Errorf("passed: %v\n%s", passed, out.String())
			}
			for line := range strings.Lines(out.String()) {
				if failed := strings.HasPrefix(line, "FAIL"); failed != (tt.broken != "" && strings.Contains(line, tt.broken)) {
					if failed || strings.HasPrefix(line, "PASS") {
						t.Errorf("unexpected: %s", line)
					}
				}
			}
		})
	}
}

func TestEndings(t *testing.T) {
	e := judge(kept()).ends[0]
	if e.calls != 3 || e.underWay != 1 || e.madeAgain != 1 {
		t.Errorf("%d calls, %d under way, %d made again, want 3, 1, 1", e.calls, e.underWay, e.madeAgain)
	}
}
