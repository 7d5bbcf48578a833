package main

import (
	"strings"
	"testing"
)

// kept are facts under which every promise was kept: one call was under way at a kill and made again,
// another was answered with 503 and made again.
func kept() facts {
	call := func(event, id string, status int) arrival {
		return arrival{delivered: delivered{"/x", event}, webhookID: id, status: status}
	}
	return facts{
		acked:  map[string]bool{"a": true, "b": true},
		stored: map[string]int{"a": 1, "b": 1, "c": 1}, // nobody heard of c, but it is there
		calls: []arrival{
			call("a", "id-a", 200), call("b", "id-b", 503), call("c", "id-c", 200),
			call("c", "id-c", 200), call("b", "id-b", 200),
		},
		recorded:  map[string]int{"id-a": 1, "id-b": 2, "id-c": 1},
		receivers: []string{"/x"},
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
		{"a message is there twice", func(f *facts) { f.stored["a"] = 2 }, "no event has two"},
		{"a delivery was lost", func(f *facts) { f.receivers = append(f.receivers, "/y") }, "reached every receiver"},
		{"a delivery failed and was not made again", func(f *facts) { f.calls = f.calls[:4] }, "reached every receiver"},
		{"a delivery of nothing", func(f *facts) { delete(f.stored, "c") }, "what is not stored"},
		{"no id", func(f *facts) { f.calls[0].webhookID = "" }, "carries a webhook-id"},
		{"another id", func(f *facts) { f.calls[3].webhookID = "id-d" }, "the same webhook-id"},
		{"another id for a retry", func(f *facts) { f.calls[4].webhookID, f.recorded["id-e"] = "id-e", 1 }, "the same webhook-id"},
		{"recorded and made again", func(f *facts) { f.recorded["id-c"] = 2 }, "only what was under way"},
		{"made again more often than under way", func(f *facts) { f.calls, f.recorded["id-c"] = append(f.calls, f.calls[3]), 2 }, "only what was under way"},
		{"made again without a kill", func(f *facts) { f.calls[3].quiet = true }, "before the first kill"},
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
				failed := strings.HasPrefix(line, "FAIL")
				if wanted := tt.broken != "" && strings.Contains(line, tt.broken); failed != wanted && (failed || strings.HasPrefix(line, "PASS")) {
					t.Errorf("unexpected: %s", line)
				}
			}
		})
	}
}
