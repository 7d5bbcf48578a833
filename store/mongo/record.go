package mongo

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
)

// Record implements integrations.Queue. One bulk holds all records. Where it meets fewer deliveries
// than there are records, it is asked which of them it has written.
func (s *Store) Record(ctx context.Context, records []integrations.Record) (lost []string, err error) {
	if len(records) == 0 {
		return nil, nil
	}
	by := bson.NewObjectID().Hex()
	writes := make([]mongo.WriteModel, len(records))
	for n, r := range records {
		writes[n] = mongo.NewUpdateOneModel().SetFilter(underClaim(r)).SetUpdate(recording(r, by))
	}
	result, err := s.in(deliveriesName).BulkWrite(ctx, writes, options.BulkWrite().SetOrdered(false))
	if err != nil {
		return nil, failed(ctx, "record deliveries", err)
	}
	if int(result.MatchedCount) < len(records) {
		if lost, err = s.notRecorded(ctx, records, by); err != nil {
			return nil, failed(ctx, "record deliveries", err)
		}
	}
	if slices.ContainsFunc(records, func(r integrations.Record) bool { return r.State == integrations.Waiting }) {
		s.signal()
	}
	return lost, nil
}

// underClaim is the condition that the claim of a record holds.
func underClaim(r integrations.Record) bson.D {
	return bson.D{is("_id", r.ID), is("fence", r.Fence), is("state", rowWaiting), is("leaseUntil", op("$gt", free))}
}

// recording is the update by a record. Its zero members leave what they name.
func recording(r integrations.Record, by string) bson.D {
	set := bson.D{is("state", string(r.State)), is("leaseUntil", free), is("recordedBy", by)}
	if !r.At.IsZero() {
		set = append(set, is("updatedAt", r.At))
	}
	if !r.Due.IsZero() {
		set = append(set, is("due", r.Due))
	}
	if r.Lane != "" {
		set = append(set, is("lane", r.Lane))
	}
	if r.Progress != nil {
		set = append(set, is("progress", r.Progress))
	}
	if r.State == integrations.Done || r.State == integrations.Dead {
		set = append(set, is("ended", true))
	}
	return bson.D{is("$set", set)}
}

func (s *Store) notRecorded(ctx context.Context, records []integrations.Record, by string) (lost []string, err error) {
	ids := convert(records, func(r integrations.Record) string { return r.ID })
	recorded, err := s.texts(ctx, deliveriesName, "_id", bson.D{is("_id", op("$in", ids)), is("recordedBy", by)})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(recorded, id) }), nil
}
