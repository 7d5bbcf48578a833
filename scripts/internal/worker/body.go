package worker

import (
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// body is what a Request or Response carries. It can be read once.
type body struct {
	bytes       []byte
	contentType string // what the value it was made of suggests
	present     bool
	used        bool
}

// bodyOf reads a value as fetch does. Beyond that a plain object or list becomes JSON, as it does in
// Rocket.Chat: as text it would be "[object Object]".
func (r *realm) bodyOf(value goja.Value) *body {
	if isNothing(value) {
		return &body{}
	}
	b := &body{present: true}
	object, isObject := value.(*goja.Object)
	params, isParams := held[*searchParams](value)
	switch {
	case isParams:
		b.bytes, b.contentType = []byte(formQuery(params.list)), "application/x-www-form-urlencoded;charset=UTF-8"
	case isObject && r.isPlain(object):
		b.bytes, b.contentType = []byte(r.json(object)), "application/json"
	default:
		if given, ok := r.bytesOf(value); ok {
			b.bytes = slices.Clone(given)
			break
		}
		b.bytes, b.contentType = []byte(value.String()), "text/plain;charset=UTF-8"
	}
	return b
}

// isPlain reports whether an object is data: a list, or made by a literal or by JSON.parse.
func (r *realm) isPlain(object *goja.Object) bool {
	if r.class(object) == "Array" {
		return true
	}
	prototype := object.Prototype()
	return (prototype == nil || prototype == r.builder.object) && object.GetSymbol(state) == nil
}

// json writes a value as JSON.stringify does.
func (r *realm) json(value goja.Value) string {
	return must(r.natives.stringify(goja.Undefined(), value)).String()
}

// take returns the bytes, the first time.
func (r *realm) take(b *body) []byte {
	if b.used {
		panic(r.runtime.NewTypeError("Body is unusable: Body has already been read"))
	}
	b.used = b.present
	return b.bytes
}

// bodyMethods give a class what reads its body.
func (r *realm) bodyMethods(c class, of func(this goja.Value) *body) {
	for name, read := range map[string]func([]byte) goja.Value{
		"text":        utf8Text,
		"json":        func(b []byte) goja.Value { return r.parseJSON([]byte(utf8Text(b).String())) },
		"arrayBuffer": func(b []byte) goja.Value { return r.arrayBuffer(slices.Clone(b)) },
		"bytes":       func(b []byte) goja.Value { return r.uint8Array(slices.Clone(b)) },
		"buffer":      func(b []byte) goja.Value { return r.buffer(slices.Clone(b)) }, // node-fetch's
	} {
		c.method(name, 0, func(call goja.FunctionCall) goja.Value {
			return r.promised(func() goja.Value { return read(r.take(of(call.This))) })
		})
	}
	c.getter("bodyUsed", func(this goja.Value) goja.Value { return r.runtime.ToValue(of(this).used) })
}

// copyOf returns a body to read beside the first.
func (r *realm) copyOf(b *body, class string) *body {
	if b.used {
		panic(r.runtime.NewTypeError("%s.clone: Body has already been consumed.", class))
	}
	clone := *b
	return &clone
}

// typed adds the content type that the body suggests, where none is given.
func (b *body) typed(h *headerList) {
	if _, given := h.get("content-type"); !given && b.contentType != "" {
		h.append("content-type", b.contentType)
	}
}

// isNullStatus reports whether an answer of that status has no body.
func isNullStatus(status int64) bool { return slices.Contains([]int64{101, 204, 205, 304}, status) }

// methodName writes those methods in capitals that everybody knows.
func (r *realm) methodName(name string) string {
	upper := strings.ToUpper(name)
	switch upper {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return upper
	case "CONNECT", "TRACE", "TRACK":
		panic(r.runtime.NewTypeError("'%s' HTTP method is unsupported.", name))
	}
	if isToken(name) {
		return name
	}
	panic(r.runtime.NewTypeError("'%s' is not a valid HTTP method.", language.Shorten(name, language.LongestName)))
}
