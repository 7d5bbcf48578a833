package worker

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/dop251/goja"
)

// mendArray adds fromAsync, and lets toLocaleString hand its arguments on.
func (r *realm) mendArray() {
	fromAsync, err := r.runtime.RunProgram(fromAsyncProgram())
	if err != nil {
		panic(err)
	}
	hide(r.builtin("Array"), "fromAsync", fromAsync)
	prototype := r.prototype("Array")
	join := func(c goja.FunctionCall) goja.Value {
		array := r.objectOf(c.This)
		if slices.Contains(r.joined, array) {
			return r.runtime.ToValue("")
		}
		r.joined = append(r.joined, array)
		defer func() { r.joined = r.joined[:len(r.joined)-1] }()
		var parts []string
		for i := range int(min(array.Get("length").ToInteger(), maxText)) {
			value := array.Get(strconv.Itoa(i))
			if value == nil || goja.IsUndefined(value) || goja.IsNull(value) {
				parts = append(parts, "")
				continue
			}
			method := r.needFunction(value.ToObject(r.runtime).Get("toLocaleString"))
			parts = append(parts, r.toString(r.call(method, value, c.Arguments...)).String())
		}
		return r.runtime.ToValue(strings.Join(parts, ","))
	}
	r.install(prototype, "toLocaleString", 0, join)
}

// fromAsyncProgram makes the function, which waits and so is written in the language itself.
var fromAsyncProgram = sync.OnceValue(func() *goja.Program {
	return goja.MustCompile("native", `({
		async fromAsync(items, map, self) {
			if (map !== undefined && typeof map !== 'function') throw new TypeError(String(map) + ' is not a function');
			const asynchronous = Symbol.asyncIterator || Symbol.for('Symbol.asyncIterator');
			const put = (to, at, value) => Object.defineProperty(to, at, { value, writable: true, enumerable: true, configurable: true });
			const made = typeof this === 'function' ? new this() : [];
			const begin = items[asynchronous] || items[Symbol.iterator];
			let at = 0;
			if (begin) {
				const iterator = begin.call(items);
				for (let step = await iterator.next(); !step.done; step = await iterator.next(), at++) {
					const value = await step.value;
					put(made, at, map ? await map.call(self, value, at) : value);
				}
			} else {
				for (; at < items.length; at++) {
					const value = await items[at];
					put(made, at, map ? await map.call(self, value, at) : value);
				}
			}
			made.length = at;
			return made;
		},
	}).fromAsync`, false)
})
