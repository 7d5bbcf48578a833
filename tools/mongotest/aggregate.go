package main

import (
	"slices"
	"strings"

	"github.com/256dpi/lungo/bsonkit"
	"github.com/256dpi/lungo/mongokit"
	"go.mongodb.org/mongo-driver/bson"
)

// aggregate carries out a pipeline. What stands in front of it and can be a query uses an index.
func (s *server) aggregate(r *request) (bson.D, error) {
	stages, ok := r.field("pipeline").(bson.A)
	if !ok {
		return nil, &fault{code: 14, name: "TypeMismatch", text: "'pipeline' has to be an array"}
	}
	if r.body[0].Value == int32(1) {
		return nil, notSupported("pipelines without a collection")
	}
	namespace, err := r.namespace()
	if err != nil {
		return nil, err
	}
	q, rest, err := leading(stages)
	if err != nil {
		return nil, err
	}
	q.hint, q.deadline = r.field("hint"), r.deadline
	records, err := s.found(namespace, q)
	if err != nil {
		return nil, err
	}
	list := make([]bsonkit.Doc, 0, len(records))
	for _, r := range records {
		list = append(list, r.doc)
	}
	for _, stage := range rest {
		if list, err = carry(list, stage); err != nil {
			return nil, err
		}
	}
	documents := make([]bson.D, 0, len(list))
	for _, doc := range list {
		documents = append(documents, *doc)
	}
	return s.cursor(r, namespace, documents)
}

// leading takes the query in front of a pipeline: $match, $sort, $skip and $limit in this order.
func leading(stages bson.A) (query, []bson.E, error) {
	q := query{filter: bson.D{}}
	var rest []bson.E
	last := 0
	for _, stage := range stages {
		d, ok := stage.(bson.D)
		if !ok || len(d) != 1 {
			return q, nil, &fault{code: 40323, name: "Location40323", text: "A pipeline stage specification object must contain exactly one field."}
		}
		e := d[0]
		at := slices.Index([]string{"", "$match", "$sort", "$skip", "$limit"}, e.Key)
		if len(rest) > 0 || at <= last {
			rest = append(rest, e)
			continue
		}
		last = at
		switch e.Key {
		case "$match":
			q.filter, ok = joinOptions(e.Value).(bson.D)
		case "$sort":
			q.sort, ok = e.Value.(bson.D)
		case "$skip":
			q.skip = int(integer(e.Value))
		case "$limit":
			q.limit = int(integer(e.Value))
		}
		if !ok {
			return q, nil, failedToParse("%s has to be a document", e.Key)
		}
	}
	return q, rest, nil
}

func carry(list []bsonkit.Doc, stage bson.E) ([]bsonkit.Doc, error) {
	d, isDocument := stage.Value.(bson.D)
	switch stage.Key {
	case "$skip":
		return list[min(int(integer(stage.Value)), len(list)):], nil
	case "$limit":
		return list[:min(int(integer(stage.Value)), len(list))], nil
	case "$count":
		name, _ := stage.Value.(string)
		if len(list) == 0 {
			return nil, nil
		}
		return []bsonkit.Doc{{{Key: name, Value: int32(len(list))}}}, nil
	case "$unwind":
		return unwind(list, stage.Value)
	case "$unset":
		return each(list, func(doc bsonkit.Doc) (bsonkit.Doc, error) { return without(bsonkit.Clone(doc), stage.Value) })
	case "$replaceWith":
		return each(list, func(doc bsonkit.Doc) (bsonkit.Doc, error) { return replacement(doc, stage.Value) })
	}
	if !isDocument {
		return nil, failedToParse("%s has to be a document", stage.Key)
	}
	switch stage.Key {
	case "$match":
		joinOptions(d)
		return mongokit.Filter(list, &d, 0)
	case "$sort":
		columns, err := mongokit.Columns(&d)
		if err != nil {
			return nil, badValue("$sort: %s", err.Error())
		}
		ordered := slices.Clone(list)
		slices.SortStableFunc(ordered, func(a, b bsonkit.Doc) int { return order(a, b, columns) })
		return ordered, nil
	case "$group":
		return group(list, d)
	case "$project":
		return each(list, func(doc bsonkit.Doc) (bsonkit.Doc, error) { return projectStage(doc, d) })
	case "$addFields", "$set":
		return each(list, func(doc bsonkit.Doc) (bsonkit.Doc, error) { return with(bsonkit.Clone(doc), doc, d) })
	default:
		return nil, &fault{code: 40324, name: "Location40324", text: "Unrecognized pipeline stage name (by mongotest): '" + stage.Key + "'"}
	}
}

func each(list []bsonkit.Doc, do func(bsonkit.Doc) (bsonkit.Doc, error)) ([]bsonkit.Doc, error) {
	out := make([]bsonkit.Doc, 0, len(list))
	for _, doc := range list {
		done, err := do(doc)
		if err != nil {
			return nil, err
		}
		out = append(out, done)
	}
	return out, nil
}

