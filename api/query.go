package api

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/grapnel-chat/grapnel/schema"
)

// errQuery refuses a query string that goes over a limit.
var errQuery = errors.New("query string is over a limit")

const (
	queryArrayLimit = 500
	queryDepth      = 5
	queryParameters = 1000
)

// parseQuery reads a query string as the qs library does: a name that comes twice makes an array,
// and brackets make nested objects (a[b]=c) and arrays (a[]=b, a[0]=b). Everything in it is text.
func parseQuery(raw string) (any, error) {
	parameters, err := splitQuery(raw)
	if err != nil {
		return nil, err
	}
	var root any = schema.NewObject()
	for name, value := range parameters.All() {
		path, ok := queryPath(name)
		if !ok {
			continue
		}
		nested, err := nest(path, value)
		if err == nil {
			root, err = merge(root, nested)
		}
		if err != nil {
			return nil, err
		}
	}
	return settled(root), nil
}

// splitQuery answers the parameters by their whole names, those that come twice as arrays.
func splitQuery(raw string) (*schema.Object, error) {
	pairs := strings.Split(brackets.Replace(raw), "&")
	if len(pairs) > queryParameters {
		return nil, errQuery
	}
	parameters := schema.NewObject()
	for _, pair := range pairs {
		name, value := cutParameter(pair)
		if name == "" {
			continue
		}
		old, had := parameters.Get(name)
		list, isList := old.([]any)
		switch {
		case !had:
			parameters.Set(name, value)
		case !isList:
			parameters.Set(name, []any{old, value})
		case len(list) >= queryArrayLimit:
			return nil, errQuery
		default:
			parameters.Set(name, append(list, value))
		}
	}
	return parameters, nil
}

var brackets = strings.NewReplacer("%5B", "[", "%5b", "[", "%5D", "]", "%5d", "]")

// cutParameter splits name and value. An equals sign inside of brackets belongs to the name.
func cutParameter(pair string) (name, value string) {
	cut := strings.Index(pair, "]=") + 1
	if cut == 0 {
		cut = strings.IndexByte(pair, '=')
	}
	if cut < 0 {
		return unescape(pair), ""
	}
	return unescape(pair[:cut]), unescape(pair[cut+1:])
}

// unescape decodes a text as a whole: one with a broken escape stays as it is.
func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil && utf8.ValidString(plain) {
		return plain
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "+", " "), "\uFFFD")
}

// segment is one step of a parameter's name: a bare beginning, or what stands in brackets.
type segment struct {
	text      string
	bracketed bool
}

// inherited are the names that every JavaScript object has: qs drops parameters with one of them.
var inherited = map[string]bool{
	"__proto__": true, "constructor": true, "hasOwnProperty": true, "isPrototypeOf": true, "propertyIsEnumerable": true,
	"toLocaleString": true, "toString": true, "valueOf": true,
	"__defineGetter__": true, "__defineSetter__": true, "__lookupGetter__": true, "__lookupSetter__": true,
}

// queryPath splits a[b][] into its segments. What is nested too deep, or has no end, is one segment;
// what stands between brackets and behind them is dropped.
func queryPath(name string) (path []segment, ok bool) {
	open := strings.IndexByte(name, '[')
	if open < 0 {
		return []segment{{text: name}}, !inherited[name]
	}
	if open > 0 {
		path = append(path, segment{text: name[:open]})
	}
	rest := name[open:]
	for depth := 0; rest != ""; depth++ {
		end := closing(rest)
		if end < 0 || depth == queryDepth {
			path = append(path, segment{text: rest, bracketed: true})
			break
		}
		path = append(path, segment{text: rest[1:end], bracketed: true})
		next := strings.IndexByte(rest[end:], '[')
		if next < 0 {
			break
		}
		rest = rest[end+next:]
	}
	return path, !slices.ContainsFunc(path, func(s segment) bool { return inherited[s.text] })
}

