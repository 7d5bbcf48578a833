package integrations

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Why a delivery is not answered, or not cancelled.
var (
	ErrUnknownDelivery = errors.New("unknown delivery")
	ErrEnded           = errors.New("delivery has ended")
)

// StepCancelled ends a delivery that somebody cancelled.
const StepCancelled Step = "cancelled"

// Pending are the states of deliveries that have not ended.
var Pending = []State{Waiting, Parked, Held}

// Listed is a delivery with where it stands.
type Listed struct {
	Delivery

	State State
	Due   time.Time // of the next attempt, while it waits
	// Tries are its attempts as the log has them, the first in front; nil in lists.
	Tries []Exchange
}

// mostTries bounds the attempts that are answered with a delivery, and mostDetails those of them, the
// latest, that come with what they carried.
const (
	mostTries   = 200
	mostDetails = 20
)

func (r Row) listed() (Listed, error) {
	d, err := r.Delivery()
	l := Listed{Delivery: d, State: r.State}
	if r.State == Waiting {
		l.Due = r.Due
	}
	return l, err
}

// Deliveries answers up to limit deliveries of the integrations that the caller may manage, and of the
// one that is named where one is. The latest come first.
func (s *Service) Deliveries(ctx context.Context, caller workspace.User, integrationID string, f DeliveryFilter, limit int) ([]Listed, error) {
	ids, err := s.manageable(ctx, caller, Outgoing, integrationID)
	if err != nil {
		return nil, err
	}
	f.Keys = ids
	rows, err := s.Lists.Deliveries(ctx, f, limit)
	if err != nil {
		return nil, err
	}
	list := make([]Listed, 0, len(rows))
	for _, row := range rows {
		l, err := row.listed()
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// FindDelivery answers a delivery with its attempts.
func (s *Service) FindDelivery(ctx context.Context, caller workspace.User, id string) (Listed, error) {
	row, err := s.managedRow(ctx, caller, id)
	if err != nil {
		return Listed{}, err
	}
	l, err := row.listed()
	if err != nil {
		return l, err
	}
	// Clocks of replicas differ a little.
	since := row.CreatedAt.Add(-time.Minute)
	tries, err := s.Journal.read(ctx, ExchangeFilter{IntegrationIDs: []string{row.Key}, DeliveryID: row.ID, Since: since}, mostTries)
	if err != nil {
		return l, err
	}
	for n := range tries {
		x := tries[len(tries)-1-n]
		if n >= len(tries)-mostDetails {
			whole, err := s.Journal.one(ctx, x.ID)
			if err != nil && !errors.Is(err, workspace.ErrNotFound) { // it may be forgotten just now
				return l, err
			}
			x.Detail = whole.Detail
		}
		l.Tries = append(l.Tries, x)
	}
	return l, nil
}

// managedRow answers a delivery of an integration that the caller may manage.
func (s *Service) managedRow(ctx context.Context, caller workspace.User, id string) (Row, error) {
	row, err := s.Queue.Row(ctx, id)
	if err != nil {
		return row, missing(err, ErrUnknownDelivery)
	}
	i, known := s.Index.Outgoing(row.Key)
	if !known || !within(s.reach(caller, Outgoing), caller, i) {
		return row, ErrUnknownDelivery
	}
	return row, nil
}

// ReplayDelivery plans a delivery again as a new one, which it answers.
func (s *Service) ReplayDelivery(ctx context.Context, caller workspace.User, id string) (Listed, error) {
	row, err := s.managedRow(ctx, caller, id)
	if err != nil {
		return Listed{}, err
	}
	made, err := s.planAgain([]Row{row})
	if err != nil {
		return Listed{}, err
	}
	if err := s.Queue.AddEffects(ctx, made); err != nil {
		return Listed{}, fmt.Errorf("add delivery: %w", err)
	}
	return s.FindDelivery(ctx, caller, made[0].ID)
}

// planAgain makes effects of deliveries, due at once.
func (s *Service) planAgain(rows []Row) ([]workspace.Effect, error) {
	made := make([]workspace.Effect, 0, len(rows))
	at := now()
	for _, row := range rows {
		d, err := row.Delivery()
		if err != nil {
			return nil, err
		}
		d.Plan.ReplayOf = d.ID
		i, _ := s.Index.Outgoing(d.IntegrationID)
		i.ID = d.IntegrationID // also where it was removed just now
		effect, err := d.Plan.effect(i, s.Index.Options(i.ID), at)
		if err != nil {
			return nil, err
		}
		made = append(made, effect)
	}
	return made, nil
}

// Replays asks to plan deliveries of one integration again.
type Replays struct {
	IntegrationID string
	States        []State
	Since         time.Time
	Until         time.Time // zero: now, so that what is planned is not planned again
	After         string    // id of a delivery, behind which to go on
}

// Replayed is how many deliveries were planned again. Last is where to go on; empty: there are no more.
type Replayed struct {
	Count int
	Last  string
}

const (
	mostReplayed = 10_000 // by one call
	replayBatch  = 200
)

// ReplayDeliveries plans deliveries again, the oldest first.
func (s *Service) ReplayDeliveries(ctx context.Context, caller workspace.User, ask Replays) (Replayed, error) {
	keys, err := s.manageable(ctx, caller, Outgoing, ask.IntegrationID)
	if err != nil {
		return Replayed{}, err
	}
	f := DeliveryFilter{Keys: keys, States: ask.States, Since: ask.Since, Until: ask.Until, Beyond: ask.After, Oldest: true}
	if f.Until.IsZero() {
		f.Until = now()
	}
	var done Replayed
	for done.Count < mostReplayed {
		rows, err := s.Lists.Deliveries(ctx, f, replayBatch)
		if err != nil {
			return done, err
		}
		made, err := s.planAgain(rows)
		if err != nil {
			return done, err
		}
		if err := s.Queue.AddEffects(ctx, made); err != nil {
			return done, fmt.Errorf("add deliveries: %w", err)
		}
		done.Count += len(rows)
		if len(rows) < replayBatch {
			return Replayed{Count: done.Count}, nil
		}
		f.Beyond = rows[len(rows)-1].ID
		done.Last = f.Beyond
	}
	return done, nil
}

// cancelTries is how often a cancellation looks again at a delivery that moves under its hands.
const cancelTries = 10

// CancelDelivery ends a delivery before it is done. A call that is under way may still reach its
// receiver; nothing follows it.
func (s *Service) CancelDelivery(ctx context.Context, caller workspace.User, id string) (Listed, error) {
	err := ErrMoved
	for range cancelTries {
		var row Row
		if row, err = s.managedRow(ctx, caller, id); err != nil {
			return Listed{}, err
		}
		if err = s.cancel(ctx, row); !errors.Is(err, ErrMoved) {
			break
		}
	}
	if err != nil {
		return Listed{}, missing(err, ErrUnknownDelivery)
	}
	return s.FindDelivery(ctx, caller, id)
}

func (s *Service) cancel(ctx context.Context, row Row) error {
	if row.State == Done || row.State == Dead {
		return ErrEnded
	}
	d, err := row.Delivery()
	if err != nil {
		return err
	}
	d.Progress.Step, d.Progress.Finished = StepCancelled, true
	progress, err := json.Marshal(d.Progress)
	if err != nil {
		return fmt.Errorf("write progress: %w", err)
	}
	return s.Lists.EndRow(ctx, Record{ID: row.ID, Fence: row.Fence, State: Dead, At: now(), Progress: progress})
}