// with sets computed fields.
func with(to, from bsonkit.Doc, fields bson.D) (bsonkit.Doc, error) {
	for _, e := range fields {
		v, err := evaluate(from, e.Value)
		if err != nil {
			return nil, err
		}
		if v == any(bsonkit.Missing) {
			continue
		}
		if _, err := bsonkit.Put(to, e.Key, v, false); err != nil {
			return nil, err
		}
	}
	return to, nil
}

// without takes fields away: one path, or a list of them.
func without(doc bsonkit.Doc, paths any) (bsonkit.Doc, error) {
	list, ok := paths.(bson.A)
	if !ok {
		list = bson.A{paths}
	}
	for _, path := range list {
		text, ok := path.(string)
		if !ok || text == "" {
			return nil, failedToParse("$unset takes a path or an array of paths")
		}
		bsonkit.Unset(doc, text)
	}
	return doc, nil
}

func replacement(doc bsonkit.Doc, expression any) (bsonkit.Doc, error) {
	v, err := evaluate(doc, expression)
	if err != nil {
		return nil, err
	}
	d, ok := v.(bson.D)
	if !ok {
		return nil, &fault{code: 40228, name: "Location40228", text: "the new root has to be an object"}
	}
	return bsonkit.Clone(&d), nil
}

// projectStage keeps fields as a query's projection does, and computes the others.
func projectStage(doc bsonkit.Doc, d bson.D) (bsonkit.Doc, error) {
	var plain, computed bson.D
	for _, e := range d {
		switch v := e.Value.(type) {
		case string:
			computed = append(computed, e)
		case bson.D:
			if len(v) > 0 && strings.HasPrefix(v[0].Key, "$") && v[0].Key != "$slice" && v[0].Key != "$elemMatch" {
				computed = append(computed, e)
			} else {
				plain = append(plain, e)
			}
		default:
			plain = append(plain, e)
		}
	}
	switch {
	case len(computed) == 0:
		return project(doc, plain)
	case len(plain) == 0:
		plain = bson.D{{Key: "_id", Value: int32(1)}}
	case len(plain) == 1 && plain[0].Key == "_id" && !truth(plain[0].Value):
		return with(&bson.D{}, doc, computed)
	}
	kept, err := project(doc, plain)
	if err != nil {
		return nil, err
	}
	return with(bsonkit.Clone(kept), doc, computed)
}

func unwind(list []bsonkit.Doc, v any) ([]bsonkit.Doc, error) {
	path, _ := v.(string)
	keep := false
	if d, ok := v.(bson.D); ok {
		path, _ = value(d, "path").(string)
		keep = truth(value(d, "preserveNullAndEmptyArrays"))
		if value(d, "includeArrayIndex") != nil {
			return nil, notSupported("$unwind with includeArrayIndex")
		}
	}
	path, ok := strings.CutPrefix(path, "$")
	if !ok {
		return nil, badValue("path option to $unwind stage should be prefixed with a '$'")
	}
	var out []bsonkit.Doc
	for _, doc := range list {
		found := bsonkit.Get(doc, path)
		array, ok := found.(bson.A)
		switch {
		case ok && len(array) > 0:
			for _, element := range array {
				one := bsonkit.Clone(doc)
				if _, err := bsonkit.Put(one, path, element, false); err != nil {
					return nil, err
				}
				out = append(out, one)
			}
		case ok || found == any(bsonkit.Missing) || found == nil:
			if keep {
				one := bsonkit.Clone(doc)
				if ok {
					bsonkit.Unset(one, path)
				}
				out = append(out, one)
			}
		default:
			out = append(out, doc)
		}
	}
	return out, nil
}

// bucket is one group with what it has gathered.
type bucket struct {
	id      any
	members []bsonkit.Doc
}

func group(list []bsonkit.Doc, d bson.D) ([]bsonkit.Doc, error) {
	if len(d) == 0 || d[0].Key != "_id" {
		return nil, &fault{code: 15955, name: "Location15955", text: "a group specification must include an _id"}
	}
	var buckets []*bucket
	at := map[string]*bucket{}
	for _, doc := range list {
		id, err := evaluate(doc, d[0].Value)
		if err != nil {
			return nil, err
		}
		id = plainKey(id)
		if n, ok := id.(int32); ok { // numbers are equal whatever they are kept in
			id = int64(n)
		}
		raw, err := bson.Marshal(bson.D{{Key: "id", Value: id}})
		if err != nil {
			return nil, err
		}
		b := at[string(raw)]
		if b == nil {
			b = &bucket{id: id}
			at[string(raw)] = b
			buckets = append(buckets, b)
		}
		b.members = append(b.members, doc)
	}
	var out []bsonkit.Doc
	for _, b := range buckets {
		doc := bson.D{{Key: "_id", Value: b.id}}
		for _, e := range d[1:] {
			v, err := accumulate(b.members, e)
			if err != nil {
				return nil, err
			}
			doc = append(doc, bson.E{Key: e.Key, Value: v})
		}
		out = append(out, &doc)
	}
	return out, nil
}

