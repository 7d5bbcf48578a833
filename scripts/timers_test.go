package scripts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
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
