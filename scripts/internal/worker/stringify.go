package worker

import (
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja"
	"github.com/dop251/goja/unistring"
)

// stringify writes a value as JSON.stringify does, with the same calls of the author's code in the
// same order (toJSON, getters, traps of proxies), several times faster than the engine. What is not
// defined has no text. A text that outgrows limit is not written to its end.
func (r *realm) stringify(value goja.Value, limit int64) (text string, defined bool, err error) {
	w := jsonWriter{realm: r, limit: limit, out: r.builder.names.out[:0]}
	r.builder.names.out = nil // the author's code may get here again
	err = r.attempt(func() { defined = w.value(value, propertyName{}) })
	if err == nil && w.deep {
		err = nestedError{}
	}
	if cap(w.out) <= keptText {
		r.builder.names.out = w.out
	}
	return string(w.out), defined, err
}

// Room for a result of this size is kept for the next one.
const keptText = 64 << 10

// jsonWriter is the state of stringify. Its methods may run the author's code, which throws
// through them.
type jsonWriter struct {
	realm *realm
	limit int64
	out   []byte
	open  []*goja.Object     // what is being written, outermost first
	names []unistring.String // of its members, where those are plain
	deep  bool               // nested deeper than anything that can be read again
}

// propertyName is where a value stands. exact is set where Go's text may not tell the name.
type propertyName struct {
	text  string
	exact goja.Value
}

func (n propertyName) value(r *goja.Runtime) goja.Value {
	if n.exact != nil {
		return n.exact
	}
	return r.ToValue(n.text)
}

// done tells that what was written is too much already.
func (w *jsonWriter) done() bool { return w.deep || int64(len(w.out)) > w.limit }

// value writes a value and reports whether there was anything to write.
func (w *jsonWriter) value(value goja.Value, at propertyName) bool {
	if object, ok := value.(*goja.Object); ok {
		value = w.ownJSON(object, object, at)
	} else if goja.IsBigInt(value) {
		value = w.ownJSON(value.ToObject(w.realm.runtime), value, at)
	}
	if object, ok := value.(*goja.Object); ok {
		return w.object(object)
	}
	return w.primitive(value)
}

// ownJSON is what a value's toJSON makes of it, or the value itself.
func (w *jsonWriter) ownJSON(object *goja.Object, this goja.Value, at propertyName) goja.Value {
	toJSON, ok := goja.AssertFunction(object.Get("toJSON"))
	if !ok {
		return this
	}
	value, err := toJSON(this, at.value(w.realm.runtime))
	if err != nil {
		panic(err)
	}
	return value
}

func (w *jsonWriter) primitive(value goja.Value) bool {
	switch v := value.(type) {
	case goja.String:
		w.text(v.String(), v)
		return true
	case *goja.Symbol, nil:
		return false
	}
	switch {
	case goja.IsUndefined(value):
		return false
	case goja.IsNull(value):
		w.out = append(w.out, "null"...)
	case goja.IsBigInt(value):
		panic(w.realm.runtime.NewTypeError("Do not know how to serialize a BigInt"))
	default:
		w.plain(value)
	}
	return true
}

// plain writes a number or a truth value.
func (w *jsonWriter) plain(value goja.Value) {
	switch value.ExportType().Kind() {
	case reflect.Bool:
		w.out = strconv.AppendBool(w.out, value.ToBoolean())
	case reflect.Int64:
		w.out = strconv.AppendInt(w.out, value.ToInteger(), 10)
	default:
		if f := value.ToFloat(); math.IsNaN(f) || math.IsInf(f, 0) {
			w.out = append(w.out, "null"...)
			return
		}
		w.out = append(w.out, value.String()...)
	}
}

func (w *jsonWriter) object(object *goja.Object) bool {
	class := object.ClassName()
	if class == "Object" && w.realm.builder.isPlain(object) { // as nearly all are
		w.enter(object)
		if !w.done() {
			w.plainMembers(object)
		}
		w.leave()
		return true
	}
	switch class {
	case "Number":
		return w.primitive(object.ToNumber())
	case "String":
		return w.primitive(object.ToString())
	case "Boolean":
		return w.primitive(w.realm.runtime.ToValue(object.Export()))
	case "RawJSON":
		w.out = append(w.out, object.Get("rawJSON").String()...)
		return true
	}
	if object.ExportType() == reflect.TypeFor[*big.Int]() {
		return w.primitive(w.realm.runtime.ToValue(object.Export()))
	}
	if _, ok := goja.AssertFunction(object); ok {
		return false
	}
	w.enter(object)
	switch {
	case w.done():
	case w.isArray(object):
		w.items(object)
	default:
		w.members(object)
	}
	w.leave()
	return true
}

