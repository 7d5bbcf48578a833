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

// markedNames are the collections whose documents need something of ours.
var markedNames = []string{usersName, roomsName, integrationsName}

// refuseUnmarked answers ErrChanged where a document has nothing of ours: nobody would find it.
func (s *Store) refuseUnmarked(ctx context.Context) error {
	for _, name := range markedNames {
		found, err := s.has(ctx, name, bson.D{is(seqPath, nil)})
		if err != nil {
			return failed(ctx, "look for what was not adopted", err)
		}
		if found {
			return ErrChanged
		}
	}
	return nil
}

// unmarked is a document that lacks something of ours, and what it is to get.
type unmarked struct {
	id         any
	made       time.Time
	placed     bool // in our order
	set, unset bson.D
}

func (s *Store) markUsers(ctx context.Context) error {
	return s.mark(ctx, usersName, func(doc bson.Raw) (unmarked, error) {
		var d userDoc
		err := bson.Unmarshal(doc, &d)
		set, unset := foldedIn(d)
		return unmarked{made: d.CreatedAt, set: set, unset: unset}, err
	}, tokensPath)
}

// foldedIn is what a user is looked up by: what their document is to hold of it, and what not.
func foldedIn(d userDoc) (set, unset bson.D) {
	ours := encodeUser(decodeUser(d)).Ours
	ours.CustomFields = d.Ours.CustomFields // they are as they are
	return members(struct {
		Ours userOurs `bson:"grapnel"`
	}{ours})
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

// isMarked reports whether a document has its place in our order and holds what it is to.
func isMarked(doc bson.Raw, set, unset bson.D) bool {
	for _, e := range set {
		if !lookup(doc, e.Key).Equal(rawOf(e.Value)) {
			return false
		}
	}
	for _, e := range unset {
		if !lookup(doc, e.Key).IsZero() {
			return false
		}
	}
	return hasSeq(doc)
}

// markBatch is how many documents are marked with one command.
const markBatch = 500

// mark gives each document of a collection that has none its place in our order, the oldest first, and
// what else of ours it needs. A Rocket.Chat that has served an adopted database since leaves documents
// without it, and what people were called before.
func (s *Store) mark(ctx context.Context, collection string, read func(doc bson.Raw) (unmarked, error), leaveOut ...string) error {
	var all []unmarked
	err := s.scan(ctx, collection, func(doc bson.Raw) error {
		one, err := read(doc)
		if err != nil || isMarked(doc, one.set, one.unset) {
			return err
		}
		one.id, one.placed = doc.Lookup("_id"), hasSeq(doc)
		all = append(all, one)
		return nil
	}, leaveOut...)
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b unmarked) int { return a.made.Compare(b.made) })
	for batch := range slices.Chunk(all, markBatch) {
		var writes []mongo.WriteModel
		for _, one := range batch {
			writes = append(writes, s.marking(one))
		}
		if _, err := s.in(collection).BulkWrite(ctx, writes); err != nil {
			return err
		}
	}
	return nil
}

// marking gives a document what it lacks. Its place is given once.
func (s *Store) marking(one unmarked) mongo.WriteModel {
	filter, update := bson.D{is("_id", one.id)}, bson.D{}
	if !one.placed {
		filter = append(filter, is(seqPath, op("$exists", false)))
		one.set = append(one.set, s.seq(one.made))
	}
	if len(one.set) > 0 {
		update = append(update, is("$set", one.set))
	}
	if len(one.unset) > 0 {
		update = append(update, is("$unset", one.unset))
	}
	return mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(update)
}
