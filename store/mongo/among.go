package mongo

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/workspace"
)

// mostNamed is how many ids one command names. A document, which a condition is, ends at 16 MB: the
// members of a large room would be beyond that.
const mostNamed = 1000

// readAmong answers one page of the records of a list that have one of these ids, and how many those
// are. Where the ids are too many for one command, only what the records are sorted by is read of all
// of them, and the records themselves of the page alone.
func readAmong[Doc, T any](ctx context.Context, s *Store, l list, ids []string, page workspace.Page, one func(Doc) T) ([]T, int, error) {
	l.index = byID
	if len(ids) <= mostNamed {
		l.and(amongIDs(ids))
		return readPage(ctx, s, l, page, one)
	}
	found, err := s.sortedIDs(ctx, l, ids, page)
	if err != nil {
		return nil, 0, err
	}
	records, err := readEach(ctx, s, l, pageOf(found, page), one)
	return records, len(found), err
}

func amongIDs(ids []string) bson.E { return is("_id", op("$in", noNil(ids))) }

// sortedIDs answers the ids of those that belong to the list, in its order.
func (s *Store) sortedIDs(ctx context.Context, l list, ids []string, page workspace.Page) ([]string, error) {
	order := l.sort(page)
	projection := bson.D{is("_id", 1)}
	for _, e := range order {
		if e.Key != "_id" {
			projection = append(projection, is(e.Key, 1))
		}
	}
	find := options.Find().SetHint(byID).SetLimit(mostNamed).SetProjection(projection)
	var keys []sortKey
	for some := range slices.Chunk(ids, mostNamed) {
		docs, err := readAll[bson.Raw](ctx, s.in(l.collection), append(slices.Clone(l.filter), amongIDs(some)), find)
		if err != nil {
			return nil, err
		}
		for _, doc := range docs {
			keys = append(keys, newSortKey(doc, order))
		}
	}
	slices.SortFunc(keys, func(a, b sortKey) int { return a.compare(b, order) })
	return convert(keys, func(k sortKey) string { return k.id }), nil
}

// pageOf answers the part of a list that a page asks for.
func pageOf[T any](list []T, page workspace.Page) []T {
	from := min(max(page.Offset, 0), len(list))
	to := len(list)
	if page.Count > 0 {
		to = min(from+min(page.Count, len(list)), len(list))
	}
	return list[from:to]
}

// readEach answers the records with these ids, in their order. One that is gone meanwhile is left out.
func readEach[Doc, T any](ctx context.Context, s *Store, l list, ids []string, one func(Doc) T) ([]T, error) {
	find := options.Find().SetHint(byID).SetLimit(mostNamed)
	if len(l.leaveOut) > 0 {
		find.SetProjection(l.without())
	}
	var records []T
	for some := range slices.Chunk(ids, mostNamed) {
		docs, err := readAll[bson.Raw](ctx, s.in(l.collection), bson.D{amongIDs(some)}, find)
		if err != nil {
			return nil, err
		}
		at := places(some)
		slices.SortFunc(docs, func(a, b bson.Raw) int { return cmp.Compare(at[idText(a.Lookup("_id"))], at[idText(b.Lookup("_id"))]) })
		for _, raw := range docs {
			var doc Doc
			if err := bson.Unmarshal(raw, &doc); err != nil {
				return nil, err
			}
			records = append(records, one(doc))
		}
	}
	return records, nil
}

// places numbers ids by their order.
func places(ids []string) map[string]int {
	at := make(map[string]int, len(ids))
	for n, id := range ids {
		at[id] = n
	}
	return at
}

// sortKey is what a document is sorted by.
type sortKey struct {
	id     string
	values []bson.RawValue
}

func newSortKey(doc bson.Raw, order bson.D) sortKey {
	k := sortKey{id: idText(doc.Lookup("_id"))}
	for _, e := range order {
		k.values = append(k.values, lookup(doc, e.Key))
	}
	return k
}

func (k sortKey) compare(other sortKey, order bson.D) int {
	for n, e := range order {
		c := compareValues(k.values[n], other.values[n])
		if e.Value == -1 {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(k.id, other.id)
}

// compareValues orders values as MongoDB does, of the types that lists are sorted by: what is absent
// comes first, then numbers, texts, truths and times.
func compareValues(a, b bson.RawValue) int {
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c
	}
	switch rank(a) {
	case rankNumber:
		left, _ := a.AsInt64OK()
		right, _ := b.AsInt64OK()
		return cmp.Compare(left, right)
	case rankText:
		return cmp.Compare(a.StringValue(), b.StringValue())
	case rankTruth:
		return bytes.Compare(a.Value, b.Value)
	case rankTime:
		return cmp.Compare(a.DateTime(), b.DateTime())
	default:
		return 0
	}
}

// The ranks of types, as MongoDB sorts them.
const (
	rankAbsent = iota
	rankNumber
	rankText
	rankTruth
	rankTime
)

func rank(value bson.RawValue) int {
	switch value.Type {
	case bson.TypeInt32, bson.TypeInt64, bson.TypeDouble:
		return rankNumber
	case bson.TypeString:
		return rankText
	case bson.TypeBoolean:
		return rankTruth
	case bson.TypeDateTime:
		return rankTime
	default:
		return rankAbsent
	}
}
