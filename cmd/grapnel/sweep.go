package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store"
	"github.com/grapnel-chat/grapnel/workspace"
)

const (
	sweepEvery = time.Hour
	sweepBatch = 500 // deliveries forgotten in one write, so that no hook waits long behind it
)

// sweeper forgets what nobody needs any more: logins that have expired, files that nobody posted, and
// the history of deliveries that ended long ago.
type sweeper struct {
	store  store.Store
	logger *slog.Logger
}

// run sweeps at the start and then every hour, until the context ends.
func (s sweeper) run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.sweep(ctx, time.Now().UTC()); err != nil && ctx.Err() == nil {
			s.logger.ErrorContext(ctx, "old data was not swept", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (s sweeper) sweep(ctx context.Context, now time.Time) error {
	if err := s.store.RemoveExpired(ctx, now); err != nil {
		return err
	}
	if err := s.store.RemoveWaitingFiles(ctx, now.Add(-workspace.LooseFilesKept)); err != nil {
		return err
	}
	for {
		n, err := s.store.RemoveEnded(ctx, now.Add(-integrations.HistoryKept), sweepBatch)
		if err != nil || n < sweepBatch {
			return err
		}
	}
}