// closing is where the bracket that the text starts with closes, or -1.
func closing(text string) int {
	level := 0
	for n := range len(text) {
		switch text[n] {
		case '[':
			level++
		case ']':
			if level--; level == 0 {
				return n
			}
		}
	}
	return -1
}

// sparse is an array under way: its items by their index, some of which may be missing.
type sparse struct {
	items  map[int]any
	length int
}

func newSparse(items ...any) *sparse {
	list := &sparse{items: map[int]any{}}
	for _, item := range items {
		list.set(list.length, item)
	}
	return list
}

func (l *sparse) set(at int, item any) {
	l.items[at] = item
	l.length = max(l.length, at+1)
}

// indices are those that have an item.
func (l *sparse) indices() []int { return slices.Sorted(maps.Keys(l.items)) }

// within refuses an array with more items than the limit.
func (l *sparse) within() (any, error) {
	if len(l.items) > queryArrayLimit {
		return nil, errQuery
	}
	return l, nil
}

// object is the array as an object with its indices as names.
func (l *sparse) object() *schema.Object {
	o := schema.NewObject()
	for _, at := range l.indices() {
		o.Set(strconv.Itoa(at), l.items[at])
	}
	return o
}

// nest puts a value under its path.
func nest(path []segment, value any) (any, error) {
	if list, ok := value.([]any); ok {
		value = newSparse(list...)
	}
	for _, s := range slices.Backward(path) {
		index, err := strconv.Atoi(s.text)
		_, isList := value.(*sparse)
		switch {
		case s.bracketed && s.text == "" && isList:
		case s.bracketed && s.text == "":
			value = newSparse(value)
		case s.bracketed && err == nil && index >= 0 && strconv.Itoa(index) == s.text:
			if index >= queryArrayLimit {
				return nil, errQuery
			}
			list := newSparse()
			list.set(index, value)
			value = list
		default:
			o := schema.NewObject()
			o.Set(s.text, value)
			value = o
		}
	}
	return value, nil
}

// merge answers what two parameters make that stand in the same place.
func merge(target, source any) (any, error) {
	switch source := source.(type) {
	case *sparse:
		return mergeList(target, source)
	case *schema.Object:
		return mergeObject(target, source)
	case string:
		if source == "" {
			return target, nil
		}
	}
	if list, ok := target.(*sparse); ok {
		list.set(list.length, source)
		return list.within()
	}
	return newSparse(target, source), nil
}

func mergeList(target any, source *sparse) (any, error) {
	switch target := target.(type) {
	case *schema.Object:
		return mergeObject(target, source.object())
	case *sparse:
		for _, at := range source.indices() {
			old, had := target.items[at]
			switch {
			case !had:
				target.set(at, source.items[at])
			case isText(old) || isText(source.items[at]):
				target.set(target.length, source.items[at])
			default:
				both, err := merge(old, source.items[at])
				if err != nil {
					return nil, err
				}
				target.set(at, both)
			}
		}
		return target.within()
	default:
		list := newSparse(target)
		for _, at := range source.indices() {
			list.set(at+1, source.items[at])
		}
		return list.within()
	}
}

func mergeObject(target any, source *schema.Object) (any, error) {
	if list, ok := target.(*sparse); ok {
		target = list.object()
	}
	o, ok := target.(*schema.Object)
	if !ok {
		return newSparse(target, source), nil
	}
	for name, value := range source.All() {
		if old, had := o.Get(name); had {
			both, err := merge(old, value)
			if err != nil {
				return nil, err
			}
			value = both
		}
		o.Set(name, value)
	}
	return o, nil
}

func isText(value any) bool {
	_, ok := value.(string)
	return ok
}

// settled turns arrays under way into arrays without gaps.
func settled(value any) any {
	switch value := value.(type) {
	case *sparse:
		list := make([]any, 0, len(value.items))
		for _, at := range value.indices() {
			list = append(list, settled(value.items[at]))
		}
		return list
	case *schema.Object:
		o := schema.NewObject()
		for name, inner := range value.All() {
			o.Set(name, settled(inner))
		}
		return o
	default:
		return value
	}
}
