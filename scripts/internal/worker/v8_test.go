package worker

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// TestV8 compares what programs come to here with what they came to in Node: testdata/v8 holds both
// and generate.js, which writes the results. Where the two differ, a line above the program begins
// with //= and tells what it comes to here; docs/scripts.md says why.
func TestV8(t *testing.T) {
	show := readTable(t, "show.js")
	files, err := filepath.Glob("testdata/v8/table_*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".js")
		t.Run(name, func(t *testing.T) {
			wanted := strings.Split(strings.TrimSuffix(readTable(t, name+".txt"), "\n"), "\n")
			ours := ""
			for line := range strings.Lines(readTable(t, name+".js")) {
				program := strings.TrimSuffix(line, "\n")
				if difference, ok := strings.CutPrefix(program, "//= "); ok {
					ours = difference
				}
				if program == "" || strings.HasPrefix(program, "//") {
					continue
				}
				want := wanted[0]
				wanted = wanted[1:]
				if ours == want {
					t.Errorf("%s is said to differ, and does not", program)
				}
				want, ours = cmp.Or(ours, want), ""
				if got := shown(t, show, program); got != want {
					t.Errorf("%s\n got %s\nwant %s", program, got, want)
				}
			}
		})
	}
}

func readTable(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "v8", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// shown runs a program in a realm of its own.
func shown(t *testing.T, show, program string) string {
	t.Helper()
	r := newRealm("", "", wire.DefaultLimits(), &names{})
	r.mendFor(program)
	// As a part of a script, whose catch clauses see V8's words.
	r.compiled = "; \n" + strings.Replace(show, "(0, eval)(text)", "(function () { return (\n"+program+"\n); })()", 1)
	r.places = language.PlacesOf(r.compiled)
	prepared, _, fault := language.Program(r.compiled)
	if fault != nil {
		t.Fatalf("%s: %v", program, fault)
	}
	if _, err := r.runtime.RunProgram(prepared); err != nil {
		t.Fatal(err)
	}
	say := callable(r.runtime.Get("show"))
	text, err := say(nil, r.runtime.ToValue(program))
	if err != nil {
		return "fails " + err.Error()
	}
	return text.String()
}
