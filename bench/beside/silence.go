package beside

import (
	"context"
	"time"
)

// Silence is when no more deliveries are waited for.
type Silence struct {
	Enough  time.Duration // after the latest, when all have arrived
	Missing time.Duration // after the latest, when some have not
}

// Wait waits until so many deliveries have arrived and nothing more comes, or until nothing has come
// for long. The count is how many have arrived, and when the latest call came.
func (s Silence) Wait(ctx context.Context, want int, count func() (n int, last time.Time)) error {
	began := time.Now()
	for ctx.Err() == nil {
		arrived, last := count()
		if last.Before(began) {
			last = began
		}
		silence := time.Since(last)
		if arrived >= want && silence > s.Enough || silence > s.Missing {
			return nil
		}
		Pause(ctx, 20*time.Millisecond)
	}
	return ctx.Err()
}
