// Package schema validates request documents against JSON Schemas, coerces them, and words what is
// wrong exactly as AJV does, because clients compare those texts.
//
// The rules live in files/, one file per API method. A file is plain JSON Schema 2020-12 plus two
// keywords: nullable, as in AJV, and location, which says whether the document is a body or a query.
// Two validators read it. The walker (walk.go) follows AJV's generated code step by step: what it
// checks first, where it stops, what it changes on the way. The judge (judge.go) is a standard
// validator that knows nothing of AJV and has the last word on what the walker let through.
package schema

import "fmt"

// Location says where in a request a document stands.
type Location string

// The two locations. A query's values are coerced into and out of arrays too.
const (
	Body  Location = "body"
	Query Location = "query"
)

// Schema is the rule set of one request document. It never changes and may be shared.
type Schema struct {
	name     string
	location Location
	root     *rule
	judge    judge
}

// Location says where the documents of this schema stand.
func (s *Schema) Location() Location {
	return s.location
}

// Validate returns a coerced copy of doc, its members in the order of doc; doc itself is untouched.
// The error is an *Invalid when the document breaks the schema.
//
// A number in the copy may be infinite ("1e999" is a number to JavaScript).
func (s *Schema) Validate(doc any) (any, error) {
	coerced, text := s.walk(doc)
	if text != "" {
		return nil, &Invalid{Text: text}
	}
	if err := s.judge.accept(coerced); err != nil {
		return nil, fmt.Errorf("schema %s accepts a document that jsonschema rejects: %w", s.name, err)
	}
	return coerced, nil
}

// walk returns the document as the walker leaves it and AJV's words, which are empty if it is valid.
// A rejected document is partly coerced, up to where AJV stopped.
func (s *Schema) walk(doc any) (coerced any, text string) {
	c := cell{value: clone(doc)}
	root := c.value
	w := walker{query: s.location == Query}
	if w.check(s.root, &c) {
		return root, ""
	}
	return root, w.text()
}

// Invalid is the error for a document that breaks its schema.
type Invalid struct {
	// Text is AJV's messages in order, joined with a newline and a space.
	Text string
}

func (e *Invalid) Error() string {
	return e.Text
}
