package delivery

import (
	"context"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

const (
	// lanesAtOnce is how many lanes are read, and how many claims are made, at once.
	lanesAtOnce = 1000
	fillsAtOnce = 64
	// mostRelease is how many deliveries one write releases.
	mostRelease = 500
)

// fillLanes claims what is parked as room becomes free, as long as the context lasts.
func (w *Worker) fillLanes(ctx, calls context.Context) {
	ticker := time.NewTicker(w.Rounds)
	defer ticker.Stop()
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	fills := make(chan struct{}, fillsAtOnce)
	w.goRound(ctx, calls)
	for ctx.Err() == nil {
		paced, resumable := w.roster.resume(now())
		w.do(calls, paced)
		list, again := w.roster.fillings(now())
		if !resumable.IsZero() {
			again = sooner(again, resumable)
		}
		for _, f := range list {
			fills <- struct{}{}
			w.running.Go(func() {
				defer func() { <-fills }()
				w.fill(ctx, calls, f)
			})
		}
		if again.IsZero() {
			alarm.Stop()
		} else {
			alarm.Reset(max(time.Until(again), time.Millisecond))
		}
		select {
		case <-w.roster.stir:
		case <-alarm.C:
		case <-ticker.C:
			w.goRound(ctx, calls)
		case <-ctx.Done():
		}
	}
}

// fill claims what is parked in one lane.
func (w *Worker) fill(ctx, calls context.Context, f filling) {
	at := now()
	rows, err := w.Queue.Claim(ctx, integrations.Claim{Now: at, Lease: w.lease(), Limit: f.limit, Lane: f.lane.name, Head: f.lane.ordered})
	if err != nil && ctx.Err() == nil {
		w.Logger.ErrorContext(ctx, "deliveries were not claimed from their lane", "error", err)
	}
	w.do(calls, w.roster.filled(at, f, len(rows), w.enabled(calls, at, rows), err))
	if err == nil && len(rows) == 0 && f.lane.ordered {
		w.lookAhead(ctx, f.lane, at)
	}
}

// lookAhead lets an ordered lane wait for its head, which the brake may have put off.
func (w *Worker) lookAhead(ctx context.Context, l *lane, at time.Time) {
	due, err := w.Queue.LaneDue(ctx, l.name)
	if err != nil {
		if ctx.Err() == nil {
			w.Logger.ErrorContext(ctx, "deliveries were not looked after", "step", "look ahead", "error", err)
		}
		return
	}
	w.roster.notYet(l, due, at)
}

// goRound looks after what nobody signals: lanes that others have filled, what was held, and what has
// waited in memory for too long.
func (w *Worker) goRound(ctx, calls context.Context) {
	w.roster.retune(now(), func(id string) integrations.Rate { return w.Service.Index.Options(id).Limits.Pace() })
	w.do(calls, w.roster.sweep(now()))
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{{"find lanes", w.findLanes}, {"release deliveries", w.release}, {"follow outages", w.Service.FollowOutages}} {
		if err := step.do(ctx); err != nil && ctx.Err() == nil {
			w.Logger.ErrorContext(ctx, "deliveries were not looked after", "step", step.name, "error", err)
		}
	}
}

// findLanes asks for the lanes in which something is parked, by whomever.
func (w *Worker) findLanes(ctx context.Context) error {
	for after := ""; ; {
		names, err := w.Queue.Lanes(ctx, after, lanesAtOnce)
		if err != nil {
			return err
		}
		w.roster.found(names)
		if len(names) < lanesAtOnce {
			return nil
		}
		after = names[len(names)-1]
	}
}

// release lets go on what was held and whose integration is enabled again. What belongs to one that
// is gone is released, too, so that it ends.
func (w *Worker) release(ctx context.Context) error {
	keys, err := w.Queue.HeldKeys(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if i, ok := w.Service.Outgoing(key); ok && !i.Enabled {
			continue
		}
		for released := mostRelease; released == mostRelease; {
			if released, err = w.Queue.Release(ctx, key, mostRelease); err != nil {
				return err
			}
		}
	}
	w.roster.found(w.Queue.Filled())
	return nil
}
