package worker

import (
	"reflect"

	"github.com/dop251/goja"
)

// hidden is what an object of one of our own classes has inside, where no script reaches.
type hidden struct{ inside any }

// hiddenClass makes a constructor whose objects hold what build returns, and its prototype.
func (r *realm) hiddenClass(name string, parameters int, build func(goja.ConstructorCall) any) (class, prototype *goja.Object) {
	class = r.runtime.ToValue(func(c goja.ConstructorCall) *goja.Object {
		// Without new, this is anything.
		if c.NewTarget != nil {
			return r.hiding(build(c), c.This.Prototype())
		}
		return r.hiding(build(c), prototype)
	}).ToObject(r.runtime)
	r.label(class, name, parameters)
	prototype = class.Get("prototype").ToObject(r.runtime)
	_ = class.DefineDataProperty("prototype", prototype, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE) // as those of built-ins are
	return class, prototype
}

// tag makes Object.prototype.toString name the class of a prototype.
func (r *realm) tag(prototype *goja.Object, name string) {
	_ = prototype.DefineDataPropertySymbol(goja.SymToStringTag, r.runtime.ToValue(name), goja.FLAG_FALSE, goja.FLAG_TRUE, goja.FLAG_FALSE) // it is new
}

func (r *realm) hiding(inside any, prototype *goja.Object) *goja.Object {
	object := r.runtime.ToValue(&hidden{inside}).ToObject(r.runtime)
	_ = object.SetPrototype(prototype) // it is new
	return object
}

// insideOf returns what this has inside, and throws if it is no object of that class.
func insideOf[T any](r *realm, this goja.Value, method string) T {
	if object, ok := this.(*goja.Object); ok && object.ExportType() == reflect.TypeFor[*hidden]() {
		if s, ok := object.Export().(*hidden); ok {
			if inside, ok := s.inside.(T); ok {
				return inside
			}
		}
	}
	panic(r.runtime.NewTypeError("Method %s called on incompatible receiver %s", method, r.word(this)))
}
