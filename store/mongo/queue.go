package mongo

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// rowDoc is a delivery as a document.
type rowDoc struct {
	ID         string    `bson:"_id"`
	Key        string    `bson:"key"`
	Lane       string    `bson:"lane"`
	Ordered    bool      `bson:"ordered,omitzero"`
	Seq        int64     `bson:"seq"`
	CreatedAt  time.Time `bson:"createdAt"`
	UpdatedAt  time.Time `bson:"updatedAt"`
	Due        time.Time `bson:"due"`
	State      string    `bson:"state"`
	Fence      int64     `bson:"fence"`
	LeaseUntil time.Time `bson:"leaseUntil"` // free: nobody holds it
	Body       []byte    `bson:"body"`
	Progress   []byte    `bson:"progress,omitzero"`
	Ended      bool      `bson:"ended,omitzero"`
}

// free is the end of the lease of what nobody holds.
var free = time.UnixMilli(0).UTC()

// The states of deliveries that have not ended, as they stand in documents.
const (
	rowWaiting = string(integrations.Waiting)
	rowParked  = string(integrations.Parked)
	rowHeld    = string(integrations.Held)
)

func decodeRow(d rowDoc) integrations.Row {
	return integrations.Row{
		ID: d.ID, Key: d.Key, Lane: d.Lane, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt, Due: d.Due, State: integrations.State(d.State),
		Fence: d.Fence, Body: d.Body, Progress: d.Progress,
	}
}

// newRows makes deliveries of effects: ordered ones are parked, the others wait.
func (s *Store) newRows(effects []workspace.Effect) []rowDoc {
	return convert(effects, func(e workspace.Effect) rowDoc {
		d := rowDoc{
			ID: e.ID, Key: e.Key, Lane: e.Lane, Ordered: e.Ordered, Seq: s.order.next(e.At), CreatedAt: e.At, UpdatedAt: e.At, Due: e.Due,
			State: rowWaiting, LeaseUntil: free, Body: e.Body,
		}
		if e.Ordered {
			d.State = rowParked
		}
		return d
	})
}

// AddEffects implements integrations.Queue. The first delivery is the one that makes all true.
func (s *Store) AddEffects(ctx context.Context, effects []workspace.Effect) error {
	if len(effects) == 0 {
		return nil
	}
	rows := s.newRows(effects)
	l := newLead(deliveriesName, rows[0].ID)
	err := s.together(ctx, l, follower{rows: rows[1:]}, func() error {
		_, err := s.in(deliveriesName).InsertOne(ctx, insertion(rows[0], l.marked()...))
		return err
	})
	if err == nil {
		s.announce(rows)
	}
	return failed(ctx, "add effects", err)
}

// stageRows adds deliveries where no worker sees them.
func (s *Store) stageRows(ctx context.Context, l lead, rows []rowDoc) error {
	docs := make([]any, len(rows))
	for n, r := range rows {
		r.State = arriving
		docs[n] = insertion(r, is("arriving", l))
	}
	_, err := s.in(deliveriesName).InsertMany(ctx, docs)
	return err
}

// releaseRows lets the deliveries of a lead go, those to wait and those to be parked, and answers how
// many.
func (s *Store) releaseRows(ctx context.Context, l lead, states ...string) (int, error) {
	released := 0
	for _, state := range states {
		ordered := is("ordered", op("$ne", true))
		if state == rowParked {
			ordered = is("ordered", true)
		}
		update := bson.D{is("$set", bson.D{is("state", state)}), is("$unset", bson.D{is("arriving", "")})}
		result, err := s.in(deliveriesName).UpdateMany(ctx, bson.D{is("arriving.mark", l.Mark), is("state", arriving), ordered}, update)
		if err != nil {
			return 0, err
		}
		released += int(result.ModifiedCount)
	}
	return released, nil
}

// statesOf are the states that deliveries have once they are let go.
func statesOf(rows []rowDoc) (states []string) {
	for _, r := range rows {
		if !slices.Contains(states, r.State) {
			states = append(states, r.State)
		}
	}
	return states
}

// restore adds the deliveries again that were dropped too early, as their lead took long to come true.
func (s *Store) restore(ctx context.Context, rows []rowDoc) error {
	var failures []error
	for _, r := range rows {
		failures = append(failures, s.addMissing(ctx, deliveriesName, insertion(r)))
	}
	return errors.Join(failures...)
}

// announce lets the listener know of deliveries that have been added.
func (s *Store) announce(rows []rowDoc) {
	for _, r := range rows {
		if r.Ordered {
			s.filled.add(r.Lane)
		}
	}
	s.signal()
}

// signal lets the listener know without waiting for it.
func (s *Store) signal() {
	select {
	case s.added <- struct{}{}:
	default:
	}
}

// signalling signals at intervals, as other servers add deliveries, too.
func (s *Store) signalling(ctx context.Context) {
	ticks := time.NewTicker(addedEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			s.signal()
		}
	}
}

// Added implements integrations.Queue.
func (s *Store) Added() <-chan struct{} { return s.added }

// Filled implements integrations.Queue.
func (s *Store) Filled() []string { return s.filled.take() }

// filledLanes are the lanes that something was parked in since somebody asked.
type filledLanes struct {
	mu    sync.Mutex
	names map[string]bool
}

func (f *filledLanes) add(lane string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.names == nil {
		f.names = map[string]bool{}
	}
	f.names[lane] = true
}