func accumulate(members []bsonkit.Doc, e bson.E) (any, error) {
	d, ok := e.Value.(bson.D)
	if !ok || len(d) != 1 {
		return nil, &fault{code: 40234, name: "Location40234", text: "The field '" + e.Key + "' must be an accumulator object"}
	}
	if d[0].Key == "$count" {
		return int32(len(members)), nil
	}
	values := make([]any, 0, len(members))
	for _, doc := range members {
		v, err := evaluate(doc, d[0].Value)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	there := slices.DeleteFunc(slices.Clone(values), func(v any) bool { return plainKey(v) == nil })
	switch d[0].Key {
	case "$sum":
		return sum(there), nil
	case "$avg":
		if len(there) == 0 {
			return nil, nil
		}
		return bsonkit.Mul(sum(there), 1/float64(len(there))), nil
	case "$first":
		return plainKey(values[0]), nil
	case "$last":
		return plainKey(values[len(values)-1]), nil
	case "$max":
		if len(there) == 0 {
			return nil, nil
		}
		return slices.MaxFunc(there, bsonkit.Compare), nil
	case "$min":
		if len(there) == 0 {
			return nil, nil
		}
		return slices.MinFunc(there, bsonkit.Compare), nil
	case "$push":
		return bson.A(slices.DeleteFunc(values, func(v any) bool { return v == any(bsonkit.Missing) })), nil
	case "$addToSet":
		set := bson.A{}
		for _, v := range values {
			if v != any(bsonkit.Missing) && !slices.ContainsFunc(set, func(have any) bool { return bsonkit.Compare(have, v) == 0 }) {
				set = append(set, v)
			}
		}
		return set, nil
	default:
		return nil, notSupported("the accumulator %s", d[0].Key)
	}
}

func sum(values []any) any {
	var total any = int32(0)
	for _, v := range values {
		if more := bsonkit.Add(total, v); more != any(bsonkit.Missing) {
			total = more
		}
	}
	return total
}

// evaluate computes an expression of a pipeline.
func evaluate(doc bsonkit.Doc, expression any) (any, error) {
	switch e := expression.(type) {
	case string:
		if e == "$$ROOT" {
			return *doc, nil
		}
		if path, ok := strings.CutPrefix(e, "$"); ok {
			if strings.HasPrefix(path, "$") {
				return nil, notSupported("the variable %s", e)
			}
			found, _ := bsonkit.All(doc, path, true, true)
			return found, nil
		}
		return e, nil
	case bson.D:
		if len(e) == 1 && strings.HasPrefix(e[0].Key, "$") {
			return operate(doc, e[0].Key, e[0].Value)
		}
		return with(&bson.D{}, doc, e)
	case bson.A:
		out := make(bson.A, 0, len(e))
		for _, part := range e {
			v, err := evaluate(doc, part)
			if err != nil {
				return nil, err
			}
			out = append(out, plainKey(v))
		}
		return out, nil
	default:
		return e, nil
	}
}

func operate(doc bsonkit.Doc, operator string, argument any) (any, error) {
	if operator == "$literal" {
		return argument, nil
	}
	v, err := evaluate(doc, argument)
	if err != nil {
		return nil, err
	}
	arguments, ok := v.(bson.A)
	if _, listed := argument.(bson.A); !ok || !listed {
		arguments = bson.A{plainKey(v)}
	}
	compared := func() int { return bsonkit.Compare(arguments[0], arguments[1]) }
	takes := map[string]int{"$eq": 2, "$ne": 2, "$gt": 2, "$gte": 2, "$lt": 2, "$lte": 2, "$cond": 3, "$size": 1, "$toLower": 1, "$not": 1, "$subtract": 2}
	if n, known := takes[operator]; known && len(arguments) != n {
		return nil, &fault{code: 16020, name: "Location16020", text: "Expression " + operator + " takes another number of arguments"}
	}
	switch operator {
	case "$eq":
		return compared() == 0, nil
	case "$ne":
		return compared() != 0, nil
	case "$gt":
		return compared() > 0, nil
	case "$gte":
		return compared() >= 0, nil
	case "$lt":
		return compared() < 0, nil
	case "$lte":
		return compared() <= 0, nil
	case "$not":
		return !truth(arguments[0]), nil
	case "$and":
		return !slices.ContainsFunc(arguments, func(v any) bool { return !truth(v) }), nil
	case "$or":
		return slices.ContainsFunc(arguments, truth), nil
	case "$cond":
		if truth(arguments[0]) {
			return arguments[1], nil
		}
		return arguments[2], nil
	case "$ifNull":
		for _, v := range arguments {
			if v != nil {
				return v, nil
			}
		}
		return nil, nil
	case "$size":
		array, ok := arguments[0].(bson.A)
		if !ok {
			return nil, &fault{code: 17124, name: "Location17124", text: "The argument to $size must be an array"}
		}
		return int32(len(array)), nil
	case "$toLower":
		text, _ := arguments[0].(string)
		return strings.ToLower(text), nil
	case "$add":
		return sum(arguments), nil
	case "$subtract":
		return bsonkit.Add(arguments[0], bsonkit.Mul(arguments[1], int32(-1))), nil
	default:
		return nil, notSupported("the expression %s", operator)
	}
}
