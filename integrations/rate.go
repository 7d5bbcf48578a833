package integrations

import "time"

// Rate is how many may pass in a second in the long run, and how many at once after a pause.
type Rate struct {
	PerSecond float64
	Burst     int // below one: one
}

// Bucket lets as many pass as a rate allows. It holds tokens, one for each that may pass at once, and
// fills up with time. The zero value is full. It does not guard itself against use at the same time.
type Bucket struct {
	missing float64 // tokens taken and not yet filled up
	at      time.Time
}

// Take lets one pass, or answers how long it has to wait until one may. A rate that is not above
// zero lets everything pass. Time that goes backwards fills nothing up.
func (b *Bucket) Take(r Rate, now time.Time) (wait time.Duration, ok bool) {
	if r.PerSecond <= 0 {
		return 0, true
	}
	if gone := now.Sub(b.at); gone > 0 {
		b.missing, b.at = max(0, b.missing-gone.Seconds()*r.PerSecond), now
	}
	// A rate such as 0.1 leaves a rest after as many additions as subtractions.
	const tolerance = 1e-9
	if after := b.missing + 1 - float64(max(r.Burst, 1)); after > tolerance {
		return time.Duration(after / r.PerSecond * float64(time.Second)), false
	}
	b.missing++
	return 0, true
}

// Full reports whether as many may pass at once as ever.
func (b *Bucket) Full(r Rate, now time.Time) bool {
	return b.missing <= 0 || r.PerSecond <= 0 || now.Sub(b.at).Seconds()*r.PerSecond >= b.missing
}
