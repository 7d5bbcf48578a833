package main

import (
	"slices"
	"strings"
	"time"

	"github.com/256dpi/lungo/bsonkit"
	"github.com/256dpi/lungo/mongokit"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
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

// interval is a part of one column.
type interval struct {
	from, to         any
	fromOut, toOut   bool // the end itself is not in it
	point, unbounded bool
}

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

// condition is one comparison that every document found has to pass.
type condition struct {
	path     string
	operator string
	value    any
}

// flatten lists the comparisons of a filter that hold for all that it finds.
func flatten(filter bson.D, prefix string, to []condition) []condition {
	for _, e := range filter {
		switch {
		case e.Key == "$and":
			parts, _ := e.Value.(bson.A)
			for _, part := range parts {
				if d, ok := part.(bson.D); ok {
					to = flatten(d, prefix, to)
				}
			}
		case strings.HasPrefix(e.Key, "$"):
			if prefix != "" { // an operator on the elements of an array
				to = append(to, condition{strings.TrimSuffix(prefix, "."), e.Key, e.Value})
			}
		default:
			to = field(prefix+e.Key, e.Value, to)
		}
	}
	return to
}

func field(path string, value any, to []condition) []condition {
	d, ok := value.(bson.D)
	if !ok || len(d) == 0 || !strings.HasPrefix(d[0].Key, "$") {
		return append(to, condition{path, "$eq", value})
	}
	for _, e := range d {
		if e.Key == "$elemMatch" {
			if inner, ok := e.Value.(bson.D); ok {
				to = flatten(inner, path+".", to)
			}
			continue
		}
		to = append(to, condition{path, e.Key, e.Value})
	}
	return to
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

// present reports whether what passes has the field.
func (c condition) present() bool {
	switch c.operator {
	case "$eq", "$gt", "$gte", "$lt", "$lte":
		return c.value != nil
	case "$exists":
		return truth(c.value)
	case "$in":
		values, _ := c.value.(bson.A)
		return !slices.Contains(kinds(values), bsonkit.Null)
	case "$regex", "$type", "$all":
		return true
	default:
		return false
	}
}

func kinds(values bson.A) []bsonkit.Class {
	var all []bsonkit.Class
	for _, v := range values {
		class, _ := bsonkit.Inspect(v)
		all = append(all, class)
	}
	return all
}

// implies reports whether what passes the condition also passes the other, on the same path.
func (c condition) implies(other condition) bool {
	if c.operator == other.operator && bsonkit.Compare(c.value, other.value) == 0 {
		return true
	}
	if other.operator == "$exists" {
		return truth(other.value) && c.present()
	}
	holds := func(v any) bool {
		ok, err := mongokit.Match(&bson.D{{Key: "v", Value: v}}, &bson.D{{Key: "v", Value: bson.D{{Key: other.operator, Value: other.value}}}})
		return ok && err == nil
	}
	switch c.operator {
	case "$eq":
		return holds(c.value)
	case "$in":
		values, _ := c.value.(bson.A)
		return len(values) > 0 && !slices.ContainsFunc(values, func(v any) bool { return !holds(v) })
	case "$gt", "$gte":
		return (other.operator == "$gt" || other.operator == "$gte") && holds(c.value)
	case "$lt", "$lte":
		return (other.operator == "$lt" || other.operator == "$lte") && holds(c.value)
	default:
		return false
	}
}

// intervals are the parts of a column where what passes stands: points, or one range.
func (x *index) intervals(path string, conditions []condition) []interval {
	var span *interval
	var points []interval
	for _, c := range conditions {
		if c.path != path {
			continue
		}
		switch c.operator {
		case "$eq":
			if point(c.value) {
				return []interval{{from: c.value, point: true}}
			}
		case "$in":
			values, _ := c.value.(bson.A)
			if len(values) > 0 && points == nil && !slices.ContainsFunc(values, func(v any) bool { return !point(v) }) {
				points = distinct(values)
			}
		case "$gt", "$gte", "$lt", "$lte":
			if !point(c.value) {
				continue
			}
			class, _ := bsonkit.Inspect(c.value)
			bounds := interval{from: classEdge{class, -1}, to: classEdge{class, 1}}
			if strings.HasPrefix(c.operator, "$g") {
				bounds.from, bounds.fromOut = c.value, c.operator == "$gt"
			} else {
				bounds.to, bounds.toOut = c.value, c.operator == "$lt"
			}
			span = x.both(span, bounds)
		case "$exists", "$ne", "$nin", "$regex", "$not", "$type":
			if span == nil {
				span = &interval{unbounded: true}
			}
		}
	}
	if points != nil {
		return points
	}
	if span != nil {
		return []interval{*span}
	}
	return nil
}

// point reports whether a value stands in an index as itself.
func point(v any) bool {
	switch v.(type) {
	case bson.A, primitive.Regex:
		return false
	default:
		return true
	}
}

func distinct(values bson.A) []interval {
	sorted := slices.SortedFunc(slices.Values(values), bsonkit.Compare)
	sorted = slices.CompactFunc(sorted, func(a, b any) bool { return bsonkit.Compare(a, b) == 0 })
	points := make([]interval, 0, len(sorted))
	for _, v := range sorted {
		points = append(points, interval{from: v, point: true})
	}
	return points
}

// both joins two bounds of one column. Elements of an array may pass one each, so there the first
// bound alone counts.
func (x *index) both(have *interval, bounds interval) *interval {
	if have == nil || have.unbounded {
		return &bounds
	}
	if x.multikey {
		return have
	}
	joined := *have
	if order := compareKeys(bounds.from, have.from); order > 0 || order == 0 && bounds.fromOut {
		joined.from, joined.fromOut = bounds.from, bounds.fromOut
	}
	if order := compareKeys(bounds.to, have.to); order < 0 || order == 0 && bounds.toOut {
		joined.to, joined.toOut = bounds.to, bounds.toOut
	}
	return &joined
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
