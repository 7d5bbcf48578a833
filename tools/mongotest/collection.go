package main

import (
	"bytes"
	"fmt"

	"github.com/256dpi/lungo/bsonkit"
	"github.com/256dpi/lungo/mongokit"
	"github.com/tidwall/btree"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
)

// collection is a set of documents with its indexes, the one on _id first.
type collection struct {
	namespace string
	next      int64
	records   *btree.BTreeG[*record]
	indexes   []*index
	changed   func(change) // hears every change, to write it down
}

// change is what became of one document: Document is nil where it was removed.
type change struct {
	namespace string
	id        any
	document  bson.Raw
}

func newCollection(namespace string, changed func(change)) *collection {
	id, err := newIndex(bson.D{{Key: "key", Value: bson.D{{Key: "_id", Value: int32(1)}}}, {Key: "name", Value: "_id_"}, {Key: "unique", Value: true}})
	if err != nil {
		panic(err)
	}
	byPlace := func(a, b *record) bool { return a.place < b.place }
	return &collection{namespace: namespace, records: btree.NewBTreeG(byPlace), indexes: []*index{id}, changed: changed}
}

// insert adds a document, with an _id where it has none.
func (c *collection) insert(doc bson.D) error {
	doc, err := identified(doc)
	if err != nil {
		return err
	}
	raw, err := c.encode(&doc)
	if err != nil {
		return err
	}
	if err := c.free(&doc, nil); err != nil {
		return err
	}
	c.next++
	return c.put(&record{place: c.next, doc: &doc, raw: raw})
}

// identified has the _id in front.
func identified(doc bson.D) (bson.D, error) {
	for i, e := range doc {
		if e.Key != "_id" {
			continue
		}
		switch e.Value.(type) {
		case bson.A, primitive.Regex:
			return nil, &fault{code: 2, name: "BadValue", text: "The '_id' value cannot be of type array"}
		}
		if i == 0 {
			return doc, nil
		}
		front := append(make(bson.D, 0, len(doc)), e)
		front = append(front, doc[:i]...)
		return append(front, doc[i+1:]...), nil
	}
	return append(bson.D{{Key: "_id", Value: primitive.NewObjectID()}}, doc...), nil
}

func (c *collection) encode(doc bsonkit.Doc) (bson.Raw, error) {
	raw, err := bson.Marshal(*doc)
	if err != nil {
		return nil, badValue("%s", err.Error())
	}
	if len(raw) > maxDocument {
		return nil, &fault{code: 10334, name: "BSONObjectTooLarge", text: fmt.Sprintf("BSONObj size: %d is invalid. Size must be between 0 and %d", len(raw), maxDocument)}
	}
	return raw, nil
}

// free reports whether no other record has a key of the document.
func (c *collection) free(doc bsonkit.Doc, but *record) error {
	for _, x := range c.indexes {
		key, err := x.taken(doc, but)
		if err != nil {
			return err
		}
		if key != nil {
			return duplicate(c.namespace, x, key)
		}
	}
	return nil
}

func (c *collection) put(r *record) error {
	c.records.Set(r)
	for _, x := range c.indexes {
		if err := x.add(r); err != nil {
			return err
		}
	}
	c.changed(change{namespace: c.namespace, id: bsonkit.Get(r.doc, "_id"), document: r.raw})
	return nil
}

func (c *collection) remove(r *record) error {
	for _, x := range c.indexes {
		if err := x.remove(r); err != nil {
			return err
		}
	}
	c.records.Delete(r)
	c.changed(change{namespace: c.namespace, id: bsonkit.Get(r.doc, "_id")})
	return nil
}

// replace puts another document in the place of a record's, and reports whether it differs.
func (c *collection) replace(r *record, doc bsonkit.Doc) (bool, error) {
	raw, err := c.encode(doc)
	if err != nil {
		return false, err
	}
	if bytes.Equal(raw, r.raw) {
		return false, nil
	}
	if bsonkit.Compare(bsonkit.Get(doc, "_id"), bsonkit.Get(r.doc, "_id")) != 0 {
		return false, &fault{code: 66, name: "ImmutableField", text: "Performing an update on the path '_id' would modify the immutable field '_id'"}
	}
	if err := c.free(doc, r); err != nil {
		return false, err
	}
	for _, x := range c.indexes {
		if err := x.remove(r); err != nil {
			return false, err
		}
	}
	r.doc, r.raw = doc, raw
	return true, c.put(r)
}

