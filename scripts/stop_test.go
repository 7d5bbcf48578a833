package scripts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

// TestStoppedScriptsAreAdvised holds that failures which no worker lives to word tell what to do, too.
func TestStoppedScriptsAreAdvised(t *testing.T) {
	const late = 500 * time.Millisecond
	hasty := startPool(t, func(c *scripts.Config) { c.Limits.Timeout = late })
	patient := startPool(t, func(c *scripts.Config) { c.Limits.Timeout = time.Minute })
	for _, tt := range []struct {
		pool                  *scripts.Pool
		body, message, remedy string
	}{
		{hasty, `while (true);`, "stopped after 500ms (SCRIPT_TIMEOUT)", "Look for a loop that does not end, or a regular expression with one repetition inside another."},
		{hasty, `'x'.repeat(1 << 20).split('').fill({}).indexOf.call({ length: 2 ** 50 }, 1);`, "stopped after 500ms (SCRIPT_TIMEOUT)", "Look for a loop that does not end, or a regular expression with one repetition inside another."},
		{patient, `for (const all = []; ;) all.push('x'.repeat(1 << 24) + all.length);`, "used more than 64 MB (SCRIPT_MEMORY)", "Look for a list or a text that grows in a loop."},
		{patient, `(function f() { f(); })();`, "Maximum call stack size exceeded", "A function calls itself without end."},
	} {
		call := script(t, tt.pool, tt.body, `class Script { process_incoming_request() { `+tt.body+` } }`)
		_, err := tt.pool.Run(t.Context(), call)
		e, ok := errors.AsType[*integrations.ScriptError](err)
		if ok && tt.pool == hasty && strings.HasPrefix(e.Remedy, "The machine is busy") {
			continue // it hardly had a processor, and is told so
		}
		if !ok || e.Message != tt.message || e.Remedy != tt.remedy {
			t.Errorf("%s: %+v, want %s; %s", tt.body, err, tt.message, tt.remedy)
		}
	}
}
