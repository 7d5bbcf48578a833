package worker

import (
	"slices"
	"time"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// loop holds what a script waits for during one call: timers, and answers from outside.
type loop struct {
	timers  []*timer  // by the time when they are due
	soon    []*timer  // setImmediate's
	running []*timer  // those of them that the present turn runs
	created int64     // timers so far; their ids
	began   time.Time // when the time was first asked for
	time    time.Time // of the present turn
	// awaited are the questions that are under way, and what is to be done with their answers.
	awaited map[uint32]func(wire.Answer) error
	// arrived came while something else was waited for.
	arrived []wire.Answer
}

// await returns what the promise of a method is settled with. It runs timers and takes answers
// until then, or until there is nothing left that could settle it.
func (r *realm) await(value goja.Value) (goja.Value, *integrations.ScriptError) {
	promise, err := r.promise(value)
	if err != nil {
		return nil, r.failure(integrations.PhaseRun, err)
	}
	if promise == nil {
		r.reportRejections(nil)
		return value, nil
	}
	for promise.State() == goja.PromiseStatePending {
		more, err := r.turn()
		if err != nil {
			return nil, r.failure(integrations.PhaseRun, err)
		}
		if !more && promise.State() == goja.PromiseStatePending {
			r.reportRejections(promise)
			return nil, r.said(&integrations.ScriptError{Phase: integrations.PhaseRun, Message: "the promise never settled"})
		}
	}
	r.reportRejections(promise)
	if promise.State() == goja.PromiseStateRejected {
		// Thrown anew, an Error shows the place where it was made.
		return nil, r.failure(integrations.PhaseRun, r.attempt(func() { panic(promise.Result()) }))
	}
	return promise.Result(), nil
}

// rest drops what a call has left over: timers that nobody waits for, and answers that nobody hears.
func (r *realm) rest() {
	r.loop = loop{created: r.loop.created}
	r.rejections.promises = nil
}

// promise returns the promise that a value is or that follows it, nil where there is nothing to
// wait for.
func (r *realm) promise(value goja.Value) (promise *goja.Promise, err error) {
	object, ok := value.(*goja.Object)
	if !ok {
		return nil, nil
	}
	if promise, ok = exported[*goja.Promise](object); ok {
		return promise, nil
	}
	var thenable bool
	if err := r.attempt(func() { _, thenable = goja.AssertFunction(object.Get("then")) }); err != nil || !thenable {
		return nil, err
	}
	promise, resolve, _ := r.runtime.NewPromise()
	return promise, resolve(object)
}

// turn does what is due, or waits for what will be. It returns false when there is nothing.
func (r *realm) turn() (more bool, err error) {
	r.loop.tick()
	ran, err := r.runTimers(r.loop.now())
	if err != nil {
		return false, err
	}
	r.loop.running, r.loop.soon = r.loop.soon, nil
	immediates := r.loop.running
	for _, t := range immediates {
		if err := r.runTimer(t); err != nil {
			return false, err
		}
	}
	arrived := r.loop.arrived
	r.loop.arrived = nil
	for _, a := range arrived {
		if err := r.settle(a); err != nil {
			return false, err
		}
	}
	switch {
	case ran || len(immediates) > 0 || len(arrived) > 0:
		return true, nil
	case len(r.loop.timers) == 0 && len(r.loop.awaited) == 0:
		return false, nil
	}
	return true, r.wait()
}

// runTimers runs the timers that are due by now, in the order of their times.
func (r *realm) runTimers(now time.Time) (ran bool, err error) {
	for len(r.loop.timers) > 0 && !r.loop.timers[0].due.After(now) {
		t := r.loop.timers[0]
		r.loop.timers = slices.Delete(r.loop.timers, 0, 1)
		if t.every > 0 {
			t.due = now.Add(t.every)
			r.loop.schedule(t)
		}
		ran = true
		if err := r.runTimer(t); err != nil {
			return ran, err
		}
	}
	return ran, nil
}

// runTimer calls a timer's function. What that throws is printed, for nobody is there to catch it.
func (r *realm) runTimer(t *timer) error {
	if t.cleared {
		return nil
	}
	_, err := t.function(goja.Undefined(), t.arguments...)
	if exception, ok := err.(*goja.Exception); ok { //nolint:errorlint // to unwrap it would run the script's code
		r.printUncaught("Uncaught", exception.Value())
		return nil
	}
	return err
}

// far is a wait whose end is for the server to tell.
const far = time.Hour

// wait waits for the next timer or answer.
func (r *realm) wait() error {
	until := time.Now().Add(far)
	if len(r.loop.timers) > 0 {
		until = r.loop.timers[0].due
	}
	if r.outside == nil {
		return r.pause(until)
	}
	a, ok, err := r.outside.next(until)
	if err != nil || !ok {
		return err
	}
	return r.settle(a)
}

// settle does with an answer what the one who asked wanted, if it is still awaited.
func (r *realm) settle(a wire.Answer) error {
	then := r.loop.awaited[a.ID]
	if then == nil {
		return nil
	}
	delete(r.loop.awaited, a.ID)
	return then(a)
}

// idle runs nothing, which is where an interruption shows.
var idle = goja.MustCompile("", "", false)

// pause waits where there is no server. The script's clock runs meanwhile, so it looks now and then
// whether that has run out.
func (r *realm) pause(until time.Time) error {
	const step = 20 * time.Millisecond
	clock := time.NewTimer(0)
	defer clock.Stop()
	for {
		left := time.Until(until)
		if left <= 0 {
			return nil
		}
		clock.Reset(min(left, step))
		<-clock.C
		if _, err := r.runtime.RunProgram(idle); err != nil {
			return err
		}
	}
}
