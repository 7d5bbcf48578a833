package worker

import "github.com/dop251/goja"

// global is one name that a script finds besides the language's own, and what makes its value.
type global struct {
	name string
	make func(*realm) goja.Value
}

// globals is the table of what a script finds. Each value is made when it is first asked for, so
// one that no script uses costs its line here and nothing more.
var globals = []global{
	{"console", func(r *realm) goja.Value { return r.consoleObject() }},
	{"Store", func(r *realm) goja.Value { return r.storeObject() }},

	{"HTTP", (*realm).httpFunction},
	{"fetch", func(r *realm) goja.Value { return r.fetchFunction("fetch") }},
	{"serverFetch", func(r *realm) goja.Value { return r.fetchFunction("serverFetch") }},
	{"Headers", (*realm).headersClass},
	{"Request", (*realm).requestClass},
	{"Response", (*realm).responseClass},
	{"AbortController", (*realm).abortControllerClass},
	{"AbortSignal", (*realm).abortSignalClass},
	{"DOMException", (*realm).domExceptionClass},

	{"setTimeout", func(r *realm) goja.Value { return r.timerFunction("setTimeout", false) }},
	{"setInterval", func(r *realm) goja.Value { return r.timerFunction("setInterval", true) }},
	{"setImmediate", (*realm).setImmediateFunction},
	{"clearTimeout", func(r *realm) goja.Value { return r.clearFunction("clearTimeout") }},
	{"clearInterval", func(r *realm) goja.Value { return r.clearFunction("clearInterval") }},
	{"clearImmediate", func(r *realm) goja.Value { return r.clearFunction("clearImmediate") }},
	{"queueMicrotask", (*realm).queueMicrotaskFunction},

	{"URL", (*realm).urlClass},
	{"URLSearchParams", (*realm).searchParamsClass},
	{"atob", (*realm).atobFunction},
	{"btoa", (*realm).btoaFunction},
	{"TextEncoder", (*realm).textEncoderClass},
	{"TextDecoder", (*realm).textDecoderClass},
	{"Buffer", (*realm).bufferClass},
	{"crypto", (*realm).cryptoObject},
	{"structuredClone", (*realm).structuredCloneFunction},

	{"_", func(r *realm) goja.Value { return r.library(lodash()) }},
	{"moment", func(r *realm) goja.Value { return r.library(moment()) }},
	{"s", (*realm).stringsObject},
}

// bind gives the author's code what it finds besides the language's own built-ins.
func (r *realm) bind() {
	hide(r.runtime.GlobalObject(), "global", r.runtime.GlobalObject())
	for _, g := range globals {
		r.offer(g)
	}
	hide(r.builtin("JSON"), "parse", r.jsonParse())
	r.mend()
}

// offer defines a global that is made when it is first read. A script may assign to it or declare
// a variable of that name, as with any other.
func (r *realm) offer(g global) {
	object := r.runtime.GlobalObject()
	var value goja.Value
	// One function reads and assigns, since a pair of them would cost twice as much.
	access := r.runtime.ToValue(func(c goja.FunctionCall) goja.Value {
		if len(c.Arguments) > 0 {
			value = c.Arguments[0]
			hide(object, g.name, value)
			return goja.Undefined()
		}
		if value == nil {
			// A library may look for its own name while it loads.
			value = goja.Undefined()
			hide(object, g.name, value)
			value = g.make(r)
			hide(object, g.name, value)
		}
		return value
	})
	_ = object.DefineAccessorProperty(g.name, access, access, goja.FLAG_TRUE, goja.FLAG_FALSE) // it is new
}

// builtin returns the global of that name as it is now, made if need be.
func (r *realm) builtin(name string) *goja.Object {
	object, ok := r.runtime.Get(name).(*goja.Object)
	if !ok {
		panic(r.runtime.NewTypeError("%s is no longer what it was", name))
	}
	return object
}

// jsonParse is JSON.parse with V8's wording, and several times faster than the engine's own.
func (r *realm) jsonParse() goja.Value {
	engines := r.inner(r.builtin("JSON").Get("parse"))
	return r.native("parse", 2, func(c goja.FunctionCall) goja.Value {
		text := r.toString(c.Argument(0)).String()
		value := r.parseJSON([]byte(text))
		if _, ok := goja.AssertFunction(c.Argument(1)); ok {
			var err error
			if value, err = engines(c.This, r.runtime.ToValue(text), c.Argument(1)); err != nil {
				panic(err)
			}
		}
		return value
	})
}

// parseJSON returns the value of a JSON text, and throws a SyntaxError where it is none.
func (r *realm) parseJSON(text []byte) goja.Value {
	value, err := r.builder.build(text)
	if err != nil {
		panic(r.newError("SyntaxError", err.Error()))
	}
	return value
}

// native makes a function that looks like one of the language's own.
func (r *realm) native(name string, parameters int, f func(goja.FunctionCall) goja.Value) *goja.Object {
	function := r.runtime.ToValue(f).ToObject(r.runtime)
	r.label(function, name, parameters)
	return function
}

// label gives a function its name and its number of parameters.
func (r *realm) label(function *goja.Object, name string, parameters int) {
	for property, value := range map[string]any{"name": name, "length": parameters} {
		_ = function.DefineDataProperty(property, r.runtime.ToValue(value), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE) // it is new
	}
}

// hide adds a property that for-in and Object.keys pass over, as built-ins are.
func hide(object *goja.Object, name string, value goja.Value) {
	_ = object.DefineDataProperty(name, value, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE) // it is new
}
