package worker

import (
	"cmp"
	"errors"

	"github.com/dop251/goja"
	"github.com/dop251/goja/parser"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

const (
	// Deep enough for honest recursion. An overflow unwinds in time that grows with the square of
	// the depth where native functions lie between: 0.1 s here, seconds at three times the depth.
	maxCallStack = 1500
)

var errNoClass = errors.New("the script defines no class named Script")

// realm is one author's script with a JavaScript world to itself. What the script keeps in its
// instance, its top-level variables and Store lives as long as the realm.
type realm struct {
	owner, version string
	limits         wire.Limits
	places         *language.Places
	reads          *language.Reads // of what a method is called with
	runtime        *goja.Runtime
	natives        natives
	builder        builder
	console        console
	kept           kept
	instance       *goja.Object
	outside        outside  // nil where there is no server to ask
	monitor        *monitor // nil where nobody watches
	loop           loop
	rejections     rejections
	classes        classes
	// broken is a realm that was stopped at an arbitrary point: its state is not to be trusted.
	broken bool
	// overdue is a realm that was interrupted where nothing but a description was to be had.
	overdue  bool
	mended   map[string]bool // built-ins that are what they are in V8
	joined   []*goja.Object  // arrays that toLocaleString is in the midst of
	usual    *collator
	compiled string // text, to look at when something is thrown
	called   uint64 // when it was last, in calls of its worker
}

// natives are the built-ins that the worker itself uses, taken before the author's code could
// replace them.
type natives struct {
	stringify, keys, get, isArray goja.Callable
	date                          *goja.Object
	// What follows is taken when it is first needed.
	iterator *goja.Object // the prototype of iterators
	isView   goja.Callable
	then     goja.Callable
	// What follows the mends of built-ins call.
	describe             goja.Callable // Object.getOwnPropertyDescriptor
	symbols              goja.Callable // Object.getOwnPropertySymbols
	source               goja.Callable // Function.prototype.toString
	parseInt, parseFloat goja.Callable
}

// newRealm returns a realm with all globals and no script.
func newRealm(owner, version string, l wire.Limits, names *names) *realm {
	r := &realm{owner: owner, version: version, limits: l, runtime: goja.New()}
	r.runtime.SetMaxCallStackSize(maxCallStack)
	// Without this a comment in the source makes the parser read a file.
	r.runtime.SetParserOptions(parser.WithDisableSourceMaps)
	r.natives = natives{
		stringify:  r.inner(r.builtin("JSON").Get("stringify")),
		keys:       r.inner(r.builtin("Object").Get("keys")),
		get:        r.inner(r.builtin("Reflect").Get("get")),
		isArray:    r.inner(r.builtin("Array").Get("isArray")),
		date:       r.builtin("Date"),
		describe:   r.inner(r.builtin("Object").Get("getOwnPropertyDescriptor")),
		symbols:    r.inner(r.builtin("Object").Get("getOwnPropertySymbols")),
		source:     r.inner(r.prototype("Function").Get("toString")),
		parseInt:   r.inner(r.runtime.Get("parseInt")),
		parseFloat: r.inner(r.runtime.Get("parseFloat")),
	}
	r.builder = newBuilder(r.runtime, r.builtin("Object").Get("prototype").ToObject(r.runtime), names)
	r.console.room = l.LogSize
	r.runtime.SetPromiseRejectionTracker(r.rejections.track)
	r.bind()
	return r
}

// inner returns a function for natives to call, nil if it is none. The engine's own Callable would run
// the jobs that wait where a native is itself called by a job, and so upset their order.
func (r *realm) inner(v goja.Value) goja.Callable {
	object, ok := v.(*goja.Object)
	if !ok {
		return nil
	}
	function, ok := exported[func(goja.FunctionCall) goja.Value](object)
	if !ok {
		return callable(v) // a proxy, or nothing that can be called
	}
	return func(this goja.Value, arguments ...goja.Value) (value goja.Value, err error) {
		err = r.attempt(func() { value = function(goja.FunctionCall{This: this, Arguments: arguments}) })
		return value, err
	}
}

// callable is for values that are known to be functions.
func callable(v goja.Value) goja.Callable {
	f, _ := goja.AssertFunction(v)
	return f
}

// evaluate runs the script's top level and instantiates its class.
func (r *realm) evaluate(text string) *integrations.ScriptError {
	r.places, r.reads, r.compiled = language.PlacesOf(text), language.ReadsOf(text), text
	r.mendFor(text)
	program, written, fault := language.Program(text)
	if fault != nil {
		return fault
	}
	r.showWritten(written)
	if _, err := r.runtime.RunProgram(program); err != nil {
		return r.failure(integrations.PhaseEvaluate, err)
	}
	// A class declaration is no property of the global object, so look for it as a script would.
	class, err := r.runtime.RunString(language.FindClass)
	if err != nil {
		return r.failure(integrations.PhaseEvaluate, err)
	}
	if _, ok := goja.AssertConstructor(class); !ok {
		return r.failure(integrations.PhaseEvaluate, errNoClass)
	}
	err = r.attempt(func() {
		instance, err := r.runtime.New(class)
		if err != nil {
			panic(err)
		}
		r.instance = instance
	})
	if err != nil {
		return r.failure(integrations.PhaseEvaluate, err)
	}
	return nil
}

// said adds to a failure what the script printed before it, and what its author can do.
func (r *realm) said(e *integrations.ScriptError) *integrations.ScriptError {
	if r.places != nil {
		e.Remedy = cmp.Or(e.Remedy, language.Remedy(e))
	}
	e.Console = r.console.take()
	return e
}

// attempt runs f, which may reach the author's code, and returns what that threw.
func (r *realm) attempt(f func()) (err error) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case *goja.InterruptedError:
			r.overdue = true
			err = thrown
		case *goja.StackOverflowError:
			err = thrown
		default:
			panic(thrown)
		}
	}()
	if exception := r.runtime.Try(f); exception != nil {
		return exception
	}
	return nil
}
