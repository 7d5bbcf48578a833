package mongo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// index is one that the queries of this package need.
type index struct {
	collection string
	keys       []string // a minus in front: downwards
	unique     bool
	where      bson.D // the documents that it holds; nil: all
}

// indexes lists them all. Their conditions are such that MongoDB 4.4 knows them.
var indexes = []index{
	{collection: usersName, keys: []string{"grapnel.username"}, unique: true, where: bson.D{exists("grapnel.username")}},
	{collection: usersName, keys: []string{"grapnel.email"}, unique: true, where: bson.D{exists("grapnel.email")}},
	{collection: usersName, keys: []string{"grapnel.seq"}},
	{collection: usersName, keys: []string{tokenHash}, unique: true, where: bson.D{exists(tokenHash)}},
	{collection: usersName, keys: []string{tokenEnd}, where: bson.D{exists(tokenEnd)}},
	{collection: usersName, keys: []string{tokenWhen}, where: bson.D{exists(tokenWhen)}},

	{collection: roomsName, keys: []string{"name"}, unique: true, where: bson.D{exists("name")}},
	{collection: roomsName, keys: []string{"grapnel.seq"}},
	{collection: roomsName, keys: []string{"t", "grapnel.seq"}},
	{collection: roomsName, keys: []string{"teamId"}, where: bson.D{exists("teamId")}},
	{collection: roomsName, keys: []string{"u._id"}},
	{collection: roomsName, keys: []string{"uids"}, where: bson.D{exists("uids")}},
	{collection: roomsName, keys: []string{"muted"}, where: bson.D{exists("muted")}},

	{collection: subscriptionsName, keys: []string{"rid", "u._id"}, unique: true},
	{collection: subscriptionsName, keys: []string{"u._id", "rid"}},

	{collection: messagesName, keys: []string{"rid", "ts", "grapnel.seq"}},
	{collection: messagesName, keys: []string{"tmid", "ts", "grapnel.seq"}, where: bson.D{exists("tmid")}},
	{collection: messagesName, keys: []string{"u._id"}},

	{collection: uploadsName, keys: []string{"rid"}},
	{collection: uploadsName, keys: []string{"userId"}},
	{collection: uploadsName, keys: []string{"grapnel.messageId"}, where: bson.D{exists("grapnel.messageId")}},
	{collection: uploadsName, keys: []string{"grapnel.state", "uploadedAt"}, where: bson.D{exists("grapnel.state")}},
	{collection: uploadsName, keys: []string{"grapnel.taken.mark"}, where: bson.D{exists("grapnel.taken.mark")}},
	{collection: chunksName, keys: []string{"files_id", "n"}, unique: true},

	{collection: integrationsName, keys: []string{"grapnel.seq"}},
	{collection: integrationsName, keys: []string{"type", "_createdBy._id"}},
	{collection: integrationsName, keys: []string{"urls", "type", "grapnel.seq"}},

	{collection: scriptValuesName, keys: []string{"integrationId"}},
	{collection: outagesName, keys: []string{"integrationId"}},
	{collection: outagesName, keys: []string{"since", "_id"}},

	{collection: unfinishedName, keys: []string{"arriving.mark"}, where: bson.D{exists("arriving.mark")}},
	{collection: unfinishedName, keys: []string{"note"}, where: bson.D{exists("note")}},

	// A claim reads only the first of these, and of it only what is due. Those that somebody holds
	// stand in it, too: as many as are carried out at the moment.
	{collection: deliveriesName, keys: []string{"due", "seq", "leaseUntil"}, where: bson.D{is("state", rowWaiting)}},
	{collection: deliveriesName, keys: []string{"leaseUntil", "due"}, where: bson.D{is("state", rowWaiting)}},
	{collection: deliveriesName, keys: []string{"lane", "seq"}, where: bson.D{is("state", rowParked)}},
	{collection: deliveriesName, keys: []string{"lane", "seq"}, where: bson.D{is("ordered", true)}},
	{collection: deliveriesName, keys: []string{"key", "seq"}, where: bson.D{is("state", rowHeld)}},
	{collection: deliveriesName, keys: []string{"state", "seq", "_id"}},
	{collection: deliveriesName, keys: []string{"key", "updatedAt", "seq"}},
	{collection: deliveriesName, keys: []string{"key", "seq", "_id"}},
	{collection: deliveriesName, keys: []string{"updatedAt", "seq"}, where: bson.D{is("ended", true)}},
	{collection: deliveriesName, keys: []string{"arriving.mark"}, where: bson.D{is("state", arriving)}},
}

func exists(path string) bson.E { return is(path, op("$exists", true)) }

// model is the index as the driver makes it. Its name is our own, so that it can stand beside one
// that Rocket.Chat made over the same members.
func (x index) model() mongo.IndexModel {
	keys := bson.D{}
	for _, key := range x.keys {
		if path, down := strings.CutPrefix(key, "-"); down {
			keys = append(keys, is(path, -1))
		} else {
			keys = append(keys, is(path, 1))
		}
	}
	o := options.Index().SetName(x.name())
	if x.unique {
		o.SetUnique(true)
	}
	if x.where != nil {
		o.SetPartialFilterExpression(x.where)
	}
	return mongo.IndexModel{Keys: keys, Options: o}
}

func (x index) name() string {
	parts := append([]string{"grapnel"}, x.keys...)
	for _, e := range x.where {
		if text, ok := e.Value.(string); ok {
			parts = append(parts, text) // two indexes over the same members hold different documents
		}
	}
	return strings.Join(parts, "_")
}

