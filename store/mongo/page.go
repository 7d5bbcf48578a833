package mongo

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/workspace"
)

// mostRecords is how many records one question is answered with. Nobody asks for more; a list that is
// longer is refused rather than cut off.
const mostRecords = 1_000_000

// list is a query for one page of records.
type list struct {
	collection string
	filter     bson.D
	leaveOut   []string         // members that are not read
	fields     map[string]field // to sort by, by their names on the wire
	order      []workspace.Order
	seq        string // the member that holds the order in which the records were added
	index      bson.D // to be read by it; nil: by whichever serves
}

// field is a member to sort by.
type field struct {
	path string
	time bool // sorting by it backwards turns the order of what is equal, too
}

// and narrows the list.
func (l *list) and(conditions ...bson.E) { l.filter = append(l.filter, conditions...) }

// sort words the order: what the page asks for where it asks for something known, else the list's
// own. What is equal stands in the order in which it was added.
func (l list) sort(page workspace.Page) bson.D {
	if by := l.terms(page.Sort); by != nil {
		return by
	}
	if by := l.terms(l.order); by != nil {
		return by
	}
	return bson.D{is(l.seq, 1)}
}

func (l list) terms(order []workspace.Order) bson.D {
	var terms bson.D
	seen := map[string]bool{}
	ties := 1
	for _, o := range order {
		f, known := l.fields[o.Field]
		if !known || seen[f.path] {
			continue
		}
		seen[f.path] = true
		direction := 1
		if o.Descending {
			direction = -1
		}
		if ties = 1; f.time {
			ties = direction
		}
		terms = append(terms, is(f.path, direction))
	}
	if terms == nil {
		return nil
	}
	return append(terms, is(l.seq, ties))
}

// without is the projection that leaves out what is not read.
func (l list) without() bson.D {
	projection := bson.D{}
	for _, path := range l.leaveOut {
		projection = append(projection, is(path, 0))
	}
	return projection
}

// readPage answers one page of a list and how long the whole list is.
func readPage[Doc, T any](ctx context.Context, s *Store, l list, page workspace.Page, one func(Doc) T) ([]T, int, error) {
	limit := mostRecords
	if page.Count > 0 {
		limit = min(page.Count, mostRecords)
	}
	offset := max(page.Offset, 0)
	find := options.Find().SetSort(l.sort(page)).SetSkip(int64(offset)).SetLimit(int64(limit))
	find.SetAllowDiskUse(true)
	if l.index != nil {
		find.SetHint(l.index)
	}
	if len(l.leaveOut) > 0 {
		find.SetProjection(l.without())
	}
	docs, err := readAll[Doc](ctx, s.in(l.collection), orAll(l.filter), find)
	if err != nil {
		return nil, 0, err
	}
	if len(docs) == mostRecords {
		return nil, 0, fmt.Errorf("%s holds more than %d records to answer at once", l.collection, mostRecords)
	}
	records := convert(docs, one)
	if len(records) == 0 {
		records = nil
	}
	if end := page.Count <= 0 || len(records) < limit; end && (len(records) > 0 || offset == 0) {
		return records, offset + len(records), nil // the list ends here
	}
	total, err := s.countList(ctx, l)
	return records, total, err
}

func (s *Store) countList(ctx context.Context, l list) (int, error) {
	o := options.Count()
	if l.index != nil {
		o.SetHint(l.index)
	}
	n, err := s.in(l.collection).CountDocuments(ctx, orAll(l.filter), o)
	return int(n), err
}

// readAll answers every document of a query.
func readAll[Doc any](ctx context.Context, c *mongo.Collection, filter bson.D, find *options.FindOptionsBuilder) ([]Doc, error) {
	cursor, err := c.Find(ctx, filter, find)
	if err != nil {
		return nil, err
	}
	var docs []Doc
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, err
	}
	return docs, nil
}

// readOne answers the only document of a query, or the first of those in an order.
func readOne[Doc any](ctx context.Context, c *mongo.Collection, filter bson.D, find ...options.Lister[options.FindOneOptions]) (Doc, error) {
	var doc Doc
	err := c.FindOne(ctx, filter, find...).Decode(&doc)
	return doc, err
}

// count answers how many documents match.
func (s *Store) count(ctx context.Context, collection string, filter bson.D) (int, error) {
	n, err := s.in(collection).CountDocuments(ctx, orAll(filter))
	return int(n), err
}

// has reports whether a document matches.
func (s *Store) has(ctx context.Context, collection string, filter bson.D) (bool, error) {
	n, err := s.in(collection).CountDocuments(ctx, filter, options.Count().SetLimit(1))
	return n > 0, err
}

// contains is a condition: the text is part of a member, without regard to case.
func contains(text string) bson.D {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(text), "\x00", `\x00`)
	return bson.D{is("$regex", pattern), is("$options", "i")}
}

// texts answers the values of one member of the documents that match, which are texts.
func (s *Store) texts(ctx context.Context, collection, path string, filter bson.D) ([]string, error) {
	cursor, err := s.in(collection).Find(ctx, filter, options.Find().SetProjection(bson.D{is(path, 1)}).SetLimit(mostRecords))
	if err != nil {
		return nil, err
	}
	defer func() { _ = cursor.Close(ctx) }() // the error is that of cursor.Err
	var all []string
	for cursor.Next(ctx) {
		if text, ok := lookup(cursor.Current, path).StringValueOK(); ok {
			all = append(all, text)
		}
	}
	return all, cursor.Err()
}

// lookup answers the member at a path; absent: the zero value.
func lookup(doc bson.Raw, path string) bson.RawValue { return doc.Lookup(strings.Split(path, ".")...) }

// noNil is a list for $in, which takes no null.
func noNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
