package main

import (
	"slices"
	"strings"

	"github.com/256dpi/lungo/bsonkit"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
)

// interval is a part of one column.
type interval struct {
	from, to         any
	fromOut, toOut   bool // the end itself is not in it
	point, unbounded bool
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
