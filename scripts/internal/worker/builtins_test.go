package worker

import (
	"slices"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// TestBuiltinsAsV8 compares what there is of the language's own with what there is in V8, property
// by property. What is missing or other here stands in testdata/v8/builtins.differs, with the reason
// above; nothing may stand there in vain. What there is besides, of newer editions, does no harm.
func TestBuiltinsAsV8(t *testing.T) {
	r := newRealm("", "", wire.DefaultLimits(), &names{})
	r.mendFor("eval RegExp.$1") // which may reach all
	here, err := r.runtime.RunString(readTable(t, "builtins.js"))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(here.String(), "\n")
	excused := make(map[string]bool)
	for line := range strings.Lines(readTable(t, "builtins.differs")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			excused[line] = false
		}
	}
	for line := range strings.Lines(readTable(t, "builtins.txt")) {
		line = strings.TrimSpace(line)
		if slices.Contains(got, line) {
			continue
		}
		name, _, _ := strings.Cut(line, ": ")
		if excuse := excuseFor(excused, name); excuse != "" {
			excused[excuse] = true
			continue
		}
		t.Errorf("not here: %s", line)
	}
	for excuse, used := range excused {
		if !used {
			t.Errorf("%s is said to differ, and does not", excuse)
		}
	}
}

// excuseFor finds the line that excuses a name: its own, or one that ends with an asterisk.
func excuseFor(excused map[string]bool, name string) string {
	for excuse := range excused {
		if excuse == name || strings.HasSuffix(excuse, "*") && strings.HasPrefix(name, strings.TrimSuffix(excuse, "*")) {
			return excuse
		}
	}
	return ""
}
