package sqlite

import (
	"errors"
	"maps"
	"slices"
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

func TestMemoryWeighs(t *testing.T) {
	m := newWeighedMemory(func(v int) int { return v }, func(v int) int { return v }, 10)
	known := func(want ...string) {
		t.Helper()
		weight := 0
		for _, o := range m.known {
			weight += o.value
		}
		if got := slices.Sorted(maps.Keys(m.known)); !slices.Equal(got, want) || m.weight != weight {
			t.Errorf("known = %q of weight %d, want %q of weight %d", got, m.weight, want, weight)
		}
	}
	find := func(key string, weight int) { _, _ = m.find(key, func() (int, error) { return weight, nil }) }
	find("a", 4)
	find("b", 5)
	known("a", "b")
	m.forgetOne("a")
	m.forgetOne("not there")
	known("b")
	find("c", 5)
	known("b", "c")
	find("d", 1)
	known("d")
	m.forget()
	find("e", 10)
	known("e")
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
