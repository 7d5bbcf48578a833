package scripts_test

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/grapnel-chat/grapnel/integrations"
)

// TestCases runs testdata/cases: one file per case. Its parts are script.js; strict, method,
// argument.json, content.json and raw, which may be missing; and what is to come of it: header
// (the compiled text's first line), value.json (nothing in it means undefined), missing (true where
// there is no such method), console, error ("phase: name: message (line:column)") and stack.
func TestCases(t *testing.T) {
	p := startPool(t)
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	t.Run("all", func(t *testing.T) {
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".txtar")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c := readCase(t, file)
				compiled, err := p.Compile(t.Context(), c.source)
				var result integrations.ScriptResult
				if err == nil {
					c.call.Owner, c.call.Compiled = name, compiled
					result, err = p.Run(t.Context(), c.call)
				}
				c.check(t, compiled, result, err)
			})
		}
	})
}

type scriptCase struct {
	source integrations.ScriptSource
	call   integrations.ScriptCall
	wanted map[string]string
}

func newCase() scriptCase {
	return scriptCase{
		call: integrations.ScriptCall{
			Method:   integrations.ProcessIncomingRequest,
			Argument: []byte(`{"request":{"url_raw":"/hooks/a/b","headers":{"x-event":"push"}}}`),
		},
		wanted: make(map[string]string),
	}
}

func readCase(t *testing.T, file string) scriptCase {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := newCase()
	for _, f := range archive.Files {
		c.take(f)
	}
	return c
}

// take reads one part: of the script, of the call, or of what is to come of it.
func (c *scriptCase) take(f txtar.File) {
	text := strings.TrimSuffix(string(f.Data), "\n")
	switch f.Name {
	case "script.js":
		c.source.Text = text
	case "strict":
		c.source.Strict = true
	case "method":
		c.call.Method = integrations.ScriptMethod(text)
	case "argument.json":
		c.call.Argument = []byte(text)
	case "content.json":
		c.call.Content = []byte(text)
	case "raw":
		c.call.Raw = []byte(text)
	default:
		c.wanted[f.Name] = text
	}
}

func (c scriptCase) check(t *testing.T, compiled string, result integrations.ScriptResult, err error) {
	t.Helper()
	header, _, _ := strings.Cut(compiled, "\n")
	got := map[string]string{
		"header":     header,
		"value.json": string(result.Value),
		"missing":    strconv.FormatBool(result.Missing),
		"console":    strings.Join(result.Console, "\n"),
	}
	if err != nil {
		got["error"] = err.Error()
		if e, ok := errors.AsType[*integrations.ScriptError](err); ok {
			got["error"] = string(e.Phase) + ": " + e.Error()
			got["stack"] = e.Stack
			got["console"] = strings.Join(e.Console, "\n")
		}
	}
	if _, ok := c.wanted["error"]; !ok && err != nil {
		t.Fatalf("error %s", got["error"])
	}
	for name, want := range c.wanted {
		if diff := cmp.Diff(want, got[name]); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", name, diff)
		}
	}
}
