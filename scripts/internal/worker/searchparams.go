package worker

import (
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/dop251/goja"
)

// searchParams is the state of a URLSearchParams: pairs in their order.
type searchParams struct {
	list []pair
	of   *location // whose query it is, if it is one's
}

type pair struct{ name, value string }

func (r *realm) searchParamsClass() goja.Value { return r.searchParams().constructor }

func (r *realm) searchParams() class { return r.classNamed("URLSearchParams", r.newSearchParamsClass) }

func (r *realm) newSearchParamsClass() class {
	c := r.newClass("URLSearchParams", 0, func(call goja.ConstructorCall) any {
		return &searchParams{list: r.pairsOf(call.Argument(0))}
	})
	of := func(this goja.Value) *searchParams { return receiver[*searchParams](c, this) }
	c.method("append", 2, func(call goja.FunctionCall) goja.Value {
		p, name, value := of(call.This), r.required(call), r.requiredSecond(call)
		p.list = append(p.list, pair{name, value})
		return p.changed()
	})
	c.method("delete", 1, func(call goja.FunctionCall) goja.Value {
		p, matches := of(call.This), r.matching(call)
		p.list = slices.DeleteFunc(p.list, matches)
		return p.changed()
	})
	c.method("get", 1, func(call goja.FunctionCall) goja.Value {
		p, name := of(call.This), r.required(call)
		for _, each := range p.list {
			if each.name == name {
				return r.runtime.ToValue(each.value)
			}
		}
		return goja.Null()
	})
	c.method("getAll", 1, func(call goja.FunctionCall) goja.Value {
		p, name := of(call.This), r.required(call)
		values := []any{}
		for _, each := range p.list {
			if each.name == name {
				values = append(values, each.value)
			}
		}
		return r.runtime.NewArray(values...)
	})
	c.method("has", 1, func(call goja.FunctionCall) goja.Value {
		p, matches := of(call.This), r.matching(call)
		return r.runtime.ToValue(slices.ContainsFunc(p.list, matches))
	})
	c.method("set", 2, func(call goja.FunctionCall) goja.Value {
		p, name, value := of(call.This), r.required(call), r.requiredSecond(call)
		p.set(name, value)
		return p.changed()
	})
	c.method("sort", 0, func(call goja.FunctionCall) goja.Value {
		p := of(call.This)
		slices.SortStableFunc(p.list, func(a, b pair) int { return compareUnits(a.name, b.name) })
		return p.changed()
	})
	c.method("toString", 0, func(call goja.FunctionCall) goja.Value {
		return r.runtime.ToValue(formQuery(of(call.This).list))
	})
	c.getter("size", func(this goja.Value) goja.Value { return r.runtime.ToValue(len(of(this).list)) })
	r.iterations(c, func(this goja.Value) func() []pair {
		p := of(this)
		return func() []pair { return p.list }
	})
	return c
}

// iterations gives a class of pairs its forEach, entries, keys and values.
func (r *realm) iterations(c class, of func(this goja.Value) func() []pair) {
	for name, show := range map[string]func(pair) goja.Value{
		"entries": func(p pair) goja.Value { return r.runtime.NewArray(p.name, p.value) },
		"keys":    func(p pair) goja.Value { return r.runtime.ToValue(p.name) },
		"values":  func(p pair) goja.Value { return r.runtime.ToValue(p.value) },
	} {
		c.method(name, 0, func(call goja.FunctionCall) goja.Value {
			list, i := of(call.This), -1
			return r.iterator(c.name, func() goja.Value {
				if i++; i >= len(list()) {
					return nil
				}
				return show(list()[i])
			})
		})
	}
	c.method("forEach", 1, func(call goja.FunctionCall) goja.Value {
		list, function := of(call.This), r.callback(call.Argument(0))
		// The function may change the list while it is walked.
		for i := 0; i < len(list()); i++ { //nolint:intrange // see above
			p := list()[i]
			must(function(call.Argument(1), r.runtime.ToValue(p.value), r.runtime.ToValue(p.name), call.This))
		}
		return goja.Undefined()
	})
	c.iterate("entries")
}

