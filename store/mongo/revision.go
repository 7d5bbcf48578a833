package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// revisionFact counts the changes of what servers hold in memory.
const revisionFact = "revision"

type revisionDoc struct {
	N int64 `bson:"n"`
}

// Revision answers how often a server has changed what all of them hold in memory.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	d, err := readOne[revisionDoc](ctx, s.in(factsName), bson.D{is("_id", revisionFact)})
	if errors.Is(err, mongo.ErrNoDocuments) {
		return 0, nil
	}
	return d.N, failed(ctx, "read revision", err)
}

// held carries out a change of what servers hold in memory, and counts it. A crash in between leaves
// a note, so that others learn of the change all the same.
func (s *Store) held(ctx context.Context, commit func() error) error {
	return s.noted(ctx, newNote(heldChanged, ""), commit)
}

// countChange counts a change. It comes after the change, so that whoever sees the number reads what is new.
func (s *Store) countChange(ctx context.Context) error {
	_, err := s.in(factsName).UpdateOne(ctx, bson.D{is("_id", revisionFact)}, bson.D{is("$inc", bson.D{is("n", int64(1))})},
		options.UpdateOne().SetUpsert(true))
	return err
}
