package worker

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// TestConsoleAsNode prints what stands in testdata/v8/console.js, and wants of each line what Node
// printed.
func TestConsoleAsNode(t *testing.T) {
	wanted := strings.Split(readTable(t, "console.txt"), "====\n")
	for line := range strings.Lines(readTable(t, "console.js")) {
		want := strings.TrimSuffix(wanted[0], "\n")
		wanted = wanted[1:]
		r := newRealm("", "", wire.DefaultLimits(), &names{})
		r.mendFor(line)
		if _, err := r.runtime.RunString("(function () {" + line + "})()"); err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if diff := cmp.Diff(want, strings.Join(r.console.take(), "\n")); diff != "" {
			t.Errorf("%s(-want +got):\n%s", line, diff)
		}
	}
}
