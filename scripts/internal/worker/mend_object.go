package worker

import (
	"github.com/dop251/goja"
)

// mendObject adds the accessors of old, and groupBy.
func (r *realm) mendObject() {
	object, prototype := r.builtin("Object"), r.prototype("Object")
	define := callable(object.Get("defineProperty"))
	r.accessorMethod(prototype, "__defineGetter__", "get", define)
	r.accessorMethod(prototype, "__defineSetter__", "set", define)
	describe := callable(object.Get("getOwnPropertyDescriptor"))
	r.lookupMethod(prototype, "__lookupGetter__", "get", describe)
	r.lookupMethod(prototype, "__lookupSetter__", "set", describe)
	r.install(object, "groupBy", 2, func(c goja.FunctionCall) goja.Value {
		groups := r.runtime.CreateObject(nil)
		r.group(c, func(key, value goja.Value) {
			if symbol, ok := key.(*goja.Symbol); ok {
				r.addToGroup(groups.GetSymbol(symbol), value, func(group goja.Value) { _ = groups.SetSymbol(symbol, group) })
				return
			}
			name := r.toString(key).String()
			r.addToGroup(groups.Get(name), value, func(group goja.Value) { put(groups, name, group) })
		})
		return groups
	})
	r.mapGroupBy()
}

// mapGroupBy keeps its own references, so that a replaced Map.prototype.set changes nothing.
func (r *realm) mapGroupBy() {
	class, prototype := r.builtin("Map"), r.prototype("Map")
	get, set := callable(prototype.Get("get")), callable(prototype.Get("set"))
	r.install(class, "groupBy", 2, func(c goja.FunctionCall) goja.Value {
		groups, err := r.runtime.New(class)
		if err != nil {
			panic(err)
		}
		r.group(c, func(key, value goja.Value) {
			r.addToGroup(r.call(get, groups, key), value, func(group goja.Value) { r.call(set, groups, key, group) })
		})
		return groups
	})
}

// group hands each item of an iterable with its key to add.
func (r *realm) group(c goja.FunctionCall, add func(key, value goja.Value)) {
	key := r.needFunction(c.Argument(1))
	at := 0
	r.runtime.ForOf(r.iterable(c.Argument(0)), func(value goja.Value) bool {
		add(r.call(key, goja.Undefined(), value, r.runtime.ToValue(at)), value)
		at++
		return true
	})
}

// iterable throws what V8 says of a value that cannot be iterated over.
func (r *realm) iterable(value goja.Value) goja.Value {
	if value == nil || goja.IsUndefined(value) || goja.IsNull(value) {
		panic(r.runtime.NewTypeError("%s is not iterable", value))
	}
	if _, ok := goja.AssertFunction(value.ToObject(r.runtime).GetSymbol(goja.SymIterator)); !ok {
		panic(r.runtime.NewTypeError("%s is not iterable", r.word(value)))
	}
	return value
}

func (r *realm) addToGroup(group, value goja.Value, begin func(group goja.Value)) {
	if array, ok := group.(*goja.Object); ok {
		put(array, array.Get("length").String(), value)
		return
	}
	begin(r.runtime.NewArray(value))
}

// put sets a property that is writable, configurable and enumerable, whatever setters there are.
func put(object *goja.Object, name string, value goja.Value) {
	_ = object.DefineDataProperty(name, value, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE) // it is ours
}

func (r *realm) accessorMethod(prototype *goja.Object, name, kind string, define goja.Callable) {
	r.install(prototype, name, 2, func(c goja.FunctionCall) goja.Value {
		object := r.objectOf(c.This)
		if _, ok := goja.AssertFunction(c.Argument(1)); !ok {
			panic(r.runtime.NewTypeError("Object.prototype.%s: Expecting function", name))
		}
		descriptor := r.runtime.CreateObject(nil)
		put(descriptor, kind, c.Argument(1))
		put(descriptor, "enumerable", r.runtime.ToValue(true))
		put(descriptor, "configurable", r.runtime.ToValue(true))
		r.call(define, goja.Undefined(), object, c.Argument(0), descriptor)
		return goja.Undefined()
	})
}