// The numbers of refusals to make an index.
const (
	optionsConflict = 85
	keySpecConflict = 86
)

// indexLimit is how long it may take to make them all, which goes through large collections.
const indexLimit = time.Hour

// makeIndexes makes those that are missing, one by one, so that the one that cannot be made is known.
func (s *Store) makeIndexes(ctx context.Context, indexes []index) error {
	ctx, cancel := context.WithTimeout(ctx, indexLimit)
	defer cancel()
	for _, x := range indexes {
		_, err := s.in(x.collection).Indexes().CreateOne(ctx, x.model())
		switch {
		case err == nil:
		case mongo.IsDuplicateKeyError(err):
			return s.duplicates(ctx, x, err)
		case hasCode(err, []int{optionsConflict, keySpecConflict}) && s.isServed(ctx, x):
		default:
			return failed(ctx, fmt.Sprintf("make the index %s of %s", x.name(), x.collection), err)
		}
	}
	return nil
}

// isServed reports whether another index over the same members, such as one of Rocket.Chat's, does
// what this one is for. Old servers have no two of them.
func (s *Store) isServed(ctx context.Context, x index) bool {
	found, err := s.in(x.collection).Indexes().ListSpecifications(ctx)
	if err != nil {
		return false
	}
	wanted, err := bson.Marshal(x.model().Keys)
	if err != nil {
		return false
	}
	for _, spec := range found {
		unique := spec.Unique != nil && *spec.Unique
		if sameKeys(spec.KeysDocument, wanted) && (unique || !x.unique) {
			return true
		}
	}
	return false
}

// sameKeys compares the members of two indexes; the numbers for their directions may be of any type.
func sameKeys(a, b bson.Raw) bool {
	left, err := a.Elements()
	if err != nil {
		return false
	}
	right, err := b.Elements()
	if err != nil || len(left) != len(right) {
		return false
	}
	for n := range left {
		down, ok := left[n].Value().AsInt64OK()
		if !ok || left[n].Key() != right[n].Key() || down != right[n].Value().AsInt64() {
			return false
		}
	}
	return true
}

// DuplicatesError says that an index cannot be made because documents are alike that may not be.
type DuplicatesError struct {
	Collection string
	Path       string   // of the member in which they are alike
	IDs        []string // of the documents, where they could be found
	Err        error
}

// Error names the documents.
func (e *DuplicatesError) Error() string {
	text := fmt.Sprintf("%s: documents are alike in %s, of which each must have its own", e.Collection, e.Path)
	if len(e.IDs) > 0 {
		text += ": _id " + strings.Join(e.IDs, ", ")
	}
	return text + "; change or remove all but one of them and start again"
}

// Unwrap answers what MongoDB said.
func (e *DuplicatesError) Unwrap() error { return e.Err }

// duplicates names the documents that stand in the way of an index.
func (s *Store) duplicates(ctx context.Context, x index, cause error) error {
	e := &DuplicatesError{Collection: x.collection, Path: strings.ReplaceAll(strings.Join(x.keys, " and "), "grapnel.", ""), Err: cause}
	found, err := s.alike(ctx, x)
	if err != nil {
		return errors.Join(e, failed(ctx, "look for the documents", err))
	}
	e.IDs = found
	return e
}

// alike answers the ids of the first documents that are alike in the members of an index.
func (s *Store) alike(ctx context.Context, x index) ([]string, error) {
	projection := bson.D{}
	for _, key := range x.keys {
		projection = append(projection, is(key, 1))
	}
	cursor, err := s.in(x.collection).Find(ctx, orAll(x.where), options.Find().SetProjection(projection).SetHint(byID).SetLimit(mostRecords))
	if err != nil {
		return nil, err
	}
	defer func() { _ = cursor.Close(ctx) }() // the error is that of cursor.Err
	seen := map[string]string{}
	for cursor.Next(ctx) {
		id := idText(cursor.Current.Lookup("_id"))
		for _, key := range x.keysOf(cursor.Current) {
			if first, ok := seen[key]; ok && first != id {
				return []string{first, id}, nil
			}
			seen[key] = id
		}
	}
	return nil, cursor.Err()
}

// keysOf are the values of an index's members in a document, one for each element where the members
// are those of an array.
func (x index) keysOf(doc bson.Raw) []string {
	keys := []string{""}
	for _, path := range x.keys {
		var longer []string
		for _, value := range valuesAt(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}, strings.Split(path, ".")) {
			for _, key := range keys {
				longer = append(longer, key+"\x00"+value)
			}
		}
		keys = longer
	}
	return keys
}

func valuesAt(value bson.RawValue, path []string) []string {
	switch {
	case value.Type == bson.TypeArray:
		var all []string
		elements, _ := bson.Raw(value.Array()).Values()
		for _, element := range elements {
			all = append(all, valuesAt(element, path)...)
		}
		return all
	case len(path) == 0:
		return []string{string(rune(value.Type)) + string(value.Value)}
	case value.Type == bson.TypeEmbeddedDocument:
		inner, err := value.Document().LookupErr(path[0])
		if err != nil {
			return nil
		}
		return valuesAt(inner, path[1:])
	default:
		return nil
	}
}

func idText(id bson.RawValue) string {
	if text, ok := id.StringValueOK(); ok {
		return text
	}
	return id.String()
}

// orAll is a filter that may be nil.
func orAll(filter bson.D) bson.D {
	if filter == nil {
		return bson.D{}
	}
	return filter
}
