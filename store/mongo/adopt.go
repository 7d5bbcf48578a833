package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// ErrForeign refuses a database that Rocket.Chat has made and that was not adopted.
var ErrForeign = errors.New("the database is one of Rocket.Chat's, and was not adopted")

// ownFact is the mark of a database that this server made or adopted.
const ownFact = "grapnel"

// own refuses a database of Rocket.Chat's without our mark, and marks an empty one.
func (s *Store) own(ctx context.Context) error {
	foreign, err := s.isForeign(ctx)
	switch {
	case err != nil:
		return failed(ctx, "look whose database it is", err)
	case foreign:
		return ErrForeign
	default:
		return failed(ctx, "mark the database", s.addMissing(ctx, factsName, bson.D{is("_id", ownFact)}))
	}
}

// isForeign reports whether Rocket.Chat's documents are there without our mark. It looks for them
// first: another server may be about to make a workspace, and marks it before.
func (s *Store) isForeign(ctx context.Context) (bool, error) {
	for _, collection := range []string{usersName, roomsName, integrationsName, settingsName} {
		held, err := s.has(ctx, collection, bson.D{is("_id", op("$exists", true))})
		if err != nil {
			return false, err
		}
		if held {
			marked, err := s.has(ctx, factsName, bson.D{is("_id", ownFact)})
			return !marked, err
		}
	}
	return false, nil
}

// Inspection is what a database holds, and what adopting it would write.
type Inspection struct {
	Foreign     bool // one of Rocket.Chat's that was not adopted
	Collections []Held
	Named       int                // users that get their names and addresses folded
	Ordered     int                // rooms and integrations that get their place in the order of adding
	Indexes     int                // that would be made
	Alike       []*DuplicatesError // what stands in the way
}

// Held is how many documents a collection has.
type Held struct {
	Collection string
	Documents  int
}

// Inspect reads a database and writes nothing.
func Inspect(ctx context.Context, address string) (Inspection, error) {
	s, err := connect(address, func(*options.ClientOptions) {})
	if err != nil {
		return Inspection{}, err
	}
	i, err := s.inspect(ctx)
	return i, errors.Join(failed(ctx, "inspect the database", err), s.client.Disconnect(context.WithoutCancel(ctx)))
}

func (s *Store) inspect(ctx context.Context) (i Inspection, err error) {
	if i.Foreign, err = s.isForeign(ctx); err != nil {
		return i, err
	}
	there, err := s.db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return i, err
	}
	for _, collection := range collections {
		if !slices.Contains(there, collection) {
			continue
		}
		n, err := s.in(collection).EstimatedDocumentCount(ctx)
		if err != nil {
			return i, err
		}
		i.Collections = append(i.Collections, Held{collection, int(n)})
	}
	users, alike, err := s.unnamed(ctx)
	if err != nil {
		return i, err
	}
	i.Named, i.Alike = len(users), alike
	for _, collection := range []string{roomsName, integrationsName} {
		found, err := s.unordered(ctx, collection)
		if err != nil {
			return i, err
		}
		i.Ordered += len(found)
	}
	i.Indexes, err = s.missingIndexes(ctx)
	return i, err
}

// collections are all of which Inspect tells.
var collections = []string{
	usersName, roomsName, subscriptionsName, messagesName, uploadsName, integrationsName, permissionsName, rolesName, settingsName,
	deliveriesName,
}

// Adopt makes a database of Rocket.Chat's one that can be opened: users get their names and addresses
// folded, and users, rooms and integrations their place in the order of adding. Nothing else of them
// changes, and nothing is added to them. It may be done again after it broke off.
func Adopt(ctx context.Context, address string) error {
	s, err := connect(address, func(*options.ClientOptions) {})
	if err != nil {
		return err
	}
	err = failed(ctx, "adopt the database", s.adopt(ctx))
	return errors.Join(err, s.client.Disconnect(context.WithoutCancel(ctx)))
}

func (s *Store) adopt(ctx context.Context) error {
	users, alike, err := s.unnamed(ctx)
	if err != nil {
		return err
	}
	if len(alike) > 0 {
		return alike[0]
	}
	if err := s.backfill(ctx, usersName, users); err != nil {
		return err
	}
	for _, collection := range []string{roomsName, integrationsName} {
		found, err := s.unordered(ctx, collection)
		if err != nil {
			return err
		}
		if err := s.backfill(ctx, collection, found); err != nil {
			return err
		}
	}
	for _, fact := range []string{seededFact, ownFact} {
		if err := s.addMissing(ctx, factsName, bson.D{is("_id", fact)}); err != nil {
			return err
		}
	}
	return nil
}