func (w *jsonWriter) enter(object *goja.Object) {
	for _, outer := range w.open {
		if outer == object {
			panic(w.realm.runtime.NewTypeError("Converting circular structure to JSON"))
		}
	}
	w.open = append(w.open, object)
	w.deep = w.deep || len(w.open) > maxNesting
}

func (w *jsonWriter) leave() { w.open = w.open[:len(w.open)-1] }

func (w *jsonWriter) isArray(object *goja.Object) bool {
	if isProxied(object) {
		return w.realm.call(w.realm.natives.isArray, goja.Undefined(), object).ToBoolean()
	}
	return object.ClassName() == "Array"
}

func (w *jsonWriter) items(array *goja.Object) {
	length := array.Get("length").ToInteger()
	w.out = append(w.out, '[')
	for i := int64(0); i < length && !w.done(); i++ {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		index := strconv.FormatInt(i, 10)
		if !w.value(array.Get(index), propertyName{text: index}) {
			w.out = append(w.out, "null"...)
		}
	}
	w.out = append(w.out, ']')
}

func (w *jsonWriter) members(object *goja.Object) {
	w.out = append(w.out, '{')
	first := len(w.out)
	if names, ok := plainNames(object); ok {
		for i := 0; i < len(names) && !w.done(); i++ {
			w.member(first, propertyName{text: names[i]}, object.Get(names[i]))
		}
	} else {
		natives := &w.realm.natives
		names := w.realm.call(natives.keys, goja.Undefined(), object).ToObject(w.realm.runtime)
		for i := int64(0); i < names.Get("length").ToInteger() && !w.done(); i++ {
			name := names.Get(strconv.FormatInt(i, 10))
			w.member(first, propertyName{name.String(), name}, w.realm.call(natives.get, goja.Undefined(), object, name))
		}
	}
	w.out = append(w.out, '}')
}

// plainMembers writes those of a plain object without asking the engine for each.
func (w *jsonWriter) plainMembers(object *goja.Object) {
	l := w.realm.builder.layout
	begin := len(w.names)
	values, names, ok := l.members(object, w.names)
	if w.names = names; !ok {
		w.members(object)
		return
	}
	w.out = append(w.out, '{')
	first := len(w.out)
	for i := begin; i < len(names) && !w.done(); i++ {
		value := values[names[i]]
		if l.isSpecial(value) { // a toJSON before it has changed or deleted it
			value = object.Get(string(names[i]))
		}
		w.member(first, propertyName{text: string(names[i])}, value)
	}
	w.names = w.names[:begin]
	w.out = append(w.out, '}')
}

// plainNames are the names of an object's members, if Go's texts can tell them: half a surrogate
// pair cannot be told. A proxy is not asked, for it would have to be asked again.
func plainNames(object *goja.Object) (names []string, ok bool) {
	if isProxied(object) {
		return nil, false
	}
	names = object.Keys()
	for _, name := range names {
		if strings.ContainsRune(name, utf8.RuneError) {
			return nil, false
		}
	}
	return names, true
}

// member writes a member, if its value has a text. first is where the first one stands.
func (w *jsonWriter) member(first int, name propertyName, value goja.Value) {
	start := len(w.out)
	if start > first {
		w.out = append(w.out, ',')
	}
	w.text(name.text, name.exact)
	w.out = append(w.out, ':')
	if !w.value(value, name) {
		w.out = w.out[:start]
	}
}

// text quotes a string. value is the same string, asked where Go's text cannot tell it.
func (w *jsonWriter) text(text string, value goja.Value) {
	begin := len(w.out)
	w.out = append(w.out, '"')
	start, ascii := 0, true
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			ascii = ascii && c < utf8.RuneSelf
			continue
		}
		w.out = append(w.out, text[start:i]...)
		w.out = appendEscape(w.out, c)
		start = i + 1
	}
	if !ascii && value != nil && strings.ContainsRune(text, utf8.RuneError) {
		w.out = append(w.out[:begin], w.realm.call(w.realm.natives.stringify, goja.Undefined(), value).String()...)
		return
	}
	w.out = append(append(w.out, text[start:]...), '"')
}

func appendEscape(out []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch c {
	case '"', '\\':
		return append(out, '\\', c)
	case '\b':
		return append(out, `\b`...)
	case '\t':
		return append(out, `\t`...)
	case '\n':
		return append(out, `\n`...)
	case '\f':
		return append(out, `\f`...)
	case '\r':
		return append(out, `\r`...)
	}
	return append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
