package main

import (
	"github.com/256dpi/lungo/bsonkit"
	"go.mongodb.org/mongo-driver/bson"
)

// writes carries out the statements of a bulk, in order. After an error the rest is carried out
// only where the command says that order does not matter.
func writes(r *request, list string, one func(index int, statement bson.D) error) (bson.A, error) {
	statements, ok := r.field(list).(bson.A)
	if !ok || len(statements) == 0 {
		return nil, &fault{code: 9, name: "FailedToParse", text: "Write batch sizes must be between 1 and 100000. Got 0 operations."}
	}
	ordered := r.field("ordered") == nil || truth(r.field("ordered"))
	var faults bson.A
	for i, statement := range statements {
		d, ok := statement.(bson.D)
		if !ok {
			return nil, failedToParse("%s has something that is no document", list)
		}
		if err := one(i, d); err != nil {
			faults = append(faults, faultOf(err).writeError(i))
			if ordered {
				break
			}
		}
	}
	return faults, nil
}

func withFaults(d bson.D, faults bson.A) bson.D {
	if len(faults) == 0 {
		return d
	}
	return append(d, bson.E{Key: "writeErrors", Value: faults})
}

func (s *server) insert(r *request) (bson.D, error) {
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	c := s.made(namespace)
	var n int32
	faults, err := writes(r, "documents", func(_ int, d bson.D) error {
		err := c.insert(d)
		if err == nil {
			n++
		}
		return err
	})
	return withFaults(bson.D{{Key: "n", Value: n}}, faults), err
}

func (s *server) update(r *request) (bson.D, error) {
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	c := s.made(namespace)
	var n, modified int32
	var upserted bson.A
	faults, err := writes(r, "updates", func(i int, d bson.D) error {
		what := &request{body: d}
		filter, err := what.filter("q")
		if err != nil {
			return err
		}
		changing, err := newChanging(filter, what.field("u"), what.field("arrayFilters"))
		if err != nil {
			return err
		}
		multi := truth(what.field("multi"))
		if multi && !changing.operators {
			return failedToParse("multi update is not supported for replacement-style update")
		}
		q := query{filter: filter, hint: what.field("hint"), sort: what.document("sort"), deadline: r.deadline}
		if !multi {
			q.limit = 1
		}
		records, err := s.found(namespace, q)
		if err != nil {
			return err
		}
		for _, record := range records {
			doc, err := changing.apply(record.doc)
			if err != nil {
				return err
			}
			differs, err := c.replace(record, doc)
			if err != nil {
				return err
			}
			n++
			if differs {
				modified++
			}
		}
		if len(records) > 0 || !truth(what.field("upsert")) {
			return nil
		}
		id, err := c.upsert(changing)
		if err != nil {
			return err
		}
		n++
		upserted = append(upserted, bson.D{{Key: "index", Value: int32(i)}, {Key: "_id", Value: id}})
		return nil
	})
	out := bson.D{{Key: "n", Value: n}, {Key: "nModified", Value: modified}}
	if len(upserted) > 0 {
		out = append(out, bson.E{Key: "upserted", Value: upserted})
	}
	return withFaults(out, faults), err
}

func (c *collection) upsert(changing changing) (any, error) {
	made, err := changing.made()
	if err != nil {
		return nil, err
	}
	return bsonkit.Get(&made, "_id"), c.insert(made)
}

func (s *server) delete(r *request) (bson.D, error) {
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	var n int32
	faults, err := writes(r, "deletes", func(_ int, d bson.D) error {
		q, err := (&request{body: d, deadline: r.deadline}).query("q")
		if err != nil {
			return err
		}
		records, err := s.found(namespace, q)
		if err != nil {
			return err
		}
		for _, record := range records {
			if err := s.collection(namespace).remove(record); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return withFaults(bson.D{{Key: "n", Value: n}}, faults), err
}

func (s *server) findAndModify(r *request) (bson.D, error) {
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	c := s.made(namespace)
	q, err := r.query("query")
	if err != nil {
		return nil, err
	}
	q.limit = 1
	records, err := s.found(namespace, q)
	if err != nil {
		return nil, err
	}
	if truth(r.field("remove")) {
		return c.findAndRemove(r, records)
	}
	changing, err := newChanging(q.filter, r.field("update"), r.field("arrayFilters"))
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return c.findNothing(r, changing)
	}
	before := records[0].doc
	doc, err := changing.apply(before)
	if err != nil {
		return nil, err
	}
	if _, err := c.replace(records[0], doc); err != nil {
		return nil, err
	}
	if truth(r.field("new")) {
		before = doc
	}
	return modified(r, bson.D{{Key: "n", Value: int32(1)}, {Key: "updatedExisting", Value: true}}, before)
}

func (c *collection) findAndRemove(r *request, records []*record) (bson.D, error) {
	if len(records) == 0 {
		return modified(r, bson.D{{Key: "n", Value: int32(0)}}, nil)
	}
	doc := records[0].doc
	if err := c.remove(records[0]); err != nil {
		return nil, err
	}
	return modified(r, bson.D{{Key: "n", Value: int32(1)}}, doc)
}

func (c *collection) findNothing(r *request, changing changing) (bson.D, error) {
	if !truth(r.field("upsert")) {
		return modified(r, bson.D{{Key: "n", Value: int32(0)}, {Key: "updatedExisting", Value: false}}, nil)
	}
	id, err := c.upsert(changing)
	if err != nil {
		return nil, err
	}
	var doc bsonkit.Doc
	if truth(r.field("new")) {
		q := query{filter: bson.D{{Key: "_id", Value: id}}}
		p, err := c.plan(q)
		if err != nil {
			return nil, err
		}
		made, err := c.find(q, p)
		if err != nil {
			return nil, err
		}
		doc = made[0].doc
	}
	return modified(r, bson.D{{Key: "n", Value: int32(1)}, {Key: "updatedExisting", Value: false}, {Key: "upserted", Value: id}}, doc)
}

func modified(r *request, last bson.D, doc bsonkit.Doc) (bson.D, error) {
	var shown any
	if doc != nil {
		part, err := project(doc, r.document("fields"))
		if err != nil {
			return nil, err
		}
		shown = *part
	}
	return bson.D{{Key: "lastErrorObject", Value: last}, {Key: "value", Value: shown}}, nil
}
