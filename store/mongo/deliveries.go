package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Deliveries implements integrations.DeliveryStore. The index over states has the order within each
// state, so that the first of a long list are found without reading all of it.
func (s *Store) Deliveries(ctx context.Context, f integrations.DeliveryFilter, limit int) ([]integrations.Row, error) {
	filter, err := s.deliveriesFilter(ctx, f)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, failed(ctx, "read deliveries", err)
	}
	direction := -1
	if f.Oldest {
		direction = 1
	}
	find := options.Find().SetSort(bson.D{is("seq", direction), is("_id", direction)}).SetLimit(int64(limit))
	found, err := readAll[rowDoc](ctx, s.in(deliveriesName), filter, find)
	return convert(found, decodeRow), failed(ctx, "read deliveries", err)
}

func (s *Store) deliveriesFilter(ctx context.Context, f integrations.DeliveryFilter) (bson.D, error) {
	states := f.States
	if len(states) == 0 {
		states = []integrations.State{integrations.Waiting, integrations.Parked, integrations.Held, integrations.Done, integrations.Dead}
	}
	filter := bson.D{is("state", op("$in", convert(states, func(state integrations.State) string { return string(state) })))}
	if f.Keys != nil {
		filter = append(filter, is("key", op("$in", f.Keys)))
	}
	if !f.Since.IsZero() {
		filter = append(filter, is("createdAt", op("$gte", f.Since)))
	}
	if !f.Until.IsZero() {
		filter = append(filter, is("$and", bson.A{bson.D{is("createdAt", op("$lt", f.Until))}}))
	}
	if f.Beyond == "" {
		return filter, nil
	}
	at, err := readOne[rowDoc](ctx, s.in(deliveriesName), bson.D{is("_id", f.Beyond), here})
	if err != nil {
		return nil, err
	}
	side := "$lt"
	if f.Oldest {
		side = "$gt"
	}
	beyond := bson.A{bson.D{is("seq", op(side, at.Seq))}, bson.D{is("seq", at.Seq), is("_id", op(side, at.ID))}}
	return append(filter, is("$or", beyond)), nil
}

// EndRow implements integrations.DeliveryStore.
func (s *Store) EndRow(ctx context.Context, r integrations.Record) error {
	set := bson.D{is("state", string(r.State)), is("leaseUntil", free), is("updatedAt", r.At), is("ended", true)}
	if r.Progress != nil {
		set = append(set, is("progress", r.Progress))
	}
	unended := bson.D{is("_id", r.ID), is("fence", r.Fence), is("state", op("$in", bson.A{rowWaiting, rowParked, rowHeld}))}
	result, err := s.in(deliveriesName).UpdateOne(ctx, unended, bson.D{is("$set", set), is("$inc", bson.D{is("fence", 1)})})
	if err != nil {
		return failed(ctx, "end delivery", err)
	}
	if result.MatchedCount > 0 {
		return nil
	}
	switch _, err := s.Row(ctx, r.ID); {
	case errors.Is(err, workspace.ErrNotFound):
		return workspace.ErrNotFound
	case err != nil:
		return err
	default:
		return integrations.ErrMoved
	}
}

var _ integrations.DeliveryStore = (*Store)(nil)
