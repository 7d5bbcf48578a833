package worker

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// loaded returns a realm with a script of that method.
func loaded(t *testing.T, top, method string) *realm {
	t.Helper()
	r := newRealm("", "", wire.DefaultLimits(), &names{})
	text, fault := compile(top+"\nclass Script { async process_incoming_request() {\n"+method+"\n} }", false)
	if fault == nil {
		fault = r.evaluate(text)
	}
	if fault != nil {
		t.Fatal(fault)
	}
	return r
}

func invoked(r *realm) (answer, error) {
	return r.invoke(call{method: integrations.ProcessIncomingRequest, argument: []byte(`{"request":{}}`)})
}

func TestLoop(t *testing.T) {
	for _, tt := range []struct{ name, top, method, value, console, failure string }{
		{name: "an hour's wait", method: `const at = Date.now(); await new Promise(r => setTimeout(r, 3600e3)); return Date.now() - at`, value: "3600000"},
		{name: "a wait of a wait", method: `const wait = ms => new Promise(r => setTimeout(r, ms)); for (let i = 0; i < 5; i++) await wait(1000); return 'done'`, value: `"done"`},
		{name: "in order of time", method: `for (const n of [30, 10, 20, 10]) setTimeout(() => console.log(n), n); await new Promise(r => setTimeout(r, 40))`, console: "10\n10\n20\n30"},
		{
			name:    "time that passes counts",
			method:  `setTimeout(() => console.log('first'), 20); for (const end = Date.now() + 1; Date.now() < end;) await new Promise(r => setTimeout(r, 1)); setTimeout(() => console.log('second'), 20); await new Promise(r => setTimeout(r, 50))`,
			console: "first\nsecond",
		},
		{name: "never", method: `await new Promise(() => {})`, failure: "the promise never settled"},
		{name: "never after a while", method: `setTimeout(() => console.log('late'), 5000); await new Promise(() => {})`, failure: "the promise never settled", console: "late"},
		{name: "thenable", method: `return { then(ok) { setTimeout(ok, 10, 'value') } }`, value: `"value"`},
		{name: "then that is no function", method: `return { then: 'data' }`, value: `{"then":"data"}`},
		{name: "rejected", method: `await null; return Promise.reject(new RangeError('no'))`, failure: "RangeError: no (3:35)"},
		{
			name:    "unhandled rejections",
			method:  `Promise.reject('one'); const two = Promise.reject('two'); two.catch(() => {}); (async () => { throw 'three' })(); return 1`,
			value:   "1",
			console: "Uncaught (in promise) one\nUncaught (in promise) three",
		},
		{
			name:    "timers that throw",
			method:  `setTimeout(() => { throw 'lost' }, 1); setImmediate(() => { throw 'too' }); queueMicrotask(() => { throw 'micro' }); await new Promise(r => setTimeout(r, 5)); return 1`,
			value:   "1",
			console: "Uncaught too\nUncaught lost\nUncaught (in promise) micro",
		},
		{name: "at the top level", top: `const ready = new Promise(r => setTimeout(r, 100, 'ready'))`, method: `return ready`, value: `"ready"`},
		{name: "what is left over ends", method: `setInterval(() => console.log('tick'), 1); setTimeout(() => console.log('late'), 100); await new Promise(r => setTimeout(r, 1)); return 1`, value: "1", console: "tick"},
		{name: "too many", method: `for (let i = 0; i < 1e6; i++) setTimeout(() => {}, 1e6)`, failure: "Error: more than 10000 timers are waiting (3:31)"},
		{name: "cleared in its turn", method: `const a = setImmediate(() => { clearImmediate(b); console.log('a') }), b = setImmediate(() => console.log('b')); await new Promise(r => setTimeout(r, 5))`, console: "a"},
		{name: "AbortSignal.timeout", method: `const s = AbortSignal.timeout(60000); await new Promise(r => s.addEventListener('abort', async () => { await null; r() })); return s.reason.name`, value: `"TimeoutError"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, err := invoked(loaded(t, tt.top, tt.method))
				failure := ""
				if e, ok := errors.AsType[*integrations.ScriptError](err); ok {
					failure, a.console = e.Error(), e.Console
				}
				if failure != tt.failure {
					t.Errorf("failure %q, want %q", failure, tt.failure)
				}
				if a.value != tt.value {
					t.Errorf("returned %s, want %s", a.value, tt.value)
				}
				if console := strings.Join(a.console, "\n"); console != tt.console {
					t.Errorf("printed %q, want %q", console, tt.console)
				}
			})
		})
	}
}

// TestCallsKeepApart holds that what one call sets in motion is over with it.
func TestCallsKeepApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := loaded(t, "let ticks = 0", `setInterval(() => ticks++, 10); const before = ticks; if (before === 0) await new Promise(r => setTimeout(r, 35)); return ticks`)
		for range 2 {
			a, err := invoked(r)
			if err != nil || a.value != "3" {
				t.Errorf("returned %s, %v, want 3", a.value, err)
			}
			if len(r.loop.timers) != 0 {
				t.Errorf("%d timers are left", len(r.loop.timers))
			}
		}
		if _, fault := r.await(r.runtime.ToValue(1)); fault != nil {
			t.Error(fault)
		}
	})
}

// TestWaitsEndInTime holds that a script ends with what the way to the server says: its time is over.
func TestWaitsEndInTime(t *testing.T) {
	for name, method := range map[string]string{
		"fetch": `await fetch('http://h/')`,
		"HTTP":  `HTTP('GET', 'http://h/'); return 'went on'`,
		"timer": `await new Promise(r => setTimeout(r, 1e6))`,
	} {
		t.Run(name, func(t *testing.T) {
			r := loaded(t, "", method)
			r.outside = &overdue{}
			_, err := invoked(r)
			e, ok := errors.AsType[*integrations.ScriptError](err)
			if !ok || e.Message != "waited for 30 s" || e.Phase != integrations.PhaseRun {
				t.Errorf("error %v, want a ScriptError that the wait was too long", err)
			}
		})
	}
}

// overdue takes questions until the time is over.
type overdue struct{}

func (*overdue) start(_, _ []byte) (uint32, error) { return 1, nil }

func (*overdue) next(time.Time) (wire.Answer, bool, error) {
	return wire.Answer{}, false, &integrations.ScriptError{Message: "waited for 30 s"}
}