// set gives the first of that name its new value and drops the others.
func (p *searchParams) set(name, value string) {
	at := slices.IndexFunc(p.list, func(each pair) bool { return each.name == name })
	if at < 0 {
		p.list = append(p.list, pair{name, value})
		return
	}
	p.list[at].value = value
	rest := slices.DeleteFunc(p.list[at+1:], func(each pair) bool { return each.name == name })
	p.list = p.list[:at+1+len(rest)]
}

// changed writes the pairs into the query that they are.
func (p *searchParams) changed() goja.Value {
	if p.of != nil {
		query := formQuery(p.list)
		p.of.url.SetSearch("")
		if query != "" {
			p.of.url.SetSearch("?" + query)
		}
	}
	return goja.Undefined()
}

// required is the first argument, a name, as text.
func (r *realm) required(call goja.FunctionCall) string {
	r.needs(call, "name")
	return r.text(call.Argument(0))
}

func (r *realm) requiredSecond(call goja.FunctionCall) string {
	r.needs(call, "name", "value")
	return r.text(call.Argument(1))
}

// matching compares with a name, and with a value if there is one.
func (r *realm) matching(call goja.FunctionCall) func(pair) bool {
	name := r.required(call)
	if value := call.Argument(1); !goja.IsUndefined(value) {
		wanted := pair{name, r.text(value)}
		return func(p pair) bool { return p == wanted }
	}
	return func(p pair) bool { return p.name == name }
}

// pairsOf reads what a URLSearchParams may be made of: a query, pairs, or an object.
func (r *realm) pairsOf(from goja.Value) []pair {
	if isNothing(from) {
		return nil
	}
	object, ok := from.(*goja.Object)
	if !ok {
		return parseQuery(strings.TrimPrefix(from.String(), "?"))
	}
	if params, ok := held[*searchParams](object); ok {
		return slices.Clone(params.list)
	}
	return r.recordOrPairs(object)
}

// recordOrPairs reads what an object lists, or else its own members.
func (r *realm) recordOrPairs(object *goja.Object) []pair {
	var list []pair
	if !isNothing(object.GetSymbol(goja.SymIterator)) {
		r.runtime.ForOf(object, func(each goja.Value) bool {
			list = append(list, r.pairOf(each))
			return true
		})
		return list
	}
	for _, name := range object.Keys() {
		list = append(list, pair{name, r.text(orUndefined(object.Get(name)))})
	}
	return list
}

// pairOf reads a list of two.
func (r *realm) pairOf(value goja.Value) pair {
	var two []string
	if object, ok := value.(*goja.Object); ok {
		r.runtime.ForOf(object, func(each goja.Value) bool {
			two = append(two, r.text(each))
			return len(two) < 3
		})
	}
	if len(two) != 2 {
		r.throw("TypeError", "ERR_INVALID_TUPLE", "Each query pair must be an iterable [name, value] tuple")
	}
	return pair{two[0], two[1]}
}

// parseQuery reads a query as a form's.
func parseQuery(query string) []pair {
	var list []pair
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		list = append(list, pair{formText(name), formText(value)})
	}
	return list
}

func formText(text string) string {
	b := []byte(strings.ReplaceAll(text, "+", " "))
	out := b[:0]
	for i := 0; i < len(b); i++ {
		if b[i] == '%' && i+2 < len(b) && isHex(b[i+1]) && isHex(b[i+2]) {
			out = append(out, hexBytes(string(b[i+1:i+3]))...)
			i += 2
			continue
		}
		out = append(out, b[i])
	}
	return string(utf16.Decode(utf8Units(out)))
}

// formQuery writes pairs as a form's query.
func formQuery(list []pair) string {
	var out strings.Builder
	for i, p := range list {
		if i > 0 {
			out.WriteByte('&')
		}
		formEscape(&out, p.name)
		out.WriteByte('=')
		formEscape(&out, p.value)
	}
	return out.String()
}

func formEscape(out *strings.Builder, text string) {
	const digits = "0123456789ABCDEF"
	for i := range len(text) {
		switch c := text[i]; {
		case c == ' ':
			out.WriteByte('+')
		case isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte("*-._", c) >= 0:
			out.WriteByte(c)
		default:
			out.WriteByte('%')
			out.WriteByte(digits[c>>4])
			out.WriteByte(digits[c&15])
		}
	}
}

// compareUnits orders texts by their UTF-16, as JavaScript does.
func compareUnits(a, b string) int {
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}