// changing is an update or a replacement.
type changing struct {
	query        bsonkit.Doc
	with         bson.D
	operators    bool     // with has operators; else it is a whole document
	stages       []bson.E // those of a pipeline, in place of with
	arrayFilters bsonkit.List
}

func newChanging(query bson.D, with, arrayFilters any) (changing, error) {
	c := changing{query: &query}
	switch with := with.(type) {
	case bson.D:
		c.with = with
	case bson.A:
		stages, err := updateStages(with)
		c.stages, c.operators = stages, true
		return c, err
	default:
		return c, failedToParse("an update is a document")
	}
	for i, e := range c.with {
		operator := len(e.Key) > 0 && e.Key[0] == '$'
		if i == 0 {
			c.operators = operator
		} else if operator != c.operators {
			return c, &fault{code: 52, name: "DollarPrefixedFieldName", text: fmt.Sprintf("the field %q stands among what is of the other kind", e.Key)}
		}
	}
	filters, _ := arrayFilters.(bson.A)
	for _, filter := range filters {
		if d, ok := filter.(bson.D); ok {
			c.arrayFilters = append(c.arrayFilters, &d)
		}
	}
	return c, nil
}

// updateStages are those of a pipeline that changes a document.
func updateStages(pipeline bson.A) ([]bson.E, error) {
	var stages []bson.E
	for _, part := range pipeline {
		d, ok := part.(bson.D)
		if !ok || len(d) != 1 {
			return nil, failedToParse("each stage of an update has one field")
		}
		switch d[0].Key {
		case "$set", "$addFields", "$unset", "$project", "$replaceWith":
			stages = append(stages, d[0])
		default:
			return nil, &fault{code: 72, name: "InvalidOptions", text: d[0].Key + " is not allowed to be used within an update"}
		}
	}
	return stages, nil
}

// carried is what the stages of a pipeline make of a document.
func (c changing) carried(doc bsonkit.Doc) (bsonkit.Doc, error) {
	list := []bsonkit.Doc{doc}
	for _, stage := range c.stages {
		var err error
		if list, err = carry(list, stage); err != nil {
			return nil, err
		}
	}
	out := bsonkit.Clone(list[0])
	if id := bsonkit.Get(doc, "_id"); bsonkit.Get(out, "_id") == any(bsonkit.Missing) && id != any(bsonkit.Missing) {
		*out = append(bson.D{{Key: "_id", Value: id}}, *out...)
	}
	return out, nil
}

// apply answers what becomes of a document.
func (c changing) apply(old bsonkit.Doc) (bsonkit.Doc, error) {
	if c.stages != nil {
		return c.carried(old)
	}
	if !c.operators {
		whole := *bsonkit.Clone(&c.with)
		if bsonkit.Get(&whole, "_id") == any(bsonkit.Missing) {
			whole = append(bson.D{{Key: "_id", Value: bsonkit.Get(old, "_id")}}, whole...)
		}
		whole, err := identified(whole)
		return &whole, err
	}
	doc := bsonkit.Clone(old)
	update, err := positioned(*bsonkit.Clone(&c.with), old, c.query)
	if err != nil {
		return nil, err
	}
	if len(update) == 0 {
		return doc, nil
	}
	_, err = mongokit.Apply(doc, c.query, &update, false, c.arrayFilters)
	return doc, err
}

// made answers the document that an upsert adds.
func (c changing) made() (bson.D, error) {
	doc, err := mongokit.Extract(c.query)
	if err != nil {
		return nil, err
	}
	if c.stages != nil {
		changed, err := c.carried(doc)
		if err != nil {
			return nil, err
		}
		return identified(*changed)
	}
	if !c.operators {
		whole := *bsonkit.Clone(&c.with)
		id := bsonkit.Get(doc, "_id")
		if id != any(bsonkit.Missing) && bsonkit.Get(&whole, "_id") == any(bsonkit.Missing) {
			whole = append(bson.D{{Key: "_id", Value: id}}, whole...)
		}
		return identified(whole)
	}
	if len(c.with) > 0 {
		if _, err := mongokit.Apply(doc, c.query, bsonkit.Clone(&c.with), true, c.arrayFilters); err != nil {
			return nil, err
		}
	}
	return identified(*doc)
}
