package worker

import (
	"fmt"
	"reflect"

	"github.com/dop251/goja"
)

// state is under what a native object keeps its Go value. A script can see the symbol, as it can
// with Node's own classes, but make nothing of what stands there.
var state = goja.NewSymbol("state")

// class is a class in the making whose methods are Go functions.
type class struct {
	realm       *realm
	name        string
	constructor *goja.Object
	prototype   *goja.Object
}

// classes are those that exist so far. Natives find theirs here, whatever a script has made of the
// global of that name.
type classes map[string]class

// classNamed returns a class, and makes it first if need be.
func (r *realm) classNamed(name string, make func() class) class {
	c, ok := r.classes[name]
	if !ok {
		c = make()
		if r.classes == nil {
			r.classes = classes{}
		}
		r.classes[name] = c
	}
	return c
}

// newClass makes a class. What construct returns becomes the state of the new instance.
func (r *realm) newClass(name string, parameters int, construct func(c goja.ConstructorCall) any) class {
	c := class{realm: r, name: name}
	c.constructor = r.runtime.ToValue(func(call goja.ConstructorCall) *goja.Object {
		// As a method, the function is called with an object that is not its own.
		if prototype := call.This.Prototype(); prototype == nil || call.This.GetSymbol(state) != nil ||
			call.NewTarget == nil && prototype != c.prototype {
			panic(r.runtime.NewTypeError("Class constructor %s cannot be invoked without 'new'", name))
		}
		r.hold(call.This, construct(call))
		return nil
	}).ToObject(r.runtime)
	r.label(c.constructor, name, parameters)
	c.prototype = c.constructor.Get("prototype").ToObject(r.runtime)
	_ = c.constructor.DefineDataProperty("prototype", c.prototype, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE) // it is writable
	r.tag(c.prototype, name)
	return c
}

// instance makes an instance without calling the constructor.
func (c class) instance(value any) *goja.Object {
	object := c.realm.runtime.CreateObject(c.prototype)
	c.realm.hold(object, value)
	return object
}

func (c class) method(name string, parameters int, f func(goja.FunctionCall) goja.Value) {
	define(c.prototype, name, c.realm.native(name, parameters, f))
}

func (c class) static(name string, parameters int, f func(goja.FunctionCall) goja.Value) {
	define(c.constructor, name, c.realm.native(name, parameters, f))
}

func (c class) getter(name string, get func(this goja.Value) goja.Value) { c.accessor(name, get, nil) }

// accessor defines a property; without set it is read-only.
func (c class) accessor(name string, get func(this goja.Value) goja.Value, set func(this, value goja.Value)) {
	getter := c.realm.native("get "+name, 0, func(call goja.FunctionCall) goja.Value { return get(call.This) })
	var setter goja.Value
	if set != nil {
		setter = c.realm.native("set "+name, 1, func(call goja.FunctionCall) goja.Value {
			set(call.This, call.Argument(0))
			return goja.Undefined()
		})
	}
	_ = c.prototype.DefineAccessorProperty(name, getter, setter, goja.FLAG_TRUE, goja.FLAG_TRUE) // it is new
}

// iterate makes the class iterable by one of its methods.
func (c class) iterate(method string) {
	_ = c.prototype.DefineDataPropertySymbol(goja.SymIterator, c.prototype.Get(method), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE) // it is new
}

// hold ties a Go value to an object.
func (r *realm) hold(object *goja.Object, value any) {
	if err := object.DefineDataPropertySymbol(state, r.runtime.ToValue(value), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE); err != nil {
		panic(err)
	}
}

// held returns the Go value that is tied to an object, if it is of that type.
func held[T any](value goja.Value) (T, bool) {
	var none T
	object, ok := value.(*goja.Object)
	if !ok {
		return none, false
	}
	kept, ok := object.GetSymbol(state).(*goja.Object)
	if !ok {
		return none, false
	}
	return exported[T](kept)
}

// exported returns the Go value that an object is, if it is of that type. Of other objects it does
// not ask for a value, as that would read all their properties.
func exported[T any](value goja.Value) (T, bool) {
	var none T
	object, ok := value.(*goja.Object)
	if !ok || object.ExportType() != reflect.TypeFor[T]() {
		return none, false
	}
	of, ok := object.Export().(T)
	return of, ok
}

// receiver is the Go value of the object that a method is called on.
func receiver[T any](c class, this goja.Value) T {
	value, ok := held[T](this)
	if !ok {
		panic(c.realm.runtime.NewTypeError("Illegal invocation: the receiver is no %s", c.name))
	}
	return value
}

// iterator walks what next returns until it returns nil.
func (r *realm) iterator(name string, next func() goja.Value) goja.Value {
	if r.natives.iterator == nil {
		array := must(r.function(r.runtime.NewArray(), "values")(r.runtime.NewArray())).ToObject(r.runtime)
		r.natives.iterator = array.Prototype().Prototype()
	}
	object := r.runtime.CreateObject(r.natives.iterator)
	hide(object, "next", r.native("next", 0, func(goja.FunctionCall) goja.Value {
		value := next()
		result := r.runtime.NewObject()
		define(result, "value", orUndefined(value))
		define(result, "done", r.runtime.ToValue(value == nil))
		return result
	}))
	r.tag(object, name+" Iterator")
	return object
}

func orUndefined(value goja.Value) goja.Value {
	if value == nil {
		return goja.Undefined()
	}
	return value
}

// isNothing reports whether a value is undefined or null.
func isNothing(value goja.Value) bool {
	return value == nil || goja.IsUndefined(value) || goja.IsNull(value)
}

// newError makes an error of one of the language's classes.
func (r *realm) newError(class, message string) *goja.Object {
	if class == "TypeError" {
		return r.runtime.NewTypeError("%s", message)
	}
	thrown, err := r.runtime.New(r.builtin(class), r.runtime.ToValue(message))
	if err != nil {
		panic(err)
	}
	return thrown
}

// throw throws such an error, with Node's code for it if there is one.
func (r *realm) throw(class, code, format string, args ...any) {
	thrown := r.newError(class, fmt.Sprintf(format, args...))
	if code != "" {
		define(thrown, "code", r.runtime.ToValue(code))
	}
	panic(thrown)
}

// bounded refuses what is too large to be made, before it is. A script that fills its memory bit by
// bit is seen by the monitor; one allocation of its size would not be.
func (r *realm) bounded(size int64) int {
	if size > r.limits.Memory/8 {
		r.throw("RangeError", "", "Invalid string length")
	}
	return int(max(size, 0))
}

// option reads a member of an options object; nil where there are no options.
func option(options goja.Value, name string) goja.Value {
	object, ok := options.(*goja.Object)
	if !ok {
		return nil
	}
	if value := object.Get(name); !isNothing(value) {
		return value
	}
	return nil
}

// member reads a property, as undefined where there is none.
func member(object *goja.Object, name string) goja.Value { return orUndefined(object.Get(name)) }

// function returns a method of an object, which the script may have taken away.
func (r *realm) function(object *goja.Object, name string) goja.Callable {
	function := r.inner(object.Get(name))
	if function == nil {
		panic(r.runtime.NewTypeError("%s is not a function", name))
	}
	return function
}

// text is a value as a string; a symbol is none.
func (r *realm) text(value goja.Value) string {
	if _, ok := value.(*goja.Symbol); ok {
		panic(r.runtime.NewTypeError("Cannot convert a Symbol value to a string"))
	}
	return value.String()
}

// must returns a call's value and throws on what the call threw.
func must(value goja.Value, err error) goja.Value {
	if err != nil {
		panic(err)
	}
	return value
}
