package scripts_test

import (
	"errors"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
)

// TestStoppedScriptsAreAdvised holds that failures which no worker lives to word tell what to do, too.
func TestStoppedScriptsAreAdvised(t *testing.T) {
	p := startPool(t)
	for _, tt := range []struct{ body, message, remedy string }{
		{`while (true);`, "stopped after 3s (SCRIPT_TIMEOUT)", "Look for a loop that does not end, or a regular expression with one repetition inside another."},
		{`'x'.repeat(1 << 20).split('').fill({}).indexOf.call({ length: 2 ** 50 }, 1);`, "stopped after 3s (SCRIPT_TIMEOUT)", "Look for a loop that does not end, or a regular expression with one repetition inside another."},
		{`for (const all = []; ;) all.push('x'.repeat(1 << 24) + all.length);`, "used more than 64 MB (SCRIPT_MEMORY)", "Look for a list or a text that grows in a loop."},
		{`(function f() { f(); })();`, "Maximum call stack size exceeded", "A function calls itself without end."},
	} {
		call := script(t, p, tt.body, `class Script { process_incoming_request() { `+tt.body+` } }`)
		_, err := p.Run(t.Context(), call)
		e, ok := errors.AsType[*integrations.ScriptError](err)
		if !ok || e.Message != tt.message || e.Remedy != tt.remedy {
			t.Errorf("%s: %+v, want %s; %s", tt.body, err, tt.message, tt.remedy)
		}
	}
}
