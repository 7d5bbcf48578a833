package worker

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

const (
	// Nobody needs so many timers; each keeps its function and arguments alive.
	maxTimers = 10000
	// What is longer is as good as nothing, says Node, and waits for a millisecond.
	maxDelay = 1<<31 - 1
)

// timer is a function to call later.
type timer struct {
	id        int64
	due       time.Time
	every     time.Duration // zero for one that runs once
	function  goja.Callable
	arguments []goja.Value
	cleared   bool
}

// timerFunction makes setTimeout or setInterval.
func (r *realm) timerFunction(name string, repeats bool) goja.Value {
	return r.native(name, 2, func(c goja.FunctionCall) goja.Value {
		t := r.newTimer(c, 2)
		delay := delayOf(c.Argument(1))
		if repeats {
			t.every = delay
		}
		t.due = r.loop.now().Add(delay)
		r.loop.schedule(t)
		return r.runtime.ToValue(t.id)
	})
}

func (r *realm) setImmediateFunction() goja.Value {
	return r.native("setImmediate", 1, func(c goja.FunctionCall) goja.Value {
		t := r.newTimer(c, 1)
		r.loop.soon = append(r.loop.soon, t)
		return r.runtime.ToValue(t.id)
	})
}

// newTimer makes a timer of the first argument, which gets those from the given one on.
func (r *realm) newTimer(c goja.FunctionCall, from int) *timer {
	r.callback(c.Argument(0))
	t := &timer{function: callable(c.Argument(0))}
	if len(r.loop.timers)+len(r.loop.soon) >= maxTimers {
		r.throw("Error", "", "more than %d timers are waiting", maxTimers)
	}
	if len(c.Arguments) > from {
		t.arguments = slices.Clone(c.Arguments[from:]) // the engine uses the slice again
	}
	r.loop.created++
	t.id = r.loop.created
	return t
}

// callback takes a function and throws as Node does where there is none.
func (r *realm) callback(value goja.Value) goja.Callable {
	function := r.inner(value)
	if function == nil {
		r.throw("TypeError", "ERR_INVALID_ARG_TYPE", `The "callback" argument must be of type function. Received %s`, r.received(value))
	}
	return function
}

// later calls a native function after a delay.
func (r *realm) later(delay time.Duration, f func()) {
	r.loop.created++
	r.loop.schedule(&timer{id: r.loop.created, due: r.loop.now().Add(delay), function: func(goja.Value, ...goja.Value) (goja.Value, error) {
		if err := r.attempt(f); err != nil {
			return nil, err
		}
		return r.runtime.RunProgram(idle) // which runs what f has set in motion
	}})
}

// delayOf reads a number of milliseconds as Node does.
func delayOf(value goja.Value) time.Duration {
	ms := value.ToFloat()
	if !(ms >= 1 && ms <= maxDelay) { // NaN is not in that range either
		ms = 1
	}
	return time.Duration(ms) * time.Millisecond
}

// now is the time as the present turn has it, as in Node: timers that are set in the same turn run in
// the order of their delays, however long the turn takes.
func (l *loop) now() time.Time {
	if l.began.IsZero() {
		l.tick()
	}
	return l.time
}

// tick lets time go on, by whole milliseconds.
func (l *loop) tick() {
	if l.began.IsZero() {
		l.began = time.Now()
	}
	l.time = l.began.Add(time.Since(l.began).Truncate(time.Millisecond))
}

// schedule puts a timer behind all that are due no later.
func (l *loop) schedule(t *timer) {
	at, _ := slices.BinarySearchFunc(l.timers, t, func(other, t *timer) int {
		if other.due.After(t.due) {
			return 1
		}
		return -1
	})
	l.timers = slices.Insert(l.timers, at, t)
}

// clearFunction makes clearTimeout or one of its like, which end each other's timers.
func (r *realm) clearFunction(name string) goja.Value {
	return r.native(name, 1, func(c goja.FunctionCall) goja.Value {
		if !isNothing(c.Argument(0)) {
			r.loop.clear(c.Argument(0).ToInteger())
		}
		return goja.Undefined()
	})
}

// clear ends a timer. One of setImmediate's may be about to run in this very turn.
func (l *loop) clear(id int64) {
	for _, list := range []*[]*timer{&l.timers, &l.soon, &l.running} {
		for i, t := range *list {
			if t.id == id {
				t.cleared = true
				if list != &l.running {
					*list = slices.Delete(*list, i, i+1)
				}
				return
			}
		}
	}
}

// queueMicrotaskFunction makes what calls a function before anything else that waits.
func (r *realm) queueMicrotaskFunction() goja.Value {
	return r.native("queueMicrotask", 1, func(c goja.FunctionCall) goja.Value {
		function := r.callback(c.Argument(0))
		done, resolve, _ := r.runtime.NewPromise()
		if err := resolve(goja.Undefined()); err != nil {
			panic(err)
		}
		promise := r.runtime.ToValue(done).ToObject(r.runtime)
		if r.natives.then == nil {
			r.natives.then = r.function(promise, "then")
		}
		must(r.natives.then(promise, r.runtime.ToValue(func(goja.FunctionCall) goja.Value {
			return must(function(goja.Undefined()))
		})))
		return goja.Undefined()
	})
}

// received words what a function got in place of what it wants, as Node does.
func (r *realm) received(value goja.Value) string {
	object, ok := value.(*goja.Object)
	switch {
	case isNothing(value):
		return value.String()
	case !ok:
		if goja.IsString(value) {
			return fmt.Sprintf("type string ('%s')", language.Shorten(value.String(), 25))
		}
		return fmt.Sprintf("type %s (%s)", typeOf(value), r.show(value))
	}
	if _, ok := goja.AssertFunction(object); ok {
		return "function " + r.ownText(object, "name")
	}
	if constructor, ok := object.Get("constructor").(*goja.Object); ok {
		if name := r.ownText(constructor, "name"); name != "" {
			return "an instance of " + language.Shorten(name, language.LongestName)
		}
	}
	return "an object"
}

// typeOf is what typeof gives for a value that is no object.
func typeOf(value goja.Value) string {
	switch {
	case goja.IsNumber(value):
		return "number"
	case goja.IsBigInt(value):
		return "bigint"
	case value.ExportType().Kind() == reflect.Bool:
		return "boolean"
	}
	return "symbol"
}
