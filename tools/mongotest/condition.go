package main

import (
	"slices"
	"strings"

	"github.com/256dpi/lungo/bsonkit"
	"github.com/256dpi/lungo/mongokit"
	"go.mongodb.org/mongo-driver/bson"
)

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