func (f *filledLanes) take() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	lanes := slices.Collect(maps.Keys(f.names))
	clear(f.names)
	return lanes
}

// LaneDue implements integrations.Queue.
func (s *Store) LaneDue(ctx context.Context, lane string) (time.Time, error) {
	one := options.FindOne().SetSort(bson.D{is("seq", 1)}).SetProjection(bson.D{is("due", 1)})
	d, err := readOne[rowDoc](ctx, s.in(deliveriesName), bson.D{is("state", rowParked), is("lane", lane)}, one)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return time.Time{}, nil
	}
	return d.Due, failed(ctx, "read due time of a lane", err)
}

// NextDue implements integrations.Queue.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	next, err := s.nextDue(ctx)
	return next, failed(ctx, "read next due time", err)
}

func (s *Store) nextDue(ctx context.Context) (next time.Time, err error) {
	waits := is("state", rowWaiting)
	first := func(filter bson.D, sort string) (rowDoc, bool, error) {
		one := options.FindOne().SetSort(bson.D{is(sort, 1)}).SetProjection(bson.D{is("due", 1), is("leaseUntil", 1)})
		d, err := readOne[rowDoc](ctx, s.in(deliveriesName), filter, one)
		if errors.Is(err, mongo.ErrNoDocuments) {
			return d, false, nil
		}
		return d, err == nil, err
	}
	unclaimed, found, err := first(bson.D{waits, is("leaseUntil", free)}, "due")
	if err != nil {
		return next, err
	}
	if found {
		next = unclaimed.Due
	}
	claimed, found, err := first(bson.D{waits, is("leaseUntil", op("$gt", free))}, "leaseUntil")
	if err != nil {
		return next, err
	}
	if found && (next.IsZero() || claimed.LeaseUntil.Before(next)) {
		next = claimed.LeaseUntil
	}
	return next, nil
}

// here is the condition under which a delivery is there for others.
var here = is("state", op("$ne", arriving))

// Row implements integrations.Queue.
func (s *Store) Row(ctx context.Context, id string) (integrations.Row, error) {
	d, err := readOne[rowDoc](ctx, s.in(deliveriesName), bson.D{is("_id", id), here})
	if err != nil {
		return integrations.Row{}, failed(ctx, "read delivery", err)
	}
	return decodeRow(d), nil
}

var rowFields = map[string]field{
	"_id":        {path: "_id"},
	"_createdAt": {path: "createdAt", time: true},
	"_updatedAt": {path: "updatedAt", time: true},
}

// Rows implements integrations.Queue.
func (s *Store) Rows(ctx context.Context, key string, page workspace.Page) ([]integrations.Row, int, error) {
	l := list{
		collection: deliveriesName, filter: bson.D{is("key", key), here}, fields: rowFields,
		order: []workspace.Order{{Field: "_updatedAt", Descending: true}}, seq: "seq",
	}
	rows, total, err := readPage(ctx, s, l, page, decodeRow)
	return rows, total, failed(ctx, "read deliveries", err)
}

// RemoveRows implements integrations.Queue.
func (s *Store) RemoveRows(ctx context.Context, key string) error {
	return failed(ctx, "remove deliveries", s.deleteMany(ctx, deliveriesName, bson.D{is("key", key), hasEnded}))
}

var hasEnded = is("ended", true)

// RemoveEnded implements integrations.Queue. Those that ended first go first.
func (s *Store) RemoveEnded(ctx context.Context, before time.Time, limit int) (int, error) {
	removed, err := s.removeEnded(ctx, bson.D{hasEnded, is("updatedAt", op("$lt", before))}, limit)
	return removed, failed(ctx, "remove ended deliveries", err)
}

func (s *Store) removeEnded(ctx context.Context, filter bson.D, limit int) (int, error) {
	if limit <= 0 {
		return 0, nil
	}
	find := options.Find().SetSort(bson.D{is("updatedAt", 1), is("seq", 1)}).SetLimit(int64(limit)).SetProjection(byID)
	found, err := readAll[rowDoc](ctx, s.in(deliveriesName), filter, find)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	ids := convert(found, func(d rowDoc) string { return d.ID })
	result, err := s.in(deliveriesName).DeleteMany(ctx, bson.D{is("_id", op("$in", ids)), hasEnded})
	if err != nil {
		return 0, err
	}
	return int(result.DeletedCount), nil
}

// RemoveEndedBeyond implements integrations.Queue. Those that ended first go first.
func (s *Store) RemoveEndedBeyond(ctx context.Context, key string, newest, limit int) (int, error) {
	removed, err := s.removeEndedBeyond(ctx, key, newest, limit)
	return removed, failed(ctx, "remove ended deliveries", err)
}

func (s *Store) removeEndedBeyond(ctx context.Context, key string, newest, limit int) (int, error) {
	ended := bson.D{is("key", key), hasEnded}
	find := options.Find().SetSort(bson.D{is("updatedAt", -1), is("seq", -1)}).SetSkip(int64(newest)).SetLimit(1).
		SetProjection(bson.D{is("updatedAt", 1), is("seq", 1)})
	found, err := readAll[rowDoc](ctx, s.in(deliveriesName), ended, find)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	at, seq := found[0].UpdatedAt, found[0].Seq
	older := bson.A{bson.D{is("updatedAt", op("$lt", at))}, bson.D{is("updatedAt", at), is("seq", op("$lte", seq))}}
	return s.removeEnded(ctx, append(ended, is("$or", older)), limit)
}
