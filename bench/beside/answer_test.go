package beside

import (
	"maps"
	"slices"
	"testing"
)

func TestAnswers(t *testing.T) {
	var a Answers
	for _, tt := range []struct {
		event  string
		status int
		answer string
		acks   bool
	}{
		{"event 1", 200, `{"success":true}`, true},
		{"event 2", 200, "", true}, // its body did not come through
		{"event 3", 503, "busy", false},
		{"event 4", 0, "", false},
	} {
		if got := a.Note(tt.event, tt.status, []byte(tt.answer)); got != tt.acks {
			t.Errorf("Note(%s, %d) = %v, want %v", tt.event, tt.status, got, tt.acks)
		}
	}
	acked, odd := a.All()
	if !maps.Equal(acked, map[string]bool{"event 1": true, "event 2": true}) || a.Acknowledged() != 2 {
		t.Errorf("acknowledged: %d, %v", a.Acknowledged(), acked)
	}
	if !slices.Equal(odd, []string{"event 3: 503 busy"}) {
		t.Errorf("odd: %q", odd)
	}
}
