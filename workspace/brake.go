package workspace

import (
	"sync"
	"time"
)

const (
	freeFailures = 5 // wrong passwords before the next try has to wait
	firstWait    = time.Second
	longestWait  = 30 * time.Second
	forgetAfter  = 15 * time.Minute
	brakeEntries = 10_000 // above this, entries whose wait is over are dropped
)

// brake slows down guessing: after a few failures each further try under the same key has to
// wait, longer each time.
type brake struct {
	mu      sync.Mutex
	entries map[string]brakeEntry
}

type brakeEntry struct {
	failures int
	last     time.Time
}

func newBrake() *brake { return &brake{entries: map[string]brakeEntry{}} }

// check refuses a try whose wait under one of the keys is not over.
func (b *brake) check(at time.Time, keys ...string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var wait time.Duration
	for _, key := range keys {
		e := b.entries[key]
		wait = max(wait, e.last.Add(pause(e.failures)).Sub(at))
	}
	if wait > 0 {
		return &TooManyAttempts{Wait: wait}
	}
	return nil
}

// failed counts a failure under each key.
func (b *brake) failed(at time.Time, keys ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.entries) > brakeEntries {
		b.forget(at)
	}
	for _, key := range keys {
		e := b.entries[key]
		if at.Sub(e.last) > forgetAfter {
			e.failures = 0
		}
		b.entries[key] = brakeEntry{failures: e.failures + 1, last: at}
	}
}

// succeeded clears the keys.
func (b *brake) succeeded(keys ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, key := range keys {
		delete(b.entries, key)
	}
}

func (b *brake) forget(at time.Time) {
	for key, e := range b.entries {
		if at.Sub(e.last) > longestWait {
			delete(b.entries, key)
		}
	}
}

// pause is how long a key rests after that many failures.
func pause(failures int) time.Duration {
	if failures < freeFailures {
		return 0
	}
	return min(firstWait<<min(failures-freeFailures, 5), longestWait)
}