// addition is what adopting sets in a document.
type addition struct {
	id  bson.RawValue
	at  time.Time // when the document was made
	set bson.D
}

// adoptBatch is how many documents are changed by one command.
const adoptBatch = 500

// backfill gives documents what they lack, and their place in the order in which they were made.
func (s *Store) backfill(ctx context.Context, collection string, additions []addition) error {
	slices.SortStableFunc(additions, func(a, b addition) int { return a.at.Compare(b.at) })
	for batch := range slices.Chunk(additions, adoptBatch) {
		writes := convert(batch, func(a addition) mongo.WriteModel {
			return mongo.NewUpdateOneModel().SetFilter(bson.D{is("_id", a.id)}).SetUpdate(bson.D{is("$set", append(a.set, s.seq(a.at)))})
		})
		if _, err := s.in(collection).BulkWrite(ctx, writes); err != nil {
			return err
		}
	}
	return nil
}

// unnamed answers what the users lack, and which of them differ in the case of a name or an address
// only.
func (s *Store) unnamed(ctx context.Context) ([]addition, []*DuplicatesError, error) {
	var lacking []addition
	var alike []*DuplicatesError
	names, addresses := map[string]string{}, map[string]string{}
	err := s.each(ctx, usersName, []string{"username", "name", "emails", "createdAt", "grapnel"}, func(raw bson.Raw) error {
		var d struct {
			Username  string     `bson:"username"`
			Name      string     `bson:"name"`
			Emails    []emailDoc `bson:"emails"`
			CreatedAt time.Time  `bson:"createdAt"`
			Ours      userOurs   `bson:"grapnel"`
		}
		if err := bson.Unmarshal(raw, &d); err != nil {
			return fmt.Errorf("user %s: %w", idText(raw.Lookup("_id")), err)
		}
		ours := userOurs{Username: fold(d.Username), Name: fold(d.Name)}
		if len(d.Emails) > 0 {
			ours.Email = fold(d.Emails[0].Address)
		}
		id := raw.Lookup("_id")
		if ours.Username != d.Ours.Username || ours.Email != d.Ours.Email {
			a := addition{id: id, at: d.CreatedAt}
			members, _ := members(ours)
			for _, e := range members {
				a.set = append(a.set, is("grapnel."+e.Key, e.Value))
			}
			lacking = append(lacking, a)
		}
		for _, unique := range []struct {
			path, value string
			seen        map[string]string
		}{{"username", ours.Username, names}, {"e-mail address", ours.Email, addresses}} {
			if other, ok := unique.seen[unique.value]; ok && unique.value != "" {
				alike = append(alike, &DuplicatesError{
					Collection: usersName, Path: unique.path + " but for its case", IDs: []string{other, idText(id)}, Err: errExists,
				})
			}
			unique.seen[unique.value] = idText(id)
		}
		return nil
	})
	return lacking, alike, err
}

// unordered answers the documents of a collection that have no place in the order of adding.
func (s *Store) unordered(ctx context.Context, collection string) ([]addition, error) {
	var found []addition
	err := s.each(ctx, collection, []string{"ts", "_createdAt", seqPath}, func(raw bson.Raw) error {
		if _, err := raw.LookupErr("grapnel", "seq"); err == nil {
			return nil
		}
		a := addition{id: raw.Lookup("_id")}
		for _, path := range []string{"ts", "_createdAt"} {
			if at, ok := raw.Lookup(path).TimeOK(); ok {
				a.at = at
			}
		}
		found = append(found, a)
		return nil
	})
	return found, err
}

// each calls one for every document of a collection, with those members of it.
func (s *Store) each(ctx context.Context, collection string, members []string, one func(bson.Raw) error) error {
	projection := bson.D{}
	for _, path := range members {
		projection = append(projection, is(path, 1))
	}
	find := options.Find().SetSort(byID).SetProjection(projection).SetLimit(mostRecords)
	cursor, err := s.in(collection).Find(ctx, bson.D{}, find)
	if err != nil {
		return err
	}
	defer func() { _ = cursor.Close(ctx) }() // the error is that of cursor.Err
	for cursor.Next(ctx) {
		if err := one(slices.Clone(cursor.Current)); err != nil {
			return err
		}
	}
	return cursor.Err()
}
