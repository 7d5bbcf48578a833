package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/256dpi/lungo/bsonkit"
	"github.com/256dpi/lungo/mongokit"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
)

// addOperators adds what the engine lacks to its table. Regular expressions are Go's, which lack
// look-around and references back. The table is the engine's own and there once, so they are added once.
var addOperators = sync.OnceFunc(func() {
	compare, in := mongokit.ExpressionQueryOperators["$eq"], mongokit.ExpressionQueryOperators["$in"]
	mongokit.ExpressionQueryOperators["$regex"] = matchRegex
	mongokit.TopLevelQueryOperators["$comment"] = func(mongokit.Context, bsonkit.Doc, string, string, any) error { return nil }
	equal := func(ctx mongokit.Context, doc bsonkit.Doc, operator, path string, v any) error {
		if pattern, ok := v.(primitive.Regex); ok {
			return matchRegex(ctx, doc, operator, path, pattern)
		}
		return compare(ctx, doc, "$eq", path, v)
	}
	mongokit.ExpressionQueryOperators[""] = equal
	mongokit.ExpressionQueryOperators["$eq"] = equal
	mongokit.ExpressionQueryOperators["$in"] = func(ctx mongokit.Context, doc bsonkit.Doc, operator, path string, v any) error {
		values, _ := v.(bson.A)
		for _, one := range values {
			if pattern, ok := one.(primitive.Regex); ok && matchRegex(ctx, doc, operator, path, pattern) == nil {
				return nil
			}
		}
		return in(ctx, doc, operator, path, v)
	}
})

func matchRegex(_ mongokit.Context, doc bsonkit.Doc, operator, path string, v any) error {
	var pattern primitive.Regex
	switch v := v.(type) {
	case string:
		pattern.Pattern = v
	case primitive.Regex:
		pattern = v
	default:
		return badValue("$regex has to be a string")
	}
	expression, err := compiled(pattern)
	if err != nil {
		return &fault{code: 51091, name: "Location51091", text: "Regular expression is invalid: " + err.Error()}
	}
	found, _ := bsonkit.All(doc, path, true, true)
	values, ok := found.(bson.A)
	if !ok {
		values = bson.A{found}
	}
	for _, one := range values {
		if text, ok := one.(string); ok && expression.MatchString(text) {
			return nil
		}
	}
	return mongokit.ErrNotMatched
}

func compiled(r primitive.Regex) (*regexp.Regexp, error) {
	var flags strings.Builder
	for _, flag := range r.Options {
		switch flag {
		case 'i', 'm', 's':
			flags.WriteRune(flag)
		case 'u':
		default:
			return nil, fmt.Errorf("option %c is not supported by mongotest", flag)
		}
	}
	if flags.Len() > 0 {
		return regexp.Compile("(?" + flags.String() + ")" + r.Pattern)
	}
	return regexp.Compile(r.Pattern)
}

// joinOptions puts the $options of a regular expression where it stands itself, in all of a filter.
func joinOptions(v any) any {
	switch v := v.(type) {
	case bson.D:
		if pattern := value(v, "$regex"); pattern != nil {
			return joined(v, pattern)
		}
		for i := range v {
			v[i].Value = joinOptions(v[i].Value)
		}
	case bson.A:
		for i := range v {
			v[i] = joinOptions(v[i])
		}
	}
	return v
}

func joined(d bson.D, pattern any) bson.D {
	options, _ := value(d, "$options").(string)
	text, ok := pattern.(string)
	if r, is := pattern.(primitive.Regex); is {
		text, ok = r.Pattern, true
		options += r.Options
	}
	if !ok {
		return d
	}
	var out bson.D
	for _, e := range d {
		switch e.Key {
		case "$options":
		case "$regex":
			out = append(out, bson.E{Key: "$regex", Value: primitive.Regex{Pattern: text, Options: options}})
		default:
			out = append(out, e)
		}
	}
	return out
}

// positioned puts the place of the array element that the query found where paths of an update have
// the positional operator $.
func positioned(update bson.D, doc, query bsonkit.Doc) (bson.D, error) {
	for i, operator := range update {
		fields, ok := operator.Value.(bson.D)
		if !ok {
			continue
		}
		for k, field := range fields {
			array, rest, found := strings.Cut(field.Key, ".$")
			if !found || rest != "" && rest[0] != '.' {
				continue
			}
			at, err := elementAt(array, doc, query)
			if err != nil {
				return nil, err
			}
			fields[k].Key = array + "." + strconv.Itoa(at) + rest
		}
		update[i].Value = fields
	}
	return update, nil
}

func elementAt(array string, doc, query bsonkit.Doc) (int, error) {
	elements, _ := bsonkit.Get(doc, array).(bson.A)
	for at, element := range elements {
		for _, part := range elementQueries(*query, array) {
			ok, err := mongokit.Match(&bson.D{{Key: "e", Value: bson.A{element}}}, &part)
			if err != nil {
				return 0, err
			}
			if ok {
				return at, nil
			}
		}
	}
	return 0, badValue("The positional operator did not find the match needed from the query.")
}

// elementQueries are the conditions of a query on an array, on one that is named e.
func elementQueries(query bson.D, array string) []bson.D {
	var all []bson.D
	for _, e := range query {
		if parts, ok := e.Value.(bson.A); ok && e.Key == "$and" {
			for _, part := range parts {
				if d, ok := part.(bson.D); ok {
					all = append(all, elementQueries(d, array)...)
				}
			}
		}
		if e.Key == array || strings.HasPrefix(e.Key, array+".") {
			all = append(all, bson.D{{Key: "e" + strings.TrimPrefix(e.Key, array), Value: e.Value}})
		}
	}
	return all
}
