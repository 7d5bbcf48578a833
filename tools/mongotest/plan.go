package main

import (
	"slices"
	"time"

	"github.com/256dpi/lungo/bsonkit"
	"github.com/256dpi/lungo/mongokit"
	"go.mongodb.org/mongo-driver/bson"
)

// query asks for the documents of a collection.
type query struct {
	filter   bson.D
	sort     bson.D
	skip     int
	limit    int // zero: all
	hint     any
	deadline time.Time // zero: none
}

// plan is how a query goes about it: through one index, through one for each branch of an $or, or,
// with neither, through all documents.
type plan struct {
	index    *index
	ranges   []keyRange
	backward bool
	ordered  bool // comes in the order asked for
	branches []*plan
}

// keyRange is a part of an index, from one entry to another.
type keyRange struct{ from, to entry }

// most key ranges that the values of $in may lead to.
const mostRanges = 2000

// stage names the plan as explain does.
func (p *plan) stage() bson.D {
	switch {
	case p.index != nil:
		scan := bson.D{{Key: "stage", Value: "IXSCAN"}, {Key: "keyPattern", Value: p.index.key}, {Key: "indexName", Value: p.index.name}, {Key: "isMultiKey", Value: p.index.multikey}}
		return p.sorted(bson.D{{Key: "stage", Value: "FETCH"}, {Key: "inputStage", Value: scan}})
	case p.branches != nil:
		stages := bson.A{}
		for _, b := range p.branches {
			stages = append(stages, b.stage())
		}
		return p.sorted(bson.D{{Key: "stage", Value: "SUBPLAN"}, {Key: "inputStages", Value: stages}})
	default:
		return p.sorted(bson.D{{Key: "stage", Value: "COLLSCAN"}})
	}
}

func (p *plan) sorted(stage bson.D) bson.D {
	if p.ordered {
		return stage
	}
	return bson.D{{Key: "stage", Value: "SORT"}, {Key: "inputStage", Value: stage}}
}

// indexed reports whether no part of the plan goes through all documents.
func (p *plan) indexed() bool { return p.index != nil || p.branches != nil }

// plan chooses the index that answers the query best.
func (c *collection) plan(q query) (*plan, error) {
	if q.hint != nil {
		return c.hinted(q)
	}
	best, points := c.bestOf(c.indexes, q.filter, q.sort)
	if points < 2 {
		if union := c.union(q); union != nil {
			return union, nil
		}
	}
	if best == nil {
		return &plan{ordered: len(q.sort) == 0}, nil
	}
	return best, nil
}

func (c *collection) hinted(q query) (*plan, error) {
	for _, x := range c.indexes {
		key, isKey := q.hint.(bson.D)
		if q.hint != any(x.name) && (!isKey || bsonkit.Compare(key, x.key) != 0) {
			continue
		}
		if best, _ := c.bestOf([]*index{x}, q.filter, q.sort); best != nil {
			return best, nil
		}
		return &plan{index: x, ranges: []keyRange{whole(nil)}, ordered: len(q.sort) == 0}, nil
	}
	if d, ok := q.hint.(bson.D); ok && len(d) == 1 && d[0].Key == "$natural" {
		return &plan{ordered: len(q.sort) == 0}, nil
	}
	return nil, badValue("error processing query: planner returned error: hint provided does not correspond to an existing index")
}

func (c *collection) bestOf(indexes []*index, filter, sort bson.D) (*plan, int) {
	conditions := flatten(filter, "", nil)
	var best *plan
	most := 0
	for _, x := range indexes {
		p, points := x.plan(conditions, sort)
		if p != nil && (best == nil || points > most) {
			best, most = p, points
		}
	}
	return best, most
}

// union plans each branch of an $or for itself; nil where one of them has no index.
func (c *collection) union(q query) *plan {
	for _, e := range q.filter {
		if e.Key == "$and" {
			parts, _ := e.Value.(bson.A)
			for _, part := range parts {
				if d, ok := part.(bson.D); ok {
					if p := c.union(query{filter: d, sort: q.sort}); p != nil {
						return p
					}
				}
			}
		}
		if e.Key != "$or" {
			continue
		}
		p := &plan{ordered: len(q.sort) == 0}
		parts, _ := e.Value.(bson.A)
		for _, part := range parts {
			d, _ := part.(bson.D)
			branch, points := c.bestOf(c.indexes, d, nil)
			if branch == nil || points < 2 {
				return nil
			}
			p.branches = append(p.branches, branch)
		}
		if len(p.branches) > 0 {
			return p
		}
	}
	return nil
}

