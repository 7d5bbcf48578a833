package schema

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A rule is one schema or subschema, read from its file.
type rule struct {
	types    []kind // null included if nullable
	typeText string // the types as AJV names them in its message

	minLength int
	pattern   *regexp.Regexp

	enum  []any
	anyOf []*rule
	oneOf []*rule

	minItems    int
	uniqueItems bool
	items       *rule

	required   []string
	closed     bool // additionalProperties is false
	properties []property
	known      map[string]bool // the names in properties
}

type property struct {
	name string
	rule *rule
}

// kind is a JSON type by its name in a schema.
type kind string

const (
	nullKind    kind = "null"
	booleanKind kind = "boolean"
	numberKind  kind = "number"
	stringKind  kind = "string"
	arrayKind   kind = "array"
	objectKind  kind = "object"
)

var kinds = []kind{nullKind, booleanKind, numberKind, stringKind, arrayKind, objectKind}

// parse reads one schema file.
func parse(name string, file []byte) (*Schema, error) {
	doc, err := Decode(file)
	if err != nil {
		return nil, err
	}
	root, ok := doc.(*Object)
	if !ok {
		return nil, errors.New("not an object")
	}
	s := &Schema{name: name}
	where, _ := root.Get("location")
	s.location = Location(textOf(where))
	if s.location != Body && s.location != Query {
		return nil, fmt.Errorf("location %q is neither body nor query", s.location)
	}
	if s.root, err = newRule(root); err != nil {
		return nil, err
	}
	if s.judge, err = newJudge(name, root); err != nil {
		return nil, err
	}
	return s, nil
}

// newRule refuses keywords it does not know, so that no file can promise what the walker does not check.
func newRule(doc any) (*rule, error) {
	source, ok := doc.(*Object)
	if !ok {
		return nil, errors.New("a subschema is not an object")
	}
	r := &rule{}
	for keyword, v := range source.All() {
		if err := r.read(keyword, v); err != nil {
			return nil, fmt.Errorf("%s: %w", keyword, err)
		}
	}
	if v, _ := source.Get("nullable"); v == true {
		r.addNull(source)
	}
	if r.uniqueItems && (r.items == nil || !slices.ContainsFunc(r.items.types, isScalar)) {
		return nil, errors.New("uniqueItems: only for items of a scalar type")
	}
	return r, nil
}

func (r *rule) addNull(source *Object) {
	if slices.Contains(r.types, nullKind) {
		return
	}
	if listed, _ := source.Get("type"); !isString(listed) {
		r.typeText += ",null" // AJV adds it to the file's own list, and so to its message
	}
	r.types = append(r.types, nullKind)
}

func (r *rule) read(keyword string, v any) (err error) {
	switch keyword {
	case "$schema", "title", "description", "location", "nullable":
	case "type":
		err = r.readTypes(v)
	case "minLength":
		r.minLength, err = count(v)
	case "minItems":
		r.minItems, err = count(v)
	case "pattern":
		r.pattern, err = regexp.Compile(textOf(v))
	case "enum":
		r.enum, err = scalars(v)
	case "anyOf":
		r.anyOf, err = newRules(v)
	case "oneOf":
		r.oneOf, err = newRules(v)
	case "items":
		r.items, err = newRule(v)
	case "uniqueItems":
		r.uniqueItems = v == true
	case "required":
		r.required, err = names(v)
	case "additionalProperties":
		open, ok := v.(bool)
		if !ok {
			return errors.New("not a boolean")
		}
		r.closed = !open
	case "properties":
		err = r.readProperties(v)
	default:
		err = errors.New("keyword not supported")
	}
	return err
}

func (r *rule) readTypes(v any) error {
	listed, err := names(v)
	if isString(v) {
		listed, err = []string{textOf(v)}, nil
	}
	if err != nil {
		return err
	}
	for _, name := range listed {
		if !slices.Contains(kinds, kind(name)) {
			return fmt.Errorf("type %q not supported", name)
		}
		r.types = append(r.types, kind(name))
	}
	r.typeText = strings.Join(listed, ",")
	return nil
}

func (r *rule) readProperties(v any) error {
	source, ok := v.(*Object)
	if !ok {
		return errors.New("not an object")
	}
	r.known = make(map[string]bool, source.Len())
	for name, doc := range source.All() {
		sub, err := newRule(doc)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		r.properties = append(r.properties, property{name: name, rule: sub})
		r.known[name] = true
	}
	return nil
}

func newRules(v any) ([]*rule, error) {
	docs, err := list(v)
	if err != nil {
		return nil, err
	}
	rules := make([]*rule, len(docs))
	for i, doc := range docs {
		if rules[i], err = newRule(doc); err != nil {
			return nil, fmt.Errorf("%d: %w", i, err)
		}
	}
	return rules, nil
}

func list(v any) ([]any, error) {
	items, ok := v.([]any)
	if !ok || len(items) == 0 {
		return nil, errors.New("not a list with items")
	}
	return items, nil
}

func scalars(v any) ([]any, error) {
	items, err := list(v)
	for _, item := range items {
		if isOneOf([]kind{arrayKind, objectKind}, item) {
			return nil, errors.New("only scalars supported")
		}
	}
	return items, err
}

func names(v any) ([]string, error) {
	items, err := list(v)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(items))
	for i, item := range items {
		if !isString(item) {
			return nil, errors.New("not a list of strings")
		}
		out[i] = textOf(item)
	}
	return out, nil
}

func count(v any) (int, error) {
	f, ok := v.(float64)
	if !ok || f < 0 || f != float64(int(f)) {
		return 0, errors.New("not a count")
	}
	return int(f), nil
}

func isString(v any) bool {
	_, ok := v.(string)
	return ok
}

// textOf returns v if it is a string and otherwise "".
func textOf(v any) string {
	s, _ := v.(string)
	return s
}
