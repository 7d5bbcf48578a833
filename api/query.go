package api

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/grapnel-chat/grapnel/schema"
)

// errQuery refuses a query string that cannot be read.
var errQuery = errors.New("query parameters cannot be read")

const (
	queryArrayLimit = 500
	queryDepth      = 5
	queryParameters = 1000
)

// parseQuery reads a query string as the qs library does: a name that comes twice makes an array,
// and brackets make nested objects (a[b]=c) and arrays (a[]=b).
func parseQuery(raw string) (any, error) {
	root := schema.NewObject()
	pairs := strings.Split(raw, "&")
	if len(pairs) > queryParameters {
		return nil, errQuery
	}
	for _, pair := range pairs {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if err := place(root, queryPath(unescape(name)), unescape(value)); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// parseForm reads a form as a flat object. Of fields that come twice the last one counts.
func parseForm(raw string) *schema.Object {
	form := schema.NewObject()
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		form.Set(unescape(name), unescape(value))
	}
	return form
}

// spread makes an object of a text's UTF-16 units, one member each, as JavaScript spreads a string.
// Nobody sends a document that way, so of a long text the beginning is enough to refuse it.
func spread(text string) *schema.Object {
	const enough = 1000
	o := schema.NewObject()
	for n, r := range []rune(text[:min(len(text), enough)]) {
		o.Set(strconv.Itoa(n), string(r))
	}
	return o
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return strings.ReplaceAll(text, "+", " ")
}

// queryPath splits a[b][] into a, b and "". What is nested too deep stays one name.
func queryPath(name string) []string {
	open := strings.IndexByte(name, '[')
	if open <= 0 {
		return []string{name}
	}
	path := []string{name[:open]}
	rest := name[open:]
	for len(rest) > 0 {
		end := strings.IndexByte(rest, ']')
		if rest[0] != '[' || end < 0 || len(path) > queryDepth {
			return append(path, rest)
		}
		path = append(path, rest[1:end])
		rest = rest[end+1:]
	}
	return path
}

// place sets the value under the path.
func place(o *schema.Object, path []string, value any) error {
	name := path[0]
	old, had := o.Get(name)
	next, err := merged(old, had, path[1:], value)
	if err == nil {
		o.Set(name, next)
	}
	return err
}

// merged is what stands under a name after a value was placed below it.
func merged(old any, had bool, path []string, value any) (any, error) {
	switch {
	case len(path) == 0 && !had:
		return value, nil
	case len(path) == 0, path[0] == "" && len(path) == 1:
		return grown(old, had, value)
	}
	inner, ok := old.(*schema.Object)
	if !ok {
		inner = schema.NewObject()
	}
	return inner, place(inner, path, value)
}

// grown is the array of what was there and the value.
func grown(old any, had bool, value any) (any, error) {
	list, ok := old.([]any)
	if had && !ok {
		list = []any{old}
	}
	if len(list) >= queryArrayLimit {
		return nil, errQuery
	}
	return append(list, value), nil
}
