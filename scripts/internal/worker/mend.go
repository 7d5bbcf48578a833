package worker

import (
	"strings"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// mend gives a realm the console, and the built-in objects that the engine lacks. They come into
// being when they are first used.
func (r *realm) mend() {
	for name, build := range map[string]func() goja.Value{
		"FinalizationRegistry": r.finalizationRegistry,
		"Intl":                 r.intl,
		"Iterator":             r.iteratorConstructor,
		"WeakRef":              r.weakRef,
	} {
		r.onRead(r.runtime.GlobalObject(), name, build)
	}
	hide(r.runtime.GlobalObject(), language.CaughtName, r.caught())
}

// A mend makes one built-in object what it is in V8.
type mend struct {
	name string
	make func(*realm)
	// Of a text that has none of these words nothing can reach what is mended.
	words []string
}

// reachesAll are words of texts in which names may be put together, and for those of libraries.
var reachesAll = []string{"eval", "Function", "getOwnPropertyNames", "getOwnPropertyDescriptors", "ownKeys"}

// mends are what to do, in this order, before a text runs.
func mends() []mend {
	return []mend{
		{"HTML", (*realm).mendHTML, []string{
			"anchor", "big", "blink", "bold", "fixed", "fontcolor", "fontsize", "italics", "link", "small", "strike", "sub", "sup",
		}},
		{"well-formed", (*realm).mendWellFormed, []string{"isWellFormed", "toWellFormed"}},
		{"locale", (*realm).mendCase, []string{"localeCompare", "toLocaleUpperCase", "toLocaleLowerCase"}},
		{"messages", (*realm).mendMessages, []string{"normalize", "repeat", "padStart", "padEnd"}},
		{"RegExp.prototype", (*realm).mendRegexp, []string{"RegExp", "match", "replace", "replaceAll", "split", "hasIndices", "unicodeSets", "flags"}},
		{"RegExp", (*realm).mendRegexpConstructor, []string{"RegExp", "constructor"}},
		{"RegExp.$1", (*realm).mendRegexpMatch, []string{regexpStatics}},
		{"JSON", (*realm).mendJSON, []string{"stringify"}},
		{"Object", (*realm).mendObject, []string{
			"groupBy", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
		}},
		{"Array", (*realm).mendArray, []string{"fromAsync", "toLocaleString"}},
		{"Promise", (*realm).mendPromise, []string{"withResolvers", "any"}},
		{"Symbol", (*realm).mendSymbol, []string{"asyncIterator", "asyncDispose", "dispose"}},
		{"Iterator", (*realm).mendIterator, []string{
			"Iterator", "Map", "Set", "drop", "iterator", "matchAll", "take", "toArray", "yield",
		}},
		{"Error", (*realm).mendError, []string{"captureStackTrace", "stackTraceLimit"}},
		{"Number", (*realm).mendNumber, []string{"toLocaleString", "toFixed", "toPrecision", "toExponential", "toString"}},
		{"Date", (*realm).mendDate, []string{"Date", "timestamp", "prepare_outgoing_request", "process_outgoing_response"}},
	}
}

// mendFor makes the built-ins that a text may use what they are in V8. Most texts use few.
func (r *realm) mendFor(text string) {
	words := wordsOf(text)
	all := false
	for _, word := range reachesAll {
		all = all || words[word]
	}
	for _, m := range mends() {
		// To keep every last match is slow, and nobody puts that name together.
		reached := all && m.name != regexpStatics+"1" || anyOf(words, m.words)
		if r.mended[m.name] || !reached {
			continue
		}
		if r.mended == nil {
			r.mended = make(map[string]bool)
		}
		r.mended[m.name] = true
		m.make(r)
	}
}

func anyOf(words map[string]bool, of []string) bool {
	for _, word := range of {
		if words[word] {
			return true
		}
	}
	return false
}

// wordsOf returns what could be names in a text, wherever they stand: 'bold' in a string may become
// one as well.
func wordsOf(text string) map[string]bool {
	words := make(map[string]bool)
	for i := 0; i < len(text); {
		if !isNameByte(text[i]) {
			i++
			continue
		}
		start := i
		for i < len(text) && isNameByte(text[i]) {
			i++
		}
		words[text[start:i]] = true
		if text[start:i] == "RegExp" && namesMatch(text[i:]) {
			words[regexpStatics] = true
		}
	}
	// An escape can be a part of a name.
	if strings.Contains(text, `\u`) || strings.Contains(text, `\x`) {
		words["eval"] = true
	}
	return words
}

func isNameByte(c byte) bool {
	return c == '_' || c == '$' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c) || c >= 0x80
}

