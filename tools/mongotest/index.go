package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/256dpi/lungo/bsonkit"
	"github.com/256dpi/lungo/mongokit"
	"github.com/tidwall/btree"
	"go.mongodb.org/mongo-driver/bson"
)

// index keeps the records of a collection in the order of a key. An array in a document stands in it
// once for each of its elements.
type index struct {
	name    string
	key     bson.D
	columns []bsonkit.Column
	unique  bool
	sparse  bool
	partial bsonkit.Doc
	expires time.Duration
	timed   bool

	multikey bool // once it has seen an array
	tree     *btree.BTreeG[entry]
}

// record is a document with its place in the collection.
type record struct {
	place int64
	doc   bsonkit.Doc
	raw   bson.Raw
}

// entry is one key of a record. A shorter key with an edge stands before or after all that begin
// with it.
type entry struct {
	key    []any
	edge   int
	record *record
}

// classEdge stands before (-1) or after (1) all values of a class.
type classEdge struct {
	class bsonkit.Class
	side  int
}

func newIndex(spec bson.D) (*index, error) {
	x := &index{}
	for _, e := range spec {
		switch e.Key {
		case "key":
			x.key, _ = e.Value.(bson.D)
		case "name":
			x.name, _ = e.Value.(string)
		case "unique":
			x.unique = truth(e.Value)
		case "sparse":
			x.sparse = truth(e.Value)
		case "partialFilterExpression":
			partial, ok := e.Value.(bson.D)
			if !ok {
				return nil, failedToParse("partialFilterExpression is no document")
			}
			x.partial = &partial
		case "expireAfterSeconds":
			x.expires, x.timed = time.Duration(integer(e.Value))*time.Second, true
		case "v", "background", "ns":
		default:
			return nil, notSupported("indexes with %s", e.Key)
		}
	}
	if len(x.key) == 0 || x.name == "" {
		return nil, failedToParse("an index needs a key and a name")
	}
	for _, e := range x.key {
		if _, ok := e.Value.(string); ok {
			return nil, notSupported("%v indexes", e.Value)
		}
	}
	columns, err := mongokit.Columns(&x.key)
	if err != nil {
		return nil, &fault{code: 67, name: "CannotCreateIndex", text: err.Error()}
	}
	if x.timed && len(columns) > 1 {
		return nil, &fault{code: 67, name: "CannotCreateIndex", text: "TTL indexes are single-field indexes, compound indexes do not support TTL"}
	}
	x.columns = columns
	x.tree = btree.NewBTreeG(x.less)
	return x, nil
}

func (x *index) less(a, b entry) bool {
	for i := range min(len(a.key), len(b.key)) {
		order := compareKeys(a.key[i], b.key[i])
		if x.columns[i].Reverse {
			order = -order
		}
		if order != 0 {
			return order < 0
		}
	}
	if a.edge != b.edge {
		return a.edge < b.edge
	}
	if a.record == nil || b.record == nil {
		return false
	}
	return a.record.place < b.record.place
}

func compareKeys(l, r any) int {
	le, lok := l.(classEdge)
	re, rok := r.(classEdge)
	if !lok && !rok {
		return bsonkit.Compare(l, r)
	}
	if !lok {
		le.class, _ = bsonkit.Inspect(l)
	}
	if !rok {
		re.class, _ = bsonkit.Inspect(r)
	}
	if le.class != re.class {
		return int(le.class) - int(re.class)
	}
	return le.side - re.side
}

// keys are those under which a document stands in the index; none where it does not.
func (x *index) keys(doc bsonkit.Doc) ([][]any, error) {
	if x.partial != nil {
		if in, err := mongokit.Match(doc, x.partial); err != nil || !in {
			return nil, err
		}
	}
	tuples := [][]any{nil}
	missing := 0
	for _, column := range x.columns {
		value, _ := bsonkit.All(doc, column.Path, true, true)
		values := []any{value}
		if array, ok := value.(bson.A); ok {
			x.multikey = true
			if len(array) > 0 {
				values = array
			}
		}
		if value == any(bsonkit.Missing) {
			missing++
		}
		next := make([][]any, 0, len(tuples)*len(values))
		for _, tuple := range tuples {
			for _, v := range values {
				next = append(next, append(slices.Clip(tuple), v))
			}
		}
		tuples = next
	}
	if x.sparse && missing == len(x.columns) {
		return nil, nil
	}
	return tuples, nil
}

// taken answers the key of a document that another record has already.
func (x *index) taken(doc bsonkit.Doc, but *record) ([]any, error) {
	if !x.unique {
		return nil, nil
	}
	keys, err := x.keys(doc)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		found := false
		x.tree.Ascend(entry{key: key, edge: -1}, func(e entry) bool {
			if x.less(entry{key: key, edge: 1}, e) {
				return false
			}
			found = e.record != but
			return !found
		})
		if found {
			return key, nil
		}
	}
	return nil, nil
}

func (x *index) add(r *record) error {
	keys, err := x.keys(r.doc)
	for _, key := range keys {
		x.tree.Set(entry{key: key, record: r})
	}
	return err
}

func (x *index) remove(r *record) error {
	keys, err := x.keys(r.doc)
	for _, key := range keys {
		x.tree.Delete(entry{key: key, record: r})
	}
	return err
}

// spec is the index as listIndexes has it.
func (x *index) spec() bson.D {
	d := bson.D{{Key: "v", Value: int32(2)}, {Key: "key", Value: x.key}, {Key: "name", Value: x.name}}
	if x.unique && x.name != "_id_" {
		d = append(d, bson.E{Key: "unique", Value: true})
	}
	if x.sparse {
		d = append(d, bson.E{Key: "sparse", Value: true})
	}
	if x.partial != nil {
		d = append(d, bson.E{Key: "partialFilterExpression", Value: *x.partial})
	}
	if x.timed {
		d = append(d, bson.E{Key: "expireAfterSeconds", Value: int32(x.expires / time.Second)})
	}
	return d
}

// same reports whether another index would be this one.
func (x *index) same(y *index) bool {
	return x.sameKey(y) && x.unique == y.unique && x.sparse == y.sparse && x.timed == y.timed && x.expires == y.expires && x.samePartial(y)
}

func (x *index) sameKey(y *index) bool { return fmt.Sprint(x.columns) == fmt.Sprint(y.columns) }

func (x *index) samePartial(y *index) bool {
	if x.partial == nil || y.partial == nil {
		return x.partial == y.partial
	}
	return bsonkit.Compare(*x.partial, *y.partial) == 0
}

// plainKey is a key as it can be sent.
func plainKey(v any) any {
	if v == any(bsonkit.Missing) {
		return nil
	}
	return v
}

// generated is the name that the server would give to an index.
func generated(key bson.D) string {
	var parts []string
	for _, e := range key {
		parts = append(parts, e.Key, fmt.Sprint(e.Value))
	}
	return strings.Join(parts, "_")
}
