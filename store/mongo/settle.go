package mongo

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// settler remembers the marks that were unfinished when it last looked.
type settler struct {
	mu   sync.Mutex
	seen map[string]bool
}

// again answers which of these marks it saw the last time, too, and remembers them all.
func (s *settler) again(marks map[string]bool) map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	both := map[string]bool{}
	for mark := range marks {
		if s.seen[mark] {
			both[mark] = true
		}
	}
	s.seen = marks
	return both
}

// settling settles at intervals until the store is closed.
func (s *Store) settling(ctx context.Context) {
	ticks := time.NewTicker(settleEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			_ = s.settleOnce(ctx) // the next one tries again
		}
	}
}

// settleOnce finishes what was unfinished the last time, too, and came true, and drops the rest of it.
func (s *Store) settleOnce(ctx context.Context) error {
	leads, err := s.unfinishedLeads(ctx)
	if err != nil {
		return failed(ctx, "look for what is unfinished", err)
	}
	notes, err := readAll[note](ctx, s.in(unfinishedName), bson.D{is("note", op("$exists", true))}, options.Find().SetLimit(mostRecords))
	if err != nil {
		return failed(ctx, "look for what is unfinished", err)
	}
	marks := map[string]bool{}
	for _, l := range leads {
		marks[l.Mark] = true
	}
	for _, n := range notes {
		marks[n.Mark] = true
	}
	old := s.settle.again(marks)
	var failures []error
	for _, l := range leads {
		if old[l.Mark] {
			failures = append(failures, s.settleLead(ctx, l))
		}
	}
	for _, n := range notes {
		if old[n.Mark] {
			failures = append(failures, s.settleNote(ctx, n))
		}
	}
	return failed(ctx, "settle", errors.Join(failures...))
}

// unfinishedLeads answers the leads of what is arriving: first of the parts, as deliveries may belong
// to what these become.
func (s *Store) unfinishedLeads(ctx context.Context) ([]lead, error) {
	var leads []lead
	known := map[string]bool{}
	for _, place := range []struct {
		collection, path string
		filter           bson.D
	}{
		{unfinishedName, "arriving", bson.D{is("arriving.mark", op("$exists", true))}},
		{uploadsName, "grapnel.taken", bson.D{is("grapnel.taken.mark", op("$exists", true))}},
		{deliveriesName, "arriving", bson.D{is("state", arriving), is("arriving.mark", op("$exists", true))}},
	} {
		type holder struct {
			Arriving lead                 `bson:"arriving"`
			Grapnel  struct{ Taken lead } `bson:"grapnel"`
		}
		find := options.Find().SetProjection(bson.D{is(place.path, 1)}).SetLimit(mostRecords)
		found, err := readAll[holder](ctx, s.in(place.collection), place.filter, find)
		if err != nil {
			return nil, err
		}
		for _, h := range found {
			l := h.Arriving
			if l.Mark == "" {
				l = h.Grapnel.Taken
			}
			if !known[l.Mark] {
				known[l.Mark] = true
				leads = append(leads, l)
			}
		}
	}
	return leads, nil
}

func (s *Store) settleLead(ctx context.Context, l lead) error {
	came, err := s.isTrue(ctx, l)
	if err != nil {
		return err
	}
	if !came {
		return s.dropAll(ctx, l)
	}
	if err := s.release(ctx, l); err != nil {
		return err
	}
	s.signal()
	return nil
}
