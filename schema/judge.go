package schema

import (
	"bytes"
	"math"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// A judge is the standard validator's view of a schema file.
type judge struct {
	schema *jsonschema.Schema
}

// newJudge compiles the schema after putting AJV's extras into standard words.
func newJudge(name string, source *Object) (judge, error) {
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft2020
	url := "schema:///" + name
	if err := compiler.AddResource(url, bytes.NewReader(Encode(standard(source)))); err != nil {
		return judge{}, err
	}
	compiled, err := compiler.Compile(url)
	return judge{schema: compiled}, err
}

// accept returns why the standard validator rejects doc, or nil. It is not asked about infinite
// numbers: JSON has none, AJV changes its mind about them between the branches of a union, and the
// library panics at one.
func (j judge) accept(doc any) error {
	v, finite := plain(doc)
	if !finite {
		return nil
	}
	return j.schema.Validate(v)
}

// standard returns a copy of a schema in which nullable has become the type null.
func standard(doc any) any {
	schema, ok := doc.(*Object)
	if !ok {
		return doc
	}
	out := NewObject()
	for keyword, v := range schema.All() {
		switch keyword {
		case "nullable":
		case "items":
			out.Set(keyword, standard(v))
		case "properties":
			out.Set(keyword, standardMembers(v))
		case "anyOf", "oneOf":
			out.Set(keyword, standardItems(v))
		default:
			out.Set(keyword, v)
		}
	}
	if v, _ := schema.Get("nullable"); v == true {
		out.Set("type", withNull(schema))
	}
	return out
}

func standardMembers(v any) any {
	properties, ok := v.(*Object)
	if !ok {
		return v
	}
	out := NewObject()
	for name, schema := range properties.All() {
		out.Set(name, standard(schema))
	}
	return out
}

func standardItems(v any) any {
	branches, ok := v.([]any)
	if !ok {
		return v
	}
	out := make([]any, len(branches))
	for i, schema := range branches {
		out[i] = standard(schema)
	}
	return out
}

func withNull(schema *Object) []any {
	listed, _ := schema.Get("type")
	types, ok := listed.([]any)
	if !ok {
		types = []any{listed}
	}
	types = slices.Clone(types)
	if !slices.Contains(types, any(string(nullKind))) {
		types = append(types, string(nullKind))
	}
	return types
}

// plain returns a document in the types that the library knows, and whether all its numbers are finite.
func plain(v any) (out any, finite bool) {
	finite = true
	switch v := v.(type) {
	case *Object:
		members := make(map[string]any, len(v.members))
		for _, m := range v.members {
			value, ok := plain(m.value)
			members[m.key] = value
			finite = finite && ok
		}
		return members, finite
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			value, ok := plain(item)
			items[i] = value
			finite = finite && ok
		}
		return items, finite
	case float64:
		return v, !math.IsInf(v, 0) && !math.IsNaN(v)
	default:
		return v, true
	}
}
