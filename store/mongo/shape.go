package mongo

import (
	"reflect"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// A document's shape is a struct whose tags name its members. The members of a struct in it are
// members of their own, so that what stands beside them is left alone. One with omitzero is absent
// where it is zero: nil is absent, and empty is not.

// insertion is a new document of that shape, with more members by their paths.
func insertion(doc any, more ...bson.E) bson.D {
	set, _ := members(doc)
	return nest(append(set, more...))
}

// change is the update that gives a document all members of the shape and leaves the others.
func change(doc any) bson.D {
	set, unset := members(doc)
	if len(set) > 0 && set[0].Key == "_id" {
		set = set[1:]
	}
	update := bson.D{{Key: "$set", Value: set}}
	if len(unset) > 0 {
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	return update
}

// members lists the members of a shape by their paths: those that are there, and those that are not.
func members(doc any) (set, unset bson.D) {
	collect(reflect.ValueOf(doc), "", &set, &unset)
	return set, unset
}

func collect(v reflect.Value, prefix string, set, unset *bson.D) {
	for n := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(n).Tag.Get("bson"), ",")
		path, member := prefix+name, v.Field(n)
		switch {
		case isShape(member.Type()):
			collect(member, path+".", set, unset)
		case options == "omitzero" && member.IsZero():
			*unset = append(*unset, bson.E{Key: path, Value: ""})
		default:
			*set = append(*set, bson.E{Key: path, Value: member.Interface()})
		}
	}
}

// isShape reports whether a struct has members of its own, which times and raw values have not.
func isShape(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]() && t != reflect.TypeFor[bson.RawValue]()
}

// nest makes a document of members by their paths.
func nest(paths bson.D) bson.D {
	doc := bson.D{}
	for _, e := range paths {
		doc = put(doc, e.Key, e.Value)
	}
	return doc
}

func put(doc bson.D, path string, value any) bson.D {
	name, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		return append(doc, bson.E{Key: name, Value: value})
	}
	for n := range doc {
		if inner, ok := doc[n].Value.(bson.D); ok && doc[n].Key == name {
			doc[n].Value = put(inner, rest, value)
			return doc
		}
	}
	return append(doc, bson.E{Key: name, Value: put(bson.D{}, rest, value)})
}

// is is a filter, or part of one.
func is(path string, value any) bson.E { return bson.E{Key: path, Value: value} }

// op is a condition, such as {$gt: value}.
func op(operator string, value any) bson.D { return bson.D{{Key: operator, Value: value}} }

// convert keeps nil and empty apart.
func convert[From, To any](list []From, one func(From) To) []To {
	if list == nil {
		return nil
	}
	converted := make([]To, len(list))
	for i, from := range list {
		converted[i] = one(from)
	}
	return converted
}

// fold makes texts that differ in case only the same.
func fold(text string) string { return strings.ToLower(strings.ToUpper(text)) }
