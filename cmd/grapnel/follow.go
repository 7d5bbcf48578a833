package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/grapnel-chat/grapnel/store"
)

// followEvery is how often a server looks for what others have changed. Together with the time that
// it takes to read it anew, that has to stay below two seconds.
const followEvery = time.Second

// follower keeps what a server holds in memory as the other servers of the same database have made it.
type follower struct {
	store   store.Store
	seen    int64 // what is in memory is no older
	refresh []func(ctx context.Context) error
	logger  *slog.Logger
}

// run follows until the context ends. While the store cannot be reached, what is in memory stays.
func (f *follower) run(ctx context.Context) {
	if f == nil {
		return
	}
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		err := f.follow(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			f.logger.ErrorContext(ctx, "changes of other servers cannot be seen", "error", err)
		}
		failing = err != nil
	}
}

// follow reads all anew where anything has changed. What could not be read is read the next time.
func (f *follower) follow(ctx context.Context) error {
	revision, err := f.store.Revision(ctx)
	if err != nil || revision == f.seen {
		return err
	}
	var failures []error
	for _, refresh := range f.refresh {
		failures = append(failures, refresh(ctx))
	}
	if err := errors.Join(failures...); err != nil {
		return err
	}
	f.seen = revision
	return nil
}
