package mongo

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
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
	Seq        int64     `bson:"seq"`
	CreatedAt  time.Time `bson:"createdAt"`
	UpdatedAt  time.Time `bson:"updatedAt"`
	Due        time.Time `bson:"due"`
	State      string    `bson:"state"`
	Fence      int64     `bson:"fence"`
	LeaseUntil time.Time `bson:"leaseUntil"` // free: nobody holds it
	Body       []byte    `bson:"body"`
	Progress   []byte    `bson:"progress,omitempty"`
	Ended      bool      `bson:"ended,omitempty"`
}

// free is the end of the lease of what nobody holds.
var free = time.UnixMilli(0).UTC()

func decodeRow(d rowDoc) integrations.Row {
	return integrations.Row{
		ID: d.ID, Key: d.Key, CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt, Due: d.Due, State: integrations.State(d.State),
		Fence: d.Fence, Body: d.Body, Progress: d.Progress,
	}
}

// newRows makes waiting deliveries of effects, made at the time for which they are due.
func (s *Store) newRows(effects []workspace.Effect) []rowDoc {
	return convert(effects, func(e workspace.Effect) rowDoc {
		return rowDoc{
			ID: e.ID, Key: e.Key, Seq: s.order.next(e.Due), CreatedAt: e.Due, UpdatedAt: e.Due, Due: e.Due,
			State: string(integrations.Waiting), LeaseUntil: free, Body: e.Body,
		}
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
		s.signal()
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

// releaseRows lets the deliveries of a lead go and answers how many.
func (s *Store) releaseRows(ctx context.Context, l lead) (int, error) {
	update := bson.D{is("$set", bson.D{is("state", string(integrations.Waiting))}), is("$unset", bson.D{is("arriving", "")})}
	result, err := s.in(deliveriesName).UpdateMany(ctx, bson.D{is("arriving.mark", l.Mark), is("state", arriving)}, update)
	if err != nil {
		return 0, err
	}
	return int(result.ModifiedCount), nil
}

// restore adds the deliveries again that were dropped too early, as their lead took long to come true.
func (s *Store) restore(ctx context.Context, rows []rowDoc) error {
	var failures []error
	for _, r := range rows {
		failures = append(failures, s.addMissing(ctx, deliveriesName, insertion(r)))
	}
	return errors.Join(failures...)
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

// claimers is how many deliveries one claim takes at the same time.
const claimers = 8

// Claim implements integrations.Queue. Each delivery is taken by one command of its own.
func (s *Store) Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]integrations.Row, error) {
	if limit <= 0 {
		return nil, nil
	}
	first, err := s.claimOne(ctx, now, lease)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, failed(ctx, "claim deliveries", err)
	}
	claimed := append(s.claimMore(ctx, now, lease, limit-1), first)
	slices.SortFunc(claimed, func(a, b rowDoc) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Seq, b.Seq)) })
	return convert(claimed, decodeRow), nil
}

// claimMore takes up to limit deliveries until there is none or an error: what was taken counts, and
// the next claim meets the error again.
func (s *Store) claimMore(ctx context.Context, now time.Time, lease time.Duration, limit int) []rowDoc {
	var left atomic.Int64
	left.Store(int64(limit))
	var mu sync.Mutex
	var claimed []rowDoc
	var all sync.WaitGroup
	for range min(claimers, limit) {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				d, err := s.claimOne(ctx, now, lease)
				if err != nil {
					left.Store(0)
					return
				}
				mu.Lock()
				claimed = append(claimed, d)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return claimed
}

func (s *Store) claimOne(ctx context.Context, now time.Time, lease time.Duration) (rowDoc, error) {
	filter := bson.D{is("state", string(integrations.Waiting)), is("due", op("$lte", now)), is("leaseUntil", op("$lte", now))}
	update := bson.D{is("$set", bson.D{is("leaseUntil", now.Add(lease))}), is("$inc", bson.D{is("fence", 1)})}
	o := options.FindOneAndUpdate().SetSort(bson.D{is("due", 1), is("seq", 1)}).SetReturnDocument(options.After)
	var d rowDoc
	err := s.in(deliveriesName).FindOneAndUpdate(ctx, filter, update, o).Decode(&d)
	return d, err
}

// Record implements integrations.Queue.
func (s *Store) Record(ctx context.Context, r integrations.Record) error {
	filter := bson.D{is("_id", r.ID), is("fence", r.Fence), is("state", string(integrations.Waiting)), is("leaseUntil", op("$gt", free))}
	set := bson.D{
		is("updatedAt", r.At), is("due", r.Due), is("state", string(r.State)), is("leaseUntil", free), is("progress", r.Progress),
	}
	if r.State != integrations.Waiting {
		set = append(set, is("ended", true))
	}
	result, err := s.in(deliveriesName).UpdateOne(ctx, filter, bson.D{is("$set", set)})
	if err == nil && result.MatchedCount == 0 {
		if err = s.mustHave(ctx, deliveriesName, r.ID); err == nil {
			err = integrations.ErrLeaseLost
		}
	}
	if err == nil && r.State == integrations.Waiting {
		s.signal()
	}
	return failed(ctx, "record delivery", err)
}

// NextDue implements integrations.Queue.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	next, err := s.nextDue(ctx)
	return next, failed(ctx, "read next due time", err)
}

func (s *Store) nextDue(ctx context.Context) (next time.Time, err error) {
	waits := is("state", string(integrations.Waiting))
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
