package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/store"
	"github.com/grapnel-chat/grapnel/workspace"
)

const (
	sweepEvery = time.Hour
	sweepBatch = 500 // records forgotten in one write, so that no hook waits long behind it
	sweepPage  = 200 // rooms or integrations looked at together
	day        = 24 * time.Hour
)

// sweeper forgets what nobody needs any more: logins that have expired, files that nobody posted, and
// what the settings say is not to be kept of messages and of deliveries that have ended.
type sweeper struct {
	store    store.Store
	settings func() *workspace.Settings
	logger   *slog.Logger
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
	deliveries, err := s.sweepHistory(ctx, now)
	if err != nil {
		return err
	}
	messages, err := s.sweepMessages(ctx, now)
	if err != nil {
		return err
	}
	if deliveries > 0 || messages > 0 {
		s.logger.InfoContext(ctx, "old data was forgotten", "messages", messages, "deliveries", deliveries)
	}
	return nil
}

// sweepHistory forgets deliveries that have ended, by age and by their number for one integration.
func (s sweeper) sweepHistory(ctx context.Context, now time.Time) (removed int, err error) {
	settings := s.settings()
	if days := settings.Int(workspace.HistoryKeptDays); days > 0 {
		removed, err = batches(func() (int, error) { return s.store.RemoveEnded(ctx, daysBefore(now, days), sweepBatch) })
		if err != nil {
			return removed, err
		}
	}
	newest := settings.Int(workspace.HistoryKeptCount)
	if newest <= 0 {
		return removed, nil
	}
	err = pages(func(page workspace.Page) (int, error) {
		outgoing, _, err := s.store.Integrations(ctx, integrations.Filter{Outgoing: permissions.All}, page)
		for _, i := range outgoing {
			n, err := batches(func() (int, error) { return s.store.RemoveEndedBeyond(ctx, i.ID, newest, sweepBatch) })
			removed += n
			if err != nil {
				return 0, err
			}
		}
		return len(outgoing), err
	})
	return removed, err
}

// sweepMessages forgets messages, by age and by their number in one room.
func (s sweeper) sweepMessages(ctx context.Context, now time.Time) (removed int, err error) {
	settings := s.settings()
	kept := workspace.Kept{Newest: settings.Int(workspace.MessagesKeptCount)}
	if days := settings.Int(workspace.MessagesKeptDays); days > 0 {
		kept.Since = daysBefore(now, days)
	}
	if kept == (workspace.Kept{}) {
		return 0, nil
	}
	err = pages(func(page workspace.Page) (int, error) {
		rooms, _, err := s.store.Rooms(ctx, workspace.RoomFilter{}, page)
		for _, r := range rooms {
			n, err := batches(func() (int, error) { return s.store.RemoveOldMessages(ctx, r.ID, kept, sweepBatch) })
			removed += n
			if err != nil {
				return 0, err
			}
		}
		return len(rooms), err
	})
	return removed, err
}

// daysBefore is so many days ago, and no earlier than a store can tell.
func daysBefore(now time.Time, days int) time.Time {
	return now.Add(-time.Duration(min(days, 100_000)) * day)
}

// batches repeats a removal until nothing is left to remove.
func batches(remove func() (int, error)) (removed int, err error) {
	for {
		n, err := remove()
		removed += n
		if err != nil || n < sweepBatch {
			return removed, err
		}
	}
}

// pages looks at a list page by page.
func pages(look func(workspace.Page) (int, error)) error {
	page := workspace.Page{Count: sweepPage}
	for {
		n, err := look(page)
		if err != nil || n < sweepPage {
			return err
		}
		page.Offset += n
	}
}
