package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds how deeply arrays and objects may nest. Everything that walks a document recurses.
const maxDepth = 512

// ErrDepth is what Decode returns for a text that nests deeper than 512 levels.
var ErrDepth = errors.New("nested more than 512 levels deep")

// ErrValues is what DecodeWithin returns for a text with more values than are wanted.
var ErrValues = errors.New("too many values")

// DecodeWithin is Decode for a text that may hold at most so many values, arrays and objects included:
// a small text can stand for millions of them, and each takes memory.
func DecodeWithin(data []byte, values int) (any, error) { return decode(data, &values) }

// Decode reads exactly one JSON text as JSON.parse does: members keep their order, a later duplicate
// takes the place of the earlier one, and a number too large becomes infinite. Bytes that are not
// UTF-8, and halves of a surrogate pair, become U+FFFD.
//
// JSON.parse moves keys that look like array indexes to the front; Decode leaves them where they were.
func Decode(data []byte) (any, error) { return decode(data, nil) }

func decode(data []byte, left *int) (any, error) {
	d := decoder{left: left, tokens: jsontext.NewDecoder(
		bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true),
	)}
	v, err := d.value(0)
	if err != nil {
		return nil, fmt.Errorf("decode JSON: %w", err)
	}
	switch _, err := d.tokens.ReadToken(); {
	case err == nil:
		return nil, errors.New("decode JSON: more than one value")
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("decode JSON: %w", err)
	}
	return v, nil
}

type decoder struct {
	tokens *jsontext.Decoder
	left   *int // values that may follow; nil: any number
}

func (d decoder) value(depth int) (any, error) {
	t, err := d.tokens.ReadToken()
	if err != nil {
		return nil, err
	}
	if d.left != nil {
		if *d.left--; *d.left < 0 {
			return nil, ErrValues
		}
	}
	switch t.Kind() {
	case '{':
		return d.object(depth + 1)
	case '[':
		return d.array(depth + 1)
	case '"':
		return t.String(), nil
	case '0':
		f, err := t.Float()
		if err != nil && f == 0 {
			return nil, err
		}
		return f, nil // out of range: infinite, as in JavaScript
	case 't', 'f':
		return t.Bool(), nil
	default:
		return nil, nil
	}
}

func (d decoder) object(depth int) (any, error) {
	if depth > maxDepth {
		return nil, ErrDepth
	}
	o := NewObject()
	for d.tokens.PeekKind() != '}' {
		key, err := d.tokens.ReadToken()
		if err != nil {
			return nil, err
		}
		name := key.String() // the token is gone after the next read
		v, err := d.value(depth)
		if err != nil {
			return nil, err
		}
		o.Set(name, v)
	}
	_, err := d.tokens.ReadToken()
	return o, err
}

func (d decoder) array(depth int) (any, error) {
	if depth > maxDepth {
		return nil, ErrDepth
	}
	items := []any{}
	for d.tokens.PeekKind() != ']' {
		v, err := d.value(depth)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	_, err := d.tokens.ReadToken()
	return items, err
}