// onRead makes a property that is built when it is first read, and is an ordinary one from then on.
func (r *realm) onRead(object *goja.Object, name string, build func() goja.Value) {
	settle := func(value goja.Value) {
		_ = object.DefineDataProperty(name, value, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE) // it is configurable
	}
	// One function for both: who sets, gives a value.
	access := r.runtime.ToValue(func(c goja.FunctionCall) goja.Value {
		if len(c.Arguments) > 0 {
			settle(c.Argument(0))
			return goja.Undefined()
		}
		value := build()
		settle(value)
		return value
	})
	_ = object.DefineAccessorProperty(name, access, access, goja.FLAG_TRUE, goja.FLAG_FALSE) // it is new
}

// prototype is that of a constructor among the built-ins.
func (r *realm) prototype(name string) *goja.Object {
	return r.builtin(name).Get("prototype").ToObject(r.runtime)
}

// install adds or replaces a function of a built-in object.
func (r *realm) install(object *goja.Object, name string, parameters int, f func(goja.FunctionCall) goja.Value) {
	hide(object, name, r.native(name, parameters, f))
}

// symbolMethod is install for one that a symbol names.
func (r *realm) symbolMethod(object *goja.Object, symbol *goja.Symbol, name string, f func(goja.FunctionCall) goja.Value) {
	_ = object.DefineDataPropertySymbol(symbol, r.native(name, 1, f), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE) // a built-in takes it
}

// getter adds an accessor to a built-in object.
func (r *realm) getter(object *goja.Object, name string, f func(goja.FunctionCall) goja.Value) {
	_ = object.DefineAccessorProperty(name, r.native("get "+name, 0, f), nil, goja.FLAG_TRUE, goja.FLAG_FALSE) // a built-in takes it
}

// call calls a function of the script's or the engine's, and throws on what that throws.
func (r *realm) call(f goja.Callable, this goja.Value, arguments ...goja.Value) goja.Value {
	return must(f(this, arguments...))
}

// needFunction returns a function that a script has to give.
func (r *realm) needFunction(value goja.Value) goja.Callable {
	f, ok := goja.AssertFunction(value)
	if !ok {
		panic(r.runtime.NewTypeError("%s is not a function", r.word(value)))
	}
	return f
}

// word names a value in a message as V8 does.
func (r *realm) word(value goja.Value) string {
	switch v := value.(type) {
	case *goja.Symbol:
		return "Symbol(" + v.String() + ")"
	case *goja.Object:
		switch r.class(v) {
		case "Function":
			return "function"
		case "Array":
			return "[object Array]"
		}
		return "#<" + r.constructorName(v) + ">"
	}
	if goja.IsString(value) {
		return `"` + value.String() + `"`
	}
	return value.String()
}

// raise is throw for a message that is none of ours to format.
func (r *realm) raise(kind, message string) {
	panic(r.newError(kind, message))
}

// textOf is this of a method of String.prototype.
func (r *realm) textOf(c goja.FunctionCall, method string) goja.String {
	if goja.IsUndefined(c.This) || goja.IsNull(c.This) {
		panic(r.runtime.NewTypeError("String.prototype.%s called on null or undefined", method))
	}
	return r.toString(c.This)
}

// toString converts a value, but for symbols, which have no text.
func (r *realm) toString(value goja.Value) goja.String {
	if _, ok := value.(*goja.Symbol); ok {
		panic(r.runtime.NewTypeError("Cannot convert a Symbol value to a string"))
	}
	if text, ok := value.ToString().(goja.String); ok {
		return text
	}
	text, _ := r.runtime.ToValue(value.String()).(goja.String)
	return text
}

// isObject tells objects, functions among them, from all other values.
func isObject(value goja.Value) bool {
	_, ok := value.(*goja.Object)
	return ok
}
