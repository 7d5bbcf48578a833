package sqlite

import (
	"errors"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/workspace"
)

func TestMemory(t *testing.T) {
	m := newMemory(func(v int) int { return v })
	lookUps := 0
	want := func(key string, answer int, answerErr error, lookedUp int) {
		t.Helper()
		got, err := m.find(key, func() (int, error) { lookUps++; return answer, answerErr })
		if got != answer || !errors.Is(err, answerErr) || lookUps != lookedUp {
			t.Errorf("find(%.9s) = %d, %v after %d look-ups, want %d, %v after %d", key, got, err, lookUps, answer, answerErr, lookedUp)
		}
	}
	want("a", 1, nil, 1)
	want("a", 1, nil, 1)
	want("b", 0, workspace.ErrNotFound, 2)
	want("b", 0, workspace.ErrNotFound, 2)
	broken := errors.New("disk is broken")
	want("c", 0, broken, 3)
	want("c", 0, broken, 4)
	m.forget()
	want("a", 2, nil, 5)
	long := strings.Repeat("x", keyLimit+1)
	want(long, 3, nil, 6)
	want(long, 3, nil, 7)
	for n := range 3 * memoryLimit {
		_, _ = m.find(strings.Repeat("y", n%keyLimit)+string(rune('0'+n)), func() (int, error) { return n, nil })
	}
	if len(m.known) > memoryLimit {
		t.Errorf("%d entries, want at most %d", len(m.known), memoryLimit)
	}
}

// TestMemoryDuringAChange has somebody look up what changes before they are done.
func TestMemoryDuringAChange(t *testing.T) {
	m := newMemory(func(v string) string { return v })
	old, _ := m.find("a", func() (string, error) {
		m.forget()
		return "old", nil
	})
	now, _ := m.find("a", func() (string, error) { return "new", nil })
	if old != "old" || now != "new" {
		t.Errorf("find = %s, then %s, want old, then new", old, now)
	}
}
