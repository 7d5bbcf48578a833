package worker

import (
	"slices"

	"github.com/dop251/goja"
)

// abortSignal is the state of an AbortSignal.
type abortSignal struct {
	object    *goja.Object
	reason    goja.Value // nil until it is aborted
	listeners []listener
	onabort   goja.Value
	follow    []func(reason goja.Value) // natives, and signals that depend on this one
}

type listener struct {
	function goja.Value
	once     bool
}

func (r *realm) abortSignalClass() goja.Value { return r.abortSignals().constructor }

func (r *realm) abortSignals() class { return r.classNamed("AbortSignal", r.newAbortSignalClass) }

func (r *realm) newAbortSignalClass() class {
	c := r.newClass("AbortSignal", 0, func(goja.ConstructorCall) any { panic(r.runtime.NewTypeError("Illegal constructor")) })
	of := func(this goja.Value) *abortSignal { return receiver[*abortSignal](c, this) }
	c.getter("aborted", func(this goja.Value) goja.Value { return r.runtime.ToValue(of(this).reason != nil) })
	c.getter("reason", func(this goja.Value) goja.Value { return orUndefined(of(this).reason) })
	c.accessor("onabort",
		func(this goja.Value) goja.Value {
			if signal := of(this); signal.onabort != nil {
				return signal.onabort
			}
			return goja.Null()
		},
		func(this, value goja.Value) { of(this).onabort = value })
	c.method("throwIfAborted", 0, func(call goja.FunctionCall) goja.Value {
		if signal := of(call.This); signal.reason != nil {
			panic(signal.reason)
		}
		return goja.Undefined()
	})
	c.method("addEventListener", 2, func(call goja.FunctionCall) goja.Value {
		of(call.This).listen(call)
		return goja.Undefined()
	})
	c.method("removeEventListener", 2, func(call goja.FunctionCall) goja.Value {
		signal := of(call.This)
		signal.listeners = slices.DeleteFunc(signal.listeners, func(l listener) bool { return l.function.SameAs(call.Argument(1)) })
		return goja.Undefined()
	})
	c.static("abort", 0, func(call goja.FunctionCall) goja.Value {
		signal := r.newAbortSignal()
		r.abort(signal, r.abortReason(call.Argument(0)))
		return signal.object
	})
	c.static("timeout", 1, func(call goja.FunctionCall) goja.Value {
		signal := r.newAbortSignal()
		r.later(delayOf(call.Argument(0)), func() {
			r.abort(signal, r.newDOMException("TimeoutError", "The operation was aborted due to timeout"))
		})
		return signal.object
	})
	c.static("any", 1, func(call goja.FunctionCall) goja.Value { return r.anySignal(call.Argument(0)) })
	return c
}

func (r *realm) abortControllerClass() goja.Value {
	c := r.newClass("AbortController", 0, func(goja.ConstructorCall) any { return r.newAbortSignal() })
	c.getter("signal", func(this goja.Value) goja.Value { return receiver[*abortSignal](c, this).object })
	c.method("abort", 0, func(call goja.FunctionCall) goja.Value {
		r.abort(receiver[*abortSignal](c, call.This), r.abortReason(call.Argument(0)))
		return goja.Undefined()
	})
	return c.constructor
}

func (r *realm) newAbortSignal() *abortSignal {
	signal := &abortSignal{}
	signal.object = r.abortSignals().instance(signal)
	return signal
}

// listen takes a listener for the one event there is.
func (s *abortSignal) listen(call goja.FunctionCall) {
	_, isFunction := goja.AssertFunction(call.Argument(1))
	if call.Argument(0).String() != "abort" || !isFunction {
		return
	}
	if !slices.ContainsFunc(s.listeners, func(l listener) bool { return l.function.SameAs(call.Argument(1)) }) {
		once := option(call.Argument(2), "once")
		s.listeners = append(s.listeners, listener{call.Argument(1), once != nil && once.ToBoolean()})
	}
}

func (r *realm) abortReason(given goja.Value) goja.Value {
	if goja.IsUndefined(given) {
		return r.newDOMException("AbortError", "This operation was aborted")
	}
	return given
}

// abort tells all who listen, once.
func (r *realm) abort(signal *abortSignal, reason goja.Value) {
	if signal.reason != nil {
		return
	}
	signal.reason = reason
	for _, follow := range signal.follow {
		follow(reason)
	}
	event := r.runtime.NewObject()
	define(event, "type", r.runtime.ToValue("abort"))
	define(event, "target", signal.object)
	functions := []goja.Value{orUndefined(signal.onabort)}
	for _, l := range signal.listeners {
		functions = append(functions, l.function)
	}
	signal.listeners, signal.follow = nil, nil
	for _, each := range functions {
		if function := r.inner(each); function != nil {
			r.guarded(func() { must(function(signal.object, event)) })
		}
	}
}

// guarded prints what f throws, where nobody is to catch it.
func (r *realm) guarded(f func()) {
	if exception := r.runtime.Try(f); exception != nil {
		r.printUncaught("Uncaught", exception.Value())
	}
}

// anySignal makes a signal that follows several.
func (r *realm) anySignal(list goja.Value) goja.Value {
	combined := r.newAbortSignal()
	r.runtime.ForOf(list, func(each goja.Value) bool {
		signal, ok := held[*abortSignal](each)
		if !ok {
			panic(r.runtime.NewTypeError("AbortSignal.any takes a list of AbortSignals"))
		}
		if signal.reason != nil {
			r.abort(combined, signal.reason)
		}
		signal.follow = append(signal.follow, func(reason goja.Value) { r.abort(combined, reason) })
		return combined.reason == nil
	})
	return combined.object
}
