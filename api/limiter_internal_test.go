package api

import (
	"strconv"
	"testing"
	"time"
)

func TestLimiter(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a := allowance{calls: 2, per: time.Minute}
	l := newLimiter(10)
	for n, tt := range []struct {
		key       string
		after     time.Duration
		allowed   bool
		remaining int
		reset     time.Duration
	}{
		{"a", 0, true, 1, time.Minute},
		{"a", time.Second, true, 0, time.Minute},
		{"a", 2 * time.Second, false, 0, time.Minute},
		{"b", 30 * time.Second, true, 1, 90 * time.Second},
		{"a", time.Minute - 1, false, 0, time.Minute},
		{"a", time.Minute, true, 1, 2 * time.Minute},
		{"b", 61 * time.Second, true, 0, 90 * time.Second},
		{"b", time.Hour, true, 1, time.Hour + time.Minute},
	} {
		v := l.count(tt.key, a, start.Add(tt.after))
		if want := (verdict{tt.allowed, tt.remaining, start.Add(tt.reset)}); v != want {
			t.Errorf("call %d of %s after %v = %+v, want %+v", n, tt.key, tt.after, v, want)
		}
	}
	if v := l.count("b", allowance{calls: 1, per: time.Minute}, start.Add(time.Hour)); v.allowed || v.remaining != 0 {
		t.Errorf("a call under a lower limit = %+v", v)
	}
}

// TestLimiterForgets calls from ever new addresses: what is remembered stays bounded, and a limiter
// whose windows are over remembers nothing of them.
func TestLimiterForgets(t *testing.T) {
	start := time.Now()
	a := allowance{calls: 1, per: time.Minute}
	l := newLimiter(100)
	for n := range 1000 {
		if v := l.count(strconv.Itoa(n), a, start.Add(time.Duration(n))); !v.allowed {
			t.Fatalf("call of a new address %d = %+v", n, v)
		}
	}
	if v := l.count("999", a, start.Add(time.Second)); v.allowed {
		t.Error("the newest count was forgotten")
	}
	if len(l.windows) != 100 || linked(l) != 100 {
		t.Errorf("%d windows, %d in order, want 100", len(l.windows), linked(l))
	}
	l.count("1", a, start.Add(time.Hour))
	if len(l.windows) != 1 || linked(l) != 1 {
		t.Errorf("%d windows, %d in order after an hour, want 1", len(l.windows), linked(l))
	}
}

func linked(l *limiter) (n int) {
	for w := l.oldest; w != nil; w = w.next {
		n++
	}
	return n
}

func TestNeighbourhood(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "::ffff:192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "odd": "odd",
	} {
		if got := neighbourhood(address); got != want {
			t.Errorf("neighbourhood(%s) = %s, want %s", address, got, want)
		}
	}
}
