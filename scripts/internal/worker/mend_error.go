package worker

import "github.com/dop251/goja"

// mendError adds V8's own properties of Error.
func (r *realm) mendError() {
	class := r.builtin("Error")
	put(class, "stackTraceLimit", r.runtime.ToValue(deepestStack))
	r.install(class, "captureStackTrace", 2, func(c goja.FunctionCall) goja.Value {
		object, ok := c.Argument(0).(*goja.Object)
		if !ok {
			panic(r.runtime.NewTypeError("Invalid argument"))
		}
		here, err := r.runtime.New(class)
		if err != nil {
			panic(err)
		}
		hide(object, "stack", here.Get("stack"))
		return goja.Undefined()
	})
}