// plan answers how the index serves, and how well; nil where it does not.
func (x *index) plan(conditions []condition, sort bson.D) (*plan, int) {
	if !x.covers(conditions) {
		return nil, 0
	}
	prefixes := [][]any{nil}
	points, equal := 0, 0
	var last *interval
	for _, column := range x.columns {
		intervals := x.intervals(column.Path, conditions)
		if len(intervals) == 0 {
			break
		}
		if !intervals[0].point {
			last = &intervals[0]
			points += 2
			if last.unbounded {
				points--
			}
			break
		}
		if len(prefixes)*len(intervals) > mostRanges {
			break
		}
		next := make([][]any, 0, len(prefixes)*len(intervals))
		for _, prefix := range prefixes {
			for _, v := range intervals {
				next = append(next, append(slices.Clip(prefix), v.from))
			}
		}
		prefixes = next
		equal++
		points += 4
	}
	p := &plan{index: x}
	p.ordered, p.backward = x.gives(sort, conditions, equal)
	if len(sort) > 0 && p.ordered && len(prefixes) == 1 {
		points += 3
	}
	if points == 0 {
		return nil, 0
	}
	if x.unique && equal == len(x.columns) {
		points += 4
	}
	for _, prefix := range prefixes {
		if last == nil || last.unbounded {
			p.ranges = append(p.ranges, whole(prefix))
			continue
		}
		p.ranges = append(p.ranges, x.between(prefix, *last))
	}
	if len(prefixes) > 1 && len(sort) > 0 {
		p.ordered = p.ordered && len(p.ranges) <= 1
	}
	return p, points
}

// covers reports whether the index holds all documents that the conditions find.
func (x *index) covers(conditions []condition) bool {
	if x.sparse {
		found := false
		for _, column := range x.columns {
			found = found || slices.ContainsFunc(conditions, func(c condition) bool { return c.path == column.Path && c.present() })
		}
		if !found {
			return false
		}
	}
	if x.partial == nil {
		return true
	}
	for _, wanted := range flatten(*x.partial, "", nil) {
		if !slices.ContainsFunc(conditions, func(c condition) bool { return c.path == wanted.path && c.implies(wanted) }) {
			return false
		}
	}
	return true
}

// gives reports whether entries that share their first columns come in the order asked for, and
// whether one has to go backward for it.
func (x *index) gives(sort bson.D, conditions []condition, equal int) (ordered, backward bool) {
	if len(sort) == 0 {
		return true, false
	}
	if x.multikey {
		return false, false
	}
	columns, err := mongokit.Columns(&sort)
	if err != nil {
		return false, false
	}
	fixed := func(path string) bool {
		return slices.ContainsFunc(conditions, func(c condition) bool { return c.path == path && c.operator == "$eq" && point(c.value) })
	}
	at, known := 0, false
	for _, column := range columns {
		if fixed(column.Path) {
			continue
		}
		for at < len(x.columns) && (at < equal || fixed(x.columns[at].Path)) && x.columns[at].Path != column.Path {
			at++
		}
		if at == len(x.columns) || x.columns[at].Path != column.Path {
			return false, false
		}
		opposite := x.columns[at].Reverse != column.Reverse
		if known && opposite != backward {
			return false, false
		}
		backward, known = opposite, true
		at++
	}
	return true, backward
}

func whole(prefix []any) keyRange {
	return keyRange{from: entry{key: prefix, edge: -1}, to: entry{key: prefix, edge: 1}}
}

// between is the part of the index below a prefix that an interval of the next column spans.
func (x *index) between(prefix []any, v interval) keyRange {
	low := entry{key: append(slices.Clip(prefix), v.from), edge: -1}
	high := entry{key: append(slices.Clip(prefix), v.to), edge: 1}
	if v.fromOut {
		low.edge = 1
	}
	if v.toOut {
		high.edge = -1
	}
	if x.columns[len(prefix)].Reverse {
		low.edge, high.edge = -low.edge, -high.edge
		low, high = high, low
	}
	return keyRange{from: low, to: high}
}
