package scripts_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestZoneOfTheServer starts the test again with another zone: a worker, whose environment is empty,
// has it all the same.
func TestZoneOfTheServer(t *testing.T) {
	if os.Getenv("TZ") != "America/New_York" {
		again := exec.Command(os.Args[0], "-test.run", "^TestZoneOfTheServer$")
		again.Env = append(again.Environ(), "TZ=America/New_York")
		if out, err := again.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	p := startPool(t)
	c := readCase(t, "testdata/zone.txtar")
	text := compiled(t, p, c.source.Text)
	c.call.Owner, c.call.Compiled = "zone", text
	result, err := p.Run(t.Context(), c.call)
	if want := strings.TrimSpace(c.wanted["value.json"]); err != nil || string(result.Value) != want {
		t.Errorf("%s, %v, want %s", result.Value, err, want)
	}
}
