package worker

import (
	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// call is a ScriptCall as it reaches the worker.
type call struct {
	method                 integrations.ScriptMethod
	argument, content, raw []byte
	kept                   []byte // what Store holds; nil where that is not written down
}

// answer is what a method returned, as JSON text.
type answer struct {
	value   string
	defined bool
	missing bool // there is no such method
	console []string
}

// invoke calls a method of the loaded script and waits for what it returns. An error that is no
// *ScriptError is the caller's own: an argument that is no JSON.
func (r *realm) invoke(c call) (answer, error) {
	r.overdue = false
	defer r.rest()
	a, err := r.perform(c)
	if fault := r.conclude(integrations.PhaseRun); fault != nil && (err == nil || r.broken) { // what stopped it at last is what counts
		err = fault
	}
	a.console = r.console.take() // a failure has its own
	return a, err
}

// perform calls the method and reads what it returns.
func (r *realm) perform(c call) (answer, error) {
	method, err := r.method(c.method)
	if err != nil {
		return answer{}, r.failure(integrations.PhaseRun, err)
	}
	if method == nil {
		return answer{missing: true}, nil
	}
	argument, err := r.argument(c)
	if err != nil {
		return answer{}, err
	}
	value, err := method(r.instance, argument)
	if err != nil {
		return answer{}, r.failure(integrations.PhaseRun, err)
	}
	value, fault := r.await(value)
	if fault != nil {
		return answer{}, fault
	}
	text, defined, err := r.stringify(value, r.limits.ResultSize)
	if _, ok := err.(nestedError); ok { //nolint:errorlint // unwrapping runs the script's code
		return answer{}, r.said(wire.StoppedByRecursion(integrations.PhaseRun))
	}
	switch {
	case err != nil:
		return answer{}, r.failure(integrations.PhaseRun, err)
	case int64(len(text)) > r.limits.ResultSize:
		return answer{}, r.said(wire.ResultTooLarge(r.limits))
	}
	return answer{value: text, defined: defined}, nil
}

// method returns the instance's method of that name, nil if it has none.
func (r *realm) method(name integrations.ScriptMethod) (method goja.Callable, err error) {
	err = r.attempt(func() {
		value := r.instance.Get(string(name))
		if value == nil || goja.IsUndefined(value) || goja.IsNull(value) {
			return
		}
		var ok bool
		if method, ok = goja.AssertFunction(value); !ok {
			panic(r.runtime.NewTypeError("script.%s is not a function", name))
		}
	})
	return method, err
}
