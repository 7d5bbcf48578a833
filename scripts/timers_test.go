package scripts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/scripts"
)

// TestTimersEndInTime holds that a script which only waits ends with its time, and that the next call
// of its realm goes on.
func TestTimersEndInTime(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Limits.Timeout = 300 * time.Millisecond })
	for name, wait := range map[string]string{
		"an interval":     `new Promise(() => setInterval(() => {}, 1))`,
		"a long wait":     `new Promise(r => setTimeout(r, 60000))`,
		"a loop of waits": `(async () => { for (;;) await new Promise(r => setImmediate(r)) })()`,
		"a loop of jobs":  `(async () => { for (;;) await null })()`,
		"queued for ever": `new Promise(() => { const again = () => queueMicrotask(again); again() })`,
	} {
		t.Run(name, func(t *testing.T) {
			call := integrations.ScriptCall{
				Owner: name, Method: integrations.ProcessIncomingRequest, Argument: []byte(`{"request":{}}`),
				Compiled: compiled(t, p, `class Script { process_incoming_request() { return `+wait+` } }`),
			}
			for range 2 {
				_, err := p.Run(t.Context(), call)
				e, ok := errors.AsType[*integrations.ScriptError](err)
				if !ok || !strings.HasPrefix(e.Message, "stopped after") {
					t.Errorf("%v, want a ScriptError that it was stopped", err)
				}
			}
		})
	}
}

// TestWaitsEndInTime holds the same where the server could be called: there it is not the script that
// runs when its time is over.
func TestWaitsEndInTime(t *testing.T) {
	caller := outbound.New(outbound.Config{})
	t.Cleanup(caller.Close)
	p := startPool(t, func(c *scripts.Config) {
		c.Caller, c.Limits.Timeout, c.Limits.WallTime = caller, 300*time.Millisecond, 300*time.Millisecond
	})
	const wanted = "stopped after 300ms, with what it waited for (SCRIPT_WALL_TIME)"
	for name, wait := range map[string]string{
		"an interval": `new Promise(() => setInterval(() => {}, 1))`,
		"a long wait": `new Promise(r => setTimeout(r, 60000))`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := p.Run(t.Context(), integrations.ScriptCall{
				Owner: name, Method: integrations.ProcessIncomingRequest, Argument: []byte(`{"request":{}}`),
				Compiled: compiled(t, p, `class Script { process_incoming_request() { return `+wait+` } }`),
			})
			if e, ok := errors.AsType[*integrations.ScriptError](err); !ok || e.Message != wanted || e.Remedy == "" {
				t.Errorf("Run = %v, want a ScriptError %q with a remedy", err, wanted)
			}
		})
	}
}
