package main

import (
	"slices"
	"time"

	"github.com/256dpi/lungo/bsonkit"
	"github.com/256dpi/lungo/mongokit"
	"go.mongodb.org/mongo-driver/bson"
)

// find answers the records that match, in the order asked for.
func (c *collection) find(q query, p *plan) ([]*record, error) {
	stop := 0
	if p.ordered && q.limit > 0 {
		stop = q.skip + q.limit
	}
	found, err := c.scan(q, p, stop)
	if err != nil {
		return nil, err
	}
	if !p.ordered {
		if found, err = sorted(found, q.sort); err != nil {
			return nil, err
		}
	}
	found = found[min(q.skip, len(found)):]
	if q.limit > 0 {
		found = found[:min(q.limit, len(found))]
	}
	return found, nil
}

func (c *collection) scan(q query, p *plan, stop int) ([]*record, error) {
	var found []*record
	var failed error
	seen := map[*record]bool{}
	examined := 0
	take := func(r *record) bool {
		if examined++; examined%1024 == 0 && !q.deadline.IsZero() && time.Now().After(q.deadline) {
			failed = timeExpired()
			return false
		}
		if seen[r] {
			return true
		}
		ok, err := mongokit.Match(r.doc, &q.filter)
		if err != nil {
			failed = err
			return false
		}
		if ok {
			found = append(found, r)
			if p.branches != nil || p.index != nil && p.index.multikey {
				seen[r] = true
			}
		}
		return stop == 0 || len(found) < stop
	}
	c.walk(p, func(r *record) bool { return take(r) && failed == nil })
	return found, failed
}

func (c *collection) walk(p *plan, take func(*record) bool) {
	switch {
	case p.branches != nil:
		going := true
		for _, branch := range p.branches {
			c.walk(branch, func(r *record) bool { going = take(r); return going })
			if !going {
				return
			}
		}
	case p.index != nil:
		going := true
		for _, r := range p.ranges {
			p.index.walk(r, p.backward, func(r *record) bool { going = take(r); return going })
			if !going {
				return
			}
		}
	default:
		c.records.Scan(take)
	}
}

func (x *index) walk(r keyRange, backward bool, take func(*record) bool) {
	if backward {
		x.tree.Descend(r.to, func(e entry) bool { return !x.less(e, r.from) && take(e.record) })
		return
	}
	x.tree.Ascend(r.from, func(e entry) bool { return !x.less(r.to, e) && take(e.record) })
}

// sorted puts records in order. Of those that are equal, the older stands first.
func sorted(records []*record, sort bson.D) ([]*record, error) {
	columns, err := mongokit.Columns(&sort)
	if err != nil {
		return nil, badValue("sort: %s", err.Error())
	}
	slices.SortStableFunc(records, func(a, b *record) int { return order(a.doc, b.doc, columns) })
	return records, nil
}

func order(a, b bsonkit.Doc, columns []bsonkit.Column) int {
	for _, column := range columns {
		l, r := sortKey(a, column), sortKey(b, column)
		if o := bsonkit.Compare(l, r); o != 0 {
			if column.Reverse {
				return -o
			}
			return o
		}
	}
	return 0
}

// sortKey is what a document is sorted by: of an array its least element, or its greatest where the
// order is reversed.
func sortKey(doc bsonkit.Doc, column bsonkit.Column) any {
	value, _ := bsonkit.All(doc, column.Path, true, true)
	array, ok := value.(bson.A)
	if !ok {
		return value
	}
	if len(array) == 0 {
		return bsonkit.Missing
	}
	if column.Reverse {
		return slices.MaxFunc(array, bsonkit.Compare)
	}
	return slices.MinFunc(array, bsonkit.Compare)
}
