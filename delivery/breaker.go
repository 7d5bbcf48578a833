package delivery

import "time"

const (
	// mostFailures in a row open a breaker.
	mostFailures = 10
	// shortestPause is how long an open breaker waits first. Each time that the probe fails it waits
	// twice as long, up to longestPause.
	shortestPause = time.Second
	longestPause  = time.Minute
)

// breaker keeps a receiver that does not answer from being called. It is closed while until is zero,
// open before until, and half open from then on: one call, the probe, shows whether the receiver is
// back.
type breaker struct {
	failures int // in a row, while it is closed
	openings int // in a row
	until    time.Time
	probing  bool
	quiet    time.Time // the receiver asked not to be called before
}

// admission is how many calls a breaker lets through.
type admission int

const (
	nobody admission = iota
	probe
	everybody
)

// admits answers what may be called now.
func (b *breaker) admits(at time.Time) admission {
	switch {
	case at.Before(b.quiet):
		return nobody
	case b.until.IsZero():
		return everybody
	case at.Before(b.until) || b.probing:
		return nobody
	default:
		return probe
	}
}

// succeeded closes the breaker: the receiver has answered. What it asked for before still holds, as
// this call may have begun earlier.
func (b *breaker) succeeded() { *b = breaker{quiet: b.quiet} }

// failed counts a call that had no answer or one that says that the receiver is in trouble, and
// reports whether the breaker opens for the first time because of it. Calls that were under way when
// it opened change nothing. The spread, from -1 to 1, keeps breakers from opening together.
func (b *breaker) failed(at time.Time, wasProbe bool, spread float64) (opened bool) {
	switch {
	case wasProbe && !b.until.IsZero():
		b.probing = false
	case !b.until.IsZero():
		return false
	default:
		if b.failures++; b.failures < mostFailures {
			return false
		}
	}
	opened = b.until.IsZero()
	pause := min(shortestPause<<min(b.openings, 10), longestPause)
	b.openings++
	b.until = at.Add(pause + time.Duration(spread*0.1*float64(pause)))
	return opened
}

// shut lets nothing through before a time that the receiver asked for.
func (b *breaker) shut(until time.Time) {
	if b.quiet.Before(until) {
		b.quiet = until
	}
}

// opensAt answers when something may be let through again, unless that is now.
func (b *breaker) opensAt() time.Time {
	if b.until.After(b.quiet) {
		return b.until
	}
	return b.quiet
}

// untroubled reports whether there is nothing to remember.
func (b *breaker) untroubled(at time.Time) bool {
	return b.failures == 0 && b.until.IsZero() && !at.Before(b.quiet)
}

// unused gives a probe back that made no call.
func (b *breaker) unused() { b.probing = false }
