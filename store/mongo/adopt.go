package mongo

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Adopt makes a Rocket.Chat's database ours: it adds what Look lists, and then the mark. What is there
// keeps all its members. After an error or a crash it can be called again.
func Adopt(ctx context.Context, address string, seed workspace.Seed) error {
	s, err := connect(ctx, address, unhurried)
	if err != nil {
		return err
	}
	return errors.Join(failed(ctx, "adopt the database", s.adopt(ctx, seed)), s.Close())
}

func (s *Store) adopt(ctx context.Context, seed workspace.Seed) error {
	if err := s.makeIndexes(ctx, indexes); err != nil {
		return err
	}
	for _, mark := range []func(context.Context) error{s.markUsers, s.markRooms, s.markIntegrations} {
		if err := mark(ctx); err != nil {
			return err
		}
	}
	for _, p := range s.adopted(seed) {
		if err := s.addMissing(ctx, p.In, p.Doc); err != nil {
			return err
		}
	}
	return s.addMissing(ctx, factsName, bson.D{is("_id", seededFact)})
}

// adopted are the documents that a database has to hold besides its own.
func (s *Store) adopted(seed workspace.Seed) []part {
	var parts []part
	for _, u := range seed.Users {
		parts = append(parts, part{usersName, insertion(encodeUser(u), s.seq(u.CreatedAt))})
	}
	return append(parts, s.ruleParts(seed)...)
}

// unmarked is a document that has nothing of ours yet, and what it is to get.
type unmarked struct {
	id   any
	made time.Time
	ours bson.D
}

func (s *Store) markUsers(ctx context.Context) error {
	return s.mark(ctx, usersName, func(doc bson.Raw) (unmarked, error) {
		var d userDoc
		err := bson.Unmarshal(doc, &d)
		ours := encodeUser(decodeUser(d)).Ours
		ours.CustomFields = nil // they are as they are
		set, _ := members(struct {
			Ours userOurs `bson:"grapnel"`
		}{ours})
		return unmarked{made: d.CreatedAt, ours: set}, err
	}, tokensPath)
}

func (s *Store) markRooms(ctx context.Context) error {
	return s.mark(ctx, roomsName, func(doc bson.Raw) (unmarked, error) {
		var d roomDoc
		err := bson.Unmarshal(doc, &d)
		return unmarked{made: d.CreatedAt}, err
	})
}

func (s *Store) markIntegrations(ctx context.Context) error {
	return s.mark(ctx, integrationsName, func(doc bson.Raw) (unmarked, error) {
		var d integrationDoc
		err := bson.Unmarshal(doc, &d)
		return unmarked{made: d.CreatedAt}, err
	})
}

// markBatch is how many documents are marked with one command.
const markBatch = 500

// mark gives each document of a collection that has none its place in our order, the oldest first, and
// what else of ours it needs.
func (s *Store) mark(ctx context.Context, collection string, read func(doc bson.Raw) (unmarked, error), leaveOut ...string) error {
	var all []unmarked
	err := s.scan(ctx, collection, func(doc bson.Raw) error {
		if hasSeq(doc) {
			return nil
		}
		one, err := read(doc)
		one.id = doc.Lookup("_id")
		all = append(all, one)
		return err
	}, leaveOut...)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b unmarked) int { return a.made.Compare(b.made) })
	for batch := range slices.Chunk(all, markBatch) {
		var writes []mongo.WriteModel
		for _, one := range batch {
			filter := bson.D{is("_id", one.id), is(seqPath, op("$exists", false))}
			update := bson.D{is("$set", append(one.ours, s.seq(one.made)))}
			writes = append(writes, mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(update))
		}
		if _, err := s.in(collection).BulkWrite(ctx, writes); err != nil {
			return err
		}
	}
	return nil
}
