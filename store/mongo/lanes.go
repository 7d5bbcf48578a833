package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
)

// Lanes implements integrations.Queue.
func (s *Store) Lanes(ctx context.Context, after string, limit int) ([]string, error) {
	lanes, err := s.steps(ctx, rowParked, "lane", after, limit)
	return lanes, failed(ctx, "read lanes", err)
}

// HeldKeys implements integrations.Queue.
func (s *Store) HeldKeys(ctx context.Context) ([]string, error) {
	keys, err := s.steps(ctx, rowHeld, "key", "", mostRecords)
	return keys, failed(ctx, "read keys of what is held", err)
}

// steps answers the different values of a member of the deliveries in a state, one after the other
// from the first after that one on, without looking at what else has the same.
func (s *Store) steps(ctx context.Context, state, path, after string, limit int) ([]string, error) {
	next := options.FindOne().SetSort(bson.D{is(path, 1)}).SetProjection(bson.D{is(path, 1)})
	var values []string
	for len(values) < limit {
		raw, err := s.in(deliveriesName).FindOne(ctx, bson.D{is("state", state), is(path, op("$gt", after))}, next).Raw()
		if errors.Is(err, mongo.ErrNoDocuments) {
			return values, nil
		}
		if err != nil {
			return nil, err
		}
		after = raw.Lookup(path).StringValue()
		values = append(values, after)
	}
	return values, nil
}

// Release implements integrations.Queue.
func (s *Store) Release(ctx context.Context, key string, limit int) (int, error) {
	released, err := s.releaseHeld(ctx, key, limit)
	return released, failed(ctx, "release deliveries", err)
}

func (s *Store) releaseHeld(ctx context.Context, key string, limit int) (int, error) {
	if limit <= 0 {
		return 0, nil
	}
	first := options.Find().SetSort(bson.D{is("seq", 1)}).SetLimit(int64(limit)).SetProjection(bson.D{is("lane", 1)})
	held, err := readAll[rowDoc](ctx, s.in(deliveriesName), bson.D{is("state", rowHeld), is("key", key)}, first)
	if err != nil || len(held) == 0 {
		return 0, err
	}
	ids := convert(held, func(d rowDoc) string { return d.ID })
	filter := bson.D{is("_id", op("$in", ids)), is("state", rowHeld)}
	result, err := s.in(deliveriesName).UpdateMany(ctx, filter, bson.D{is("$set", bson.D{is("state", rowParked)})})
	if err != nil {
		return 0, err
	}
	for _, d := range held {
		s.filled.add(d.Lane)
	}
	s.signal()
	return int(result.ModifiedCount), nil
}

// Backlog implements integrations.Queue.
func (s *Store) Backlog(ctx context.Context, key string) (int, error) {
	n, err := s.count(ctx, deliveriesName, bson.D{is("key", key), is("state", op("$in", bson.A{rowWaiting, rowParked, rowHeld}))})
	return n, failed(ctx, "count deliveries", err)
}

// Counts implements integrations.Queue.
func (s *Store) Counts(ctx context.Context) (map[integrations.State]int, error) {
	counts := map[integrations.State]int{}
	for _, state := range []integrations.State{integrations.Waiting, integrations.Parked, integrations.Held, integrations.Dead} {
		n, err := s.count(ctx, deliveriesName, bson.D{is("state", string(state))})
		if err != nil {
			return nil, failed(ctx, "count deliveries", err)
		}
		counts[state] = n
	}
	return counts, nil
}
