package delivery

import (
	"testing"
	"time"
)

func TestBreaker(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	var b breaker
	want := func(seconds float64, want admission) {
		t.Helper()
		if got := b.admits(at(seconds)); got != want {
			t.Errorf("after %v s it admits %v, want %v", seconds, got, want)
		}
	}
	fail := func(seconds float64, times int) {
		t.Helper()
		for range times {
			if b.failed(at(seconds), false, 0) {
				t.Errorf("opened after %d failures", b.failures)
			}
		}
	}
	fail(0, 9)
	b.succeeded()
	fail(0, 9)
	want(0, everybody)
	if !b.failed(at(0), false, 0) {
		t.Error("the tenth failure in a row does not open it")
	}
	fail(0.5, 3) // these were under way
	want(0.9, nobody)
	want(1, probe)
	pause := 1.0
	for _, next := range []float64{2, 4, 8, 16, 32, 60, 60} {
		b.probing = true
		want(pause, nobody)
		if b.failed(at(pause), true, 0) {
			t.Error("a probe that fails opens it anew")
		}
		want(pause+next-0.001, nobody)
		want(pause+next, probe)
		pause += next
	}
	b.probing = true
	b.unused()
	want(pause, probe)
	b.succeeded()
	want(pause, everybody)
	if b.failed(at(pause), true, 0) || b.admits(at(pause)) != everybody {
		t.Error("one failure opened it, although it was closed meanwhile")
	}
}

func TestBreakerSpreads(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, spread := range []float64{-1, 1} {
		b := breaker{failures: mostFailures - 1}
		b.failed(start, false, spread)
		if got, want := b.until.Sub(start), time.Second+time.Duration(spread*0.1*float64(time.Second)); got != want {
			t.Errorf("spread %v: open for %v, want %v", spread, got, want)
		}
	}
}

func TestBreakerIsShut(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var b breaker
	b.shut(start.Add(time.Minute))
	b.shut(start.Add(time.Second))
	b.succeeded() // a call that began before
	if b.admits(start.Add(59*time.Second)) != nobody || b.admits(start.Add(time.Minute)) != everybody {
		t.Errorf("%+v does not wait for the later of two times", b)
	}
	b.until = start.Add(2 * time.Minute)
	if got := b.opensAt(); !got.Equal(b.until) {
		t.Errorf("opensAt = %v, want %v", got, b.until)
	}
}

func TestPlaces(t *testing.T) {
	for _, tt := range []struct{ taken, want int }{{0, 64}, {511, 64}, {512, 8}, {895, 8}, {896, 1}, {1023, 1}, {1024, 0}} {
		if got := placesFor(tt.taken); got != tt.want {
			t.Errorf("placesFor(%d) = %d, want %d", tt.taken, got, tt.want)
		}
	}
	for _, tt := range []struct{ held, want int }{{0, 1024}, {4096, 128}, {7168, 16}, {8191, 16}, {8192, 0}} {
		if got := memoryFor(tt.held); got != tt.want {
			t.Errorf("memoryFor(%d) = %d, want %d", tt.held, got, tt.want)
		}
	}
}
