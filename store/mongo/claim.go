package mongo

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
)

// claimers is how many deliveries one claim takes at the same time.
const claimers = 8

// Claim implements integrations.Queue. Each delivery is taken by one command of its own.
func (s *Store) Claim(ctx context.Context, c integrations.Claim) ([]integrations.Row, error) {
	claimed, err := s.claim(ctx, c)
	if err != nil {
		return nil, failed(ctx, "claim deliveries", err)
	}
	slices.SortFunc(claimed, func(a, b rowDoc) int {
		if c.Lane == "" {
			return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Seq, b.Seq))
		}
		return cmp.Compare(a.Seq, b.Seq)
	})
	return convert(claimed, decodeRow), nil
}

func (s *Store) claim(ctx context.Context, c integrations.Claim) ([]rowDoc, error) {
	if c.Limit <= 0 {
		return nil, nil
	}
	take := s.takeDue
	switch {
	case c.Head:
		c.Limit, take = 1, s.takeHead
	case c.Lane != "":
		take = s.takeParked
	}
	first, err := take(ctx, c)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return append(s.claimMore(ctx, c, take), first), nil
}

type taking func(context.Context, integrations.Claim) (rowDoc, error)

// claimMore takes what may be taken besides the first, until there is none or an error: what was taken
// counts, and the next claim meets the error again.
func (s *Store) claimMore(ctx context.Context, c integrations.Claim, take taking) []rowDoc {
	var left atomic.Int64
	left.Store(int64(c.Limit - 1))
	var mu sync.Mutex
	var claimed []rowDoc
	var all sync.WaitGroup
	for range min(claimers, c.Limit-1) {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				d, err := take(ctx, c)
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

// takeDue takes the delivery that is due longest of those that nobody holds.
func (s *Store) takeDue(ctx context.Context, c integrations.Claim) (rowDoc, error) {
	filter := bson.D{is("state", rowWaiting), is("due", op("$lte", c.Now)), is("leaseUntil", op("$lte", c.Now))}
	return s.lend(ctx, c, filter, bson.D{is("due", 1), is("seq", 1)})
}

// takeParked takes the delivery that was added first of those that are parked in a lane.
func (s *Store) takeParked(ctx context.Context, c integrations.Claim) (rowDoc, error) {
	filter := bson.D{is("state", rowParked), is("lane", c.Lane), is("due", op("$lte", c.Now))}
	return s.lend(ctx, c, filter, bson.D{is("seq", 1)})
}

// takeHead takes the head of an ordered lane. If somebody takes it first, it is not parked any more.
func (s *Store) takeHead(ctx context.Context, c integrations.Claim) (rowDoc, error) {
	unended := bson.D{is("ordered", true), is("lane", c.Lane), is("state", op("$in", bson.A{rowWaiting, rowParked, rowHeld}))}
	first := options.FindOne().SetSort(bson.D{is("seq", 1)}).SetProjection(bson.D{is("state", 1)})
	head, err := readOne[rowDoc](ctx, s.in(deliveriesName), unended, first)
	if err != nil {
		return rowDoc{}, err
	}
	filter := bson.D{is("_id", head.ID), is("state", rowParked), is("due", op("$lte", c.Now))}
	return s.lend(ctx, c, filter, nil)
}

// lend gives the first delivery that matches to the caller.
func (s *Store) lend(ctx context.Context, c integrations.Claim, filter, sort bson.D) (rowDoc, error) {
	update := bson.D{
		is("$set", bson.D{is("state", rowWaiting), is("leaseUntil", c.Now.Add(c.Lease))}), is("$inc", bson.D{is("fence", 1)}),
	}
	o := options.FindOneAndUpdate().SetReturnDocument(options.After)
	if sort != nil {
		o.SetSort(sort)
	}
	var d rowDoc
	err := s.in(deliveriesName).FindOneAndUpdate(ctx, filter, update, o).Decode(&d)
	return d, err
}
