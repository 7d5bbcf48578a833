package main

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grapnel-chat/grapnel/store"
)

// counting is a store of which only the revision is asked.
type counting struct {
	store.Store

	revision atomic.Int64
	lost     atomic.Bool
}

func (c *counting) Revision(context.Context) (int64, error) {
	if c.lost.Load() {
		return 0, errors.New("lost")
	}
	return c.revision.Load(), nil
}

func TestFollowsWithinTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := &counting{}
		var read, refused atomic.Int64
		refresh := func(context.Context) error { read.Store(shared.revision.Load()); return nil }
		refuses := func(context.Context) error {
			if refused.Add(-1) >= 0 {
				return errors.New("not now")
			}
			return nil
		}
		f := &follower{store: shared, refresh: []func(context.Context) error{refresh, refuses}, logger: slog.New(slog.DiscardHandler)}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); f.run(ctx) }()
		want := func(what string, revision int64) {
			t.Helper()
			<-time.After(2 * time.Second)
			synctest.Wait()
			if got := read.Load(); got != revision {
				t.Errorf("two seconds after %s, revision %d is in memory, want %d", what, got, revision)
			}
		}
		shared.revision.Store(5)
		want("a change", 5)
		read.Store(0)
		want("no change", 0)
		shared.lost.Store(true)
		shared.revision.Store(6)
		want("a change that cannot be seen", 0)
		shared.lost.Store(false)
		want("it can be seen again", 6)
		refused.Store(1)
		shared.revision.Store(7)
		<-time.After(time.Second)
		synctest.Wait()
		read.Store(0) // it was read, but not all that follows it
		want("what could not be read as a whole", 7)
		stop()
		<-ended
		if f.seen != 7 {
			t.Errorf("the follower has seen %d, want 7", f.seen)
		}
	})
}
