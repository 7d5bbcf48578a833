package scripts_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

// TestNode runs testdata/node: cases whose outcome Node produced, with Babel as Rocket.Chat uses it
// (tools/cases; `make cases` makes the outcomes anew). The parts are those of TestCases, and:
// again, where the same instance is called once more with whatever changes; answers.json, what
// services answer when the script calls them; calls, what they were sent; and upstream, where
// compiling all of the language and not just classes leads to something else. A case with a zone runs in
// a process of its own that lives there. Where our engine differs knowingly, the case says why, and "our value.json" and the like hold what it does. A place
// is compared where Node tells one.
func TestNode(t *testing.T) {
	p := startPool(t)
	files, err := filepath.Glob("testdata/node/*.txtar")
	if err != nil || len(files) < 80 {
		t.Fatalf("%d cases, want 80 at least: %v", len(files), err)
	}
	t.Run("all", func(t *testing.T) {
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".txtar")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				calls := readNodeCase(t, file)
				if zone := calls[0].wanted["zone"]; zone != "" && zone != os.Getenv("TZ") {
					runInZone(t, zone)
					return
				}
				runNodeCase(t, p, name, calls)
			})
		}
	})
}

// readNodeCase returns the calls of a case. What a call does not say is as in the one before.
func readNodeCase(t *testing.T, file string) []scriptCase {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	calls := []scriptCase{newCase()}
	for _, f := range archive.Files {
		if f.Name == "again" {
			next := calls[len(calls)-1]
			next.wanted = maps.Clone(next.wanted)
			maps.DeleteFunc(next.wanted, func(part, _ string) bool { return part != "answers.json" })
			calls = append(calls, next)
			continue
		}
		calls[len(calls)-1].take(f)
	}
	return calls
}

// runInZone starts this very test again with another time zone.
func runInZone(t *testing.T, zone string) {
	t.Helper()
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$")
	again.Env = append(again.Environ(), "TZ="+zone)
	if out, err := again.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("PASS")) {
		t.Errorf("in %s: %v\n%s", zone, err, out)
	}
}

func runNodeCase(t *testing.T, p *scripts.Pool, name string, calls []scriptCase) {
	t.Helper()
	outside := newService(t, calls[0].wanted["answers.json"])
	if outside != nil {
		p = startPool(t, func(c *scripts.Config) { c.Caller, c.Workers = outside, 1 })
	}
	compiled, err := p.Compile(t.Context(), calls[0].source)
	for n, c := range calls {
		var result integrations.ScriptResult
		if compiled != "" {
			c.call.Owner, c.call.Compiled = name, compiled
			result, err = p.Run(t.Context(), c.call)
		}
		c.compare(t, n+1, result, err)
		if diff := cmp.Diff(sorted(c.wanted["calls"]), outside.calls()); diff != "" {
			t.Errorf("call %d: calls differ (-want +got):\n%s", n+1, diff)
		}
	}
}

var (
	placed = regexp.MustCompile(` \(\d+:\d+\)$`)
	frames = regexp.MustCompile(`\n {4}at .*`)
)

// compare holds one call's outcome against Node's.
func (c scriptCase) compare(t *testing.T, call int, result integrations.ScriptResult, err error) {
	t.Helper()
	got := map[string]string{"value.json": string(result.Value), "console": strings.Join(result.Console, "\n")}
	if e, ok := errors.AsType[*integrations.ScriptError](err); ok {
		got["error"] = string(e.Phase) + ": " + e.Error()
		got["console"] = strings.Join(e.Console, "\n")
	} else if err != nil {
		t.Fatalf("call %d: %v", call, err)
	}
	if !placed.MatchString(c.want("error")) {
		got["error"] = placed.ReplaceAllString(got["error"], "")
	}
	got["console"] = frames.ReplaceAllString(got["console"], "")
	for _, part := range []string{"value.json", "console", "error"} {
		if diff := cmp.Diff(c.want(part), got[part]); diff != "" {
			t.Errorf("call %d: %s differs (-want +got):\n%s", call, part, diff)
		}
	}
}

// want is Node's outcome, unless the case says that ours is another one.
func (c scriptCase) want(part string) string {
	if ours, differs := c.wanted["our "+part]; differs {
		return ours
	}
	return c.wanted[part]
}
