package worker

import (
	"sync"

	"github.com/dop251/goja"
)

// wrap makes a class that looks like one of the engine's, shares its prototype, and does what do
// says. Only the language itself can tell whether a function was called with new.
func (r *realm) wrap(engines *goja.Object, do func(arguments []goja.Value, newTarget *goja.Object) goja.Value) *goja.Object {
	decide := r.runtime.ToValue(func(c goja.FunctionCall) goja.Value {
		newTarget, _ := c.Argument(0).(*goja.Object)
		return do(c.Arguments[1:], newTarget)
	})
	make, err := r.runtime.RunProgram(wrapper())
	if err != nil {
		panic(err)
	}
	class := r.call(callable(make), goja.Undefined(), decide).ToObject(r.runtime)
	for _, p := range r.ownProperties(engines, true) {
		r.copyProperty(class, engines, p)
	}
	return class
}

var wrapper = sync.OnceValue(func() *goja.Program {
	return goja.MustCompile("native", `(function (decide) { return function (...given) { return decide(new.target, ...given); }; })`, false)
})

// copyProperty gives a class what the engine's has, with the same attributes.
func (r *realm) copyProperty(to, from *goja.Object, p attribute) {
	define := callable(r.builtin("Object").Get("defineProperty"))
	key := r.runtime.ToValue(p.name)
	if p.symbol != nil {
		key = p.symbol
	}
	descriptor, err := r.natives.describe(goja.Undefined(), from, key)
	if err != nil {
		panic(err)
	}
	r.call(define, goja.Undefined(), to, key, descriptor)
}

// construct is Reflect.construct.
func (r *realm) construct(class, newTarget *goja.Object, arguments ...goja.Value) *goja.Object {
	construct, _ := goja.AssertConstructor(class)
	if newTarget == nil {
		newTarget = class
	}
	made, err := construct(newTarget, arguments...)
	if err != nil {
		panic(err)
	}
	return made
}
