package worker

import (
	"math"

	"github.com/dop251/goja"
)

// iteratorPrototype is what all iterators inherit from.
func (r *realm) iteratorPrototype() *goja.Object {
	iterate := callable(r.prototype("Array").GetSymbol(goja.SymIterator))
	return r.call(iterate, r.runtime.NewArray()).ToObject(r.runtime).Prototype().Prototype()
}

// iteratorConstructor is the class that generators and the iterators of built-ins belong to.
func (r *realm) iteratorConstructor() goja.Value {
	prototype := r.iteratorPrototype()
	class := r.runtime.ToValue(func(c goja.ConstructorCall) *goja.Object {
		if c.NewTarget == nil {
			panic(r.runtime.NewTypeError("Abstract class Iterator not directly constructable"))
		}
		return c.This
	}).ToObject(r.runtime)
	r.label(class, "Iterator", 0)
	_ = class.DefineDataProperty("prototype", prototype, goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE) // it is ours
	hide(prototype, "constructor", class)
	r.install(class, "from", 1, func(c goja.FunctionCall) goja.Value {
		source := c.Argument(0).ToObject(r.runtime)
		if begin, ok := goja.AssertFunction(source.GetSymbol(goja.SymIterator)); ok {
			source = r.call(begin, source).ToObject(r.runtime)
		}
		walk := r.walk(source)
		return r.helper(walk, func() (goja.Value, bool) { return walk.next() })
	})
	return class
}

// mendIterator adds the methods that iterators have like arrays.
func (r *realm) mendIterator() {
	prototype := r.iteratorPrototype()
	r.lazyMethods(prototype)
	r.eagerMethods(prototype)
}

// walk is an iterator on its way.
type walk struct {
	realm    *realm
	iterator *goja.Object
	advance  goja.Callable
	done     bool
}

func (r *realm) walk(iterator *goja.Object) *walk {
	return &walk{realm: r, iterator: iterator, advance: r.needFunction(iterator.Get("next"))}
}

func (r *realm) walkOf(this goja.Value, method string) *walk {
	object, ok := this.(*goja.Object)
	if !ok {
		panic(r.runtime.NewTypeError("Iterator.prototype.%s called on non-object", method))
	}
	return r.walk(object)
}

func (w *walk) next() (goja.Value, bool) {
	step, ok := w.realm.call(w.advance, w.iterator).(*goja.Object)
	if !ok {
		panic(w.realm.runtime.NewTypeError("Iterator result is not an object"))
	}
	if done := step.Get("done"); done != nil && done.ToBoolean() {
		return nil, false
	}
	if value := step.Get("value"); value != nil {
		return value, true
	}
	return goja.Undefined(), true
}

// close tells the iterator that no more is wanted.
func (w *walk) close() {
	if w.done {
		return
	}
	w.done = true
	if end, ok := goja.AssertFunction(w.iterator.Get("return")); ok {
		w.realm.call(end, w.iterator)
	}
}

// try closes the iterator where f throws.
func (w *walk) try(f func() goja.Value) goja.Value {
	var value goja.Value
	if err := w.realm.attempt(func() { value = f() }); err != nil {
		if !w.realm.overdue {
			_ = w.realm.attempt(w.close) // what was thrown first counts
		}
		panic(err)
	}
	return value
}

// helper makes an iterator of a function that gives one value after the other.
func (r *realm) helper(w *walk, step func() (goja.Value, bool)) *goja.Object {
	object := r.runtime.CreateObject(r.iteratorPrototype())
	ended := false
	result := func(value goja.Value, done bool) goja.Value {
		answer := r.runtime.NewObject()
		put(answer, "value", value)
		put(answer, "done", r.runtime.ToValue(done))
		return answer
	}
	r.install(object, "next", 0, func(goja.FunctionCall) goja.Value {
		if ended {
			return result(goja.Undefined(), true)
		}
		if value, ok := step(); ok {
			return result(value, false)
		}
		ended = true
		return result(goja.Undefined(), true)
	})
	r.install(object, "return", 0, func(goja.FunctionCall) goja.Value {
		if !ended {
			ended = true
			w.close()
		}
		return result(goja.Undefined(), true)
	})
	r.tag(object, "Iterator Helper")
	return object
}

