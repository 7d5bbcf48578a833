package worker

import (
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// headerList is the state of a Headers object: names in small letters, in their order.
type headerList struct {
	list []pair
}

func (r *realm) headersClass() goja.Value { return r.headers().constructor }

func (r *realm) headers() class { return r.classNamed("Headers", r.newHeadersClass) }

func (r *realm) newHeadersClass() class {
	c := r.newClass("Headers", 0, func(call goja.ConstructorCall) any { return r.headersOf(call.Argument(0)) })
	of := func(this goja.Value) *headerList { return receiver[*headerList](c, this) }
	name := func(call goja.FunctionCall, method string) string {
		r.needs(call, "name")
		return r.headerName(method, r.text(call.Argument(0)))
	}
	for method, change := range map[string]func(h *headerList, name, value string){
		"append": (*headerList).append,
		"set":    (*headerList).set,
	} {
		c.method(method, 2, func(call goja.FunctionCall) goja.Value {
			r.needs(call, "name", "value")
			h, name := of(call.This), name(call, method)
			change(h, name, r.headerValue(method, r.text(call.Argument(1))))
			return goja.Undefined()
		})
	}
	c.method("delete", 1, func(call goja.FunctionCall) goja.Value {
		of(call.This).delete(name(call, "delete"))
		return goja.Undefined()
	})
	c.method("get", 1, func(call goja.FunctionCall) goja.Value {
		if value, ok := of(call.This).get(name(call, "get")); ok {
			return r.runtime.ToValue(value)
		}
		return goja.Null()
	})
	c.method("has", 1, func(call goja.FunctionCall) goja.Value {
		_, ok := of(call.This).get(name(call, "has"))
		return r.runtime.ToValue(ok)
	})
	c.method("getSetCookie", 0, func(call goja.FunctionCall) goja.Value {
		cookies := []any{}
		for _, p := range of(call.This).list {
			if p.name == "set-cookie" {
				cookies = append(cookies, p.value)
			}
		}
		return r.runtime.NewArray(cookies...)
	})
	// node-fetch, which Rocket.Chat's scripts had, knows this one.
	c.method("raw", 0, func(call goja.FunctionCall) goja.Value {
		raw := r.runtime.NewObject()
		for _, p := range of(call.This).sorted() {
			define(raw, p.name, r.runtime.NewArray(p.value))
		}
		return raw
	})
	r.iterations(c, func(this goja.Value) func() []pair { return of(this).sorted })
	return c
}

func (h *headerList) get(name string) (string, bool) {
	var values []string
	for _, p := range h.list {
		if p.name == name {
			values = append(values, p.value)
		}
	}
	return strings.Join(values, ", "), values != nil
}

func (h *headerList) index(name string) int {
	return slices.IndexFunc(h.list, func(p pair) bool { return p.name == name })
}

// append adds to what stands under the name, if anything does.
func (h *headerList) append(name, value string) {
	if at := h.index(name); at >= 0 && name != "set-cookie" {
		h.list[at].value += ", " + value
		return
	}
	h.list = append(h.list, pair{name, value})
}

func (h *headerList) set(name, value string) {
	if at := h.index(name); at >= 0 && name != "set-cookie" {
		h.list[at].value = value
		return
	}
	h.delete(name)
	h.list = append(h.list, pair{name, value})
}

func (h *headerList) delete(name string) {
	h.list = slices.DeleteFunc(h.list, func(p pair) bool { return p.name == name })
}

// sorted are the headers in the order in which they are listed.
func (h *headerList) sorted() []pair {
	list := slices.Clone(h.list)
	slices.SortStableFunc(list, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	return list
}

// headersOf reads what Headers may be made of: another one, pairs, or an object.
func (r *realm) headersOf(from goja.Value) *headerList {
	h := &headerList{}
	if goja.IsUndefined(from) || from == nil {
		return h
	}
	object, ok := from.(*goja.Object)
	if !ok {
		panic(r.runtime.NewTypeError("Headers constructor: Argument 1 could not be converted to one of: " +
			"sequence<sequence<ByteString>>, record<ByteString, ByteString>."))
	}
	if other, ok := held[*headerList](object); ok {
		return &headerList{list: slices.Clone(other.list)}
	}
	for _, p := range r.recordOrPairs(object) {
		h.append(r.headerName("append", p.name), r.headerValue("append", p.value))
	}
	return h
}

// headerName checks a name and writes it in small letters.
func (r *realm) headerName(method, name string) string {
	if !isToken(name) {
		panic(r.runtime.NewTypeError(`Headers.%s: "%s" is an invalid header name.`, method, language.Shorten(name, language.LongestName)))
	}
	return strings.ToLower(name)
}

// isToken reports whether a text may be the name of a header or method.
func isToken(text string) bool {
	for i := range len(text) {
		c := text[i]
		if !isDigit(c) && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return text != ""
}

// headerValue checks a value and takes the white space around it off.
func (r *realm) headerValue(method, value string) string {
	value = strings.Trim(value, " \t\r\n")
	if strings.ContainsAny(value, "\x00\r\n") {
		panic(r.runtime.NewTypeError(`Headers.%s: "%s" is an invalid header value.`, method, language.Shorten(value, language.LongestName)))
	}
	return value
}
