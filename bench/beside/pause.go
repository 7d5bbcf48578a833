package beside

import (
	"context"
	"time"
)

// Pause waits, but not longer than ctx lasts.
func Pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