// lazyMethods give iterators again.
func (r *realm) lazyMethods(prototype *goja.Object) {
	each := func(name string, step func(w *walk, f goja.Callable, value goja.Value, at int) (goja.Value, bool)) {
		r.install(prototype, name, 1, func(c goja.FunctionCall) goja.Value {
			w, f, at := r.walkOf(c.This, name), r.needFunction(c.Argument(0)), 0
			return r.helper(w, func() (goja.Value, bool) {
				for {
					value, ok := w.next()
					if !ok {
						return nil, false
					}
					at++
					if value, ok = step(w, f, value, at-1); ok {
						return value, true
					}
				}
			})
		})
	}
	each("map", func(w *walk, f goja.Callable, value goja.Value, at int) (goja.Value, bool) {
		return w.try(func() goja.Value { return r.call(f, goja.Undefined(), value, r.runtime.ToValue(at)) }), true
	})
	each("filter", func(w *walk, f goja.Callable, value goja.Value, at int) (goja.Value, bool) {
		return value, w.try(func() goja.Value { return r.call(f, goja.Undefined(), value, r.runtime.ToValue(at)) }).ToBoolean()
	})
	r.flatMap(prototype)
	count := func(name string, helper func(w *walk, n float64) *goja.Object) {
		r.install(prototype, name, 1, func(c goja.FunctionCall) goja.Value {
			w := r.walkOf(c.This, name)
			n := c.Argument(0).ToNumber().ToFloat()
			if math.IsNaN(n) || n <= -1 {
				r.raise("RangeError", c.Argument(0).String()+" must be positive")
			}
			return helper(w, math.Trunc(n))
		})
	}
	count("take", func(w *walk, n float64) *goja.Object {
		return r.helper(w, func() (goja.Value, bool) {
			if n--; n < 0 {
				w.close()
				return nil, false
			}
			return w.next()
		})
	})
	count("drop", func(w *walk, n float64) *goja.Object {
		return r.helper(w, func() (goja.Value, bool) {
			for ; n > 0; n-- {
				if _, ok := w.next(); !ok {
					return nil, false
				}
			}
			return w.next()
		})
	})
}

func (r *realm) flatMap(prototype *goja.Object) {
	r.install(prototype, "flatMap", 1, func(c goja.FunctionCall) goja.Value {
		w, f, at := r.walkOf(c.This, "flatMap"), r.needFunction(c.Argument(0)), 0
		var inner *walk
		return r.helper(w, func() (goja.Value, bool) {
			for {
				if inner != nil {
					if value, ok := inner.next(); ok {
						return value, true
					}
				}
				value, ok := w.next()
				if !ok {
					return nil, false
				}
				w.try(func() goja.Value {
					made := r.call(f, goja.Undefined(), value, r.runtime.ToValue(at))
					if !isObject(made) {
						panic(r.runtime.NewTypeError("%s is not an object", r.word(made)))
					}
					begin := callable(r.iterable(made).ToObject(r.runtime).GetSymbol(goja.SymIterator))
					inner = r.walk(r.call(begin, made).ToObject(r.runtime))
					return made
				})
				at++
			}
		})
	})
}

// eagerMethods run an iterator to its end, or as far as they must.
func (r *realm) eagerMethods(prototype *goja.Object) {
	// each calls f for every value until stop says what the answer is.
	each := func(name string, otherwise goja.Value, stop func(value, said goja.Value) goja.Value) {
		r.install(prototype, name, 1, func(c goja.FunctionCall) goja.Value {
			w, f := r.walkOf(c.This, name), r.needFunction(c.Argument(0))
			for at := 0; ; at++ {
				value, ok := w.next()
				if !ok {
					return otherwise
				}
				said := w.try(func() goja.Value { return r.call(f, goja.Undefined(), value, r.runtime.ToValue(at)) })
				if answer := stop(value, said); answer != nil {
					w.close()
					return answer
				}
			}
		})
	}
	yes, no := r.runtime.ToValue(true), r.runtime.ToValue(false)
	each("forEach", goja.Undefined(), func(_, _ goja.Value) goja.Value { return nil })
	each("some", no, func(_, said goja.Value) goja.Value { return when(said.ToBoolean(), yes) })
	each("every", yes, func(_, said goja.Value) goja.Value { return when(!said.ToBoolean(), no) })
	each("find", goja.Undefined(), func(value, said goja.Value) goja.Value { return when(said.ToBoolean(), value) })
	r.install(prototype, "toArray", 0, func(c goja.FunctionCall) goja.Value {
		w := r.walkOf(c.This, "toArray")
		var items []any
		for {
			value, ok := w.next()
			if !ok {
				return r.runtime.NewArray(items...)
			}
			items = append(items, value)
		}
	})
	r.install(prototype, "reduce", 1, func(c goja.FunctionCall) goja.Value {
		w, f, at := r.walkOf(c.This, "reduce"), r.needFunction(c.Argument(0)), 0
		sum := c.Argument(1)
		if len(c.Arguments) < 2 {
			first, ok := w.next()
			if !ok {
				panic(r.runtime.NewTypeError("Reduce of a done iterator with no initial value"))
			}
			sum, at = first, 1
		}
		for ; ; at++ {
			value, ok := w.next()
			if !ok {
				return sum
			}
			sum = w.try(func() goja.Value { return r.call(f, goja.Undefined(), sum, value, r.runtime.ToValue(at)) })
		}
	})
}

func when(is bool, value goja.Value) goja.Value {
	if is {
		return value
	}
	return nil
}
