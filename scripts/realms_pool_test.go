package scripts_test

import (
	"strconv"
	"testing"

	"github.com/grapnel-chat/grapnel/scripts"
)

// More scripts than a worker may keep are called in it. All get their answers, and those that were
// called first have had to go.
func TestAWorkerForgetsScriptsWhenMemoryIsShort(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Memory = 1, 24<<20 })
	call := script(t, p, "0", `
		let kept;
		class Script {
			process_incoming_request() {
				const first = !kept;
				kept = kept || Array.from({ length: 5000 }, (_, i) => ({ i }));
				return first;
			}
		}`)
	for i := range 300 {
		call.Owner = strconv.Itoa(i)
		if got := value(t, p, call); got != "true" {
			t.Fatalf("the first call of script %d: %s", i, got)
		}
	}
	if got := value(t, p, call); got != "false" {
		t.Error("the script that was called last is forgotten")
	}
	call.Owner = "0"
	if got := value(t, p, call); got != "true" {
		t.Error("the script that was called first is still there")
	}
	stats := p.Stats()
	// Three that served, one that compiled, the spare.
	if n := len(stats.Workers); n > 5 || stats.Ended > 0 {
		t.Errorf("%d workers, %d ended; want five, and no end", n, stats.Ended)
	}
}