func (r *realm) lookupMethod(prototype *goja.Object, name, kind string, describe goja.Callable) {
	r.install(prototype, name, 1, func(c goja.FunctionCall) goja.Value {
		for object := r.objectOf(c.This); object != nil; object = object.Prototype() {
			if descriptor, ok := r.call(describe, goja.Undefined(), object, c.Argument(0)).(*goja.Object); ok {
				if accessor := descriptor.Get(kind); accessor != nil {
					return accessor
				}
				return goja.Undefined()
			}
		}
		return goja.Undefined()
	})
}

func (r *realm) objectOf(this goja.Value) *goja.Object {
	if goja.IsUndefined(this) || goja.IsNull(this) {
		panic(r.runtime.NewTypeError("Cannot convert undefined or null to object"))
	}
	return this.ToObject(r.runtime)
}

// mendPromise adds withResolvers, and to what any is rejected with the message that it has in V8.
func (r *realm) mendPromise() {
	then, anyOf := callable(r.prototype("Promise").Get("then")), callable(r.builtin("Promise").Get("any"))
	worded := r.native("", 1, func(c goja.FunctionCall) goja.Value {
		if none, ok := c.Argument(0).(*goja.Object); ok && r.class(none) == "Error" && r.ownText(none, "name") == "AggregateError" && r.ownText(none, "message") == "" {
			hide(none, "message", r.runtime.ToValue("All promises were rejected"))
		}
		return goja.Undefined()
	})
	r.install(r.builtin("Promise"), "any", 1, func(c goja.FunctionCall) goja.Value {
		first := r.call(anyOf, c.This, c.Arguments...)
		if _, ok := exported[*goja.Promise](first); ok { // of a derived class it is the script's own affair
			r.call(then, first, goja.Undefined(), worded) // before anybody else hears of it
		}
		return first
	})
	r.install(r.builtin("Promise"), "withResolvers", 0, func(c goja.FunctionCall) goja.Value {
		made := r.runtime.NewObject()
		executor := r.native("", 2, func(c goja.FunctionCall) goja.Value {
			put(made, "resolve", c.Argument(0))
			put(made, "reject", c.Argument(1))
			return goja.Undefined()
		})
		promise, err := r.runtime.New(c.This, executor)
		if err != nil {
			panic(err)
		}
		answer := r.runtime.NewObject()
		put(answer, "promise", promise)
		put(answer, "resolve", made.Get("resolve"))
		put(answer, "reject", made.Get("reject"))
		return answer
	})
}

// mendSymbol adds the well-known symbols of asynchronous iteration and of disposal.
func (r *realm) mendSymbol() {
	class := r.builtin("Symbol")
	// Registered ones: lowered texts ask for these where the others are missing.
	register := callable(class.Get("for"))
	for _, name := range []string{"asyncIterator", "asyncDispose", "dispose"} {
		symbol := r.call(register, class, r.runtime.ToValue("Symbol."+name))
		_ = class.DefineDataProperty(name, symbol, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE) // it is new
	}
}

// weakRef keeps its target: when garbage is collected is no promise of the language.
func (r *realm) weakRef() goja.Value {
	class, prototype := r.hiddenClass("WeakRef", 1, func(c goja.ConstructorCall) any {
		if !isObject(c.Argument(0)) {
			panic(r.runtime.NewTypeError("WeakRef: target must be an object"))
		}
		return &reference{c.Argument(0)}
	})
	r.install(prototype, "deref", 0, func(c goja.FunctionCall) goja.Value {
		return insideOf[*reference](r, c.This, "WeakRef.prototype.deref").target
	})
	r.tag(prototype, "WeakRef")
	return class
}

type reference struct{ target goja.Value }

// finalizationRegistry never calls back, as the language allows.
func (r *realm) finalizationRegistry() goja.Value {
	class, prototype := r.hiddenClass("FinalizationRegistry", 1, func(c goja.ConstructorCall) any {
		if _, ok := goja.AssertFunction(c.Argument(0)); !ok {
			panic(r.runtime.NewTypeError("FinalizationRegistry: cleanup must be callable"))
		}
		return &reference{}
	})
	r.install(prototype, "register", 2, func(goja.FunctionCall) goja.Value { return goja.Undefined() })
	r.install(prototype, "unregister", 1, func(goja.FunctionCall) goja.Value { return r.runtime.ToValue(false) })
	r.tag(prototype, "FinalizationRegistry")
	return class
}
