package scripts_test

import (
	"debug/elf"
	"errors"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

// A worker that was built with cgo has threads and system calls of the C library besides Go's. It is
// confined like any other, and scripts that break their limits end in it as they do elsewhere.
func TestAWorkerWithCgo(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("no C compiler")
	}
	path := filepath.Join(t.TempDir(), "worker")
	build := exec.Command("go", "build", "-o", path, "./internal/testworker")
	build.Env = append(build.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	if !needsLibraries(t, path) {
		t.Fatal("the worker was built without cgo")
	}
	p := startPool(t, func(c *scripts.Config) {
		c.Command, c.Workers = []string{path}, 2
		c.Limits.Timeout = time.Second
	})
	for _, tt := range []struct{ file, want string }{
		{"while-true.js", "stopped after 1s (SCRIPT_TIMEOUT)"},
		{"concat-doubling.js", ""},
		{"array-fill.js", ""},
		{"timer-far-future.js", "stopped after 1s (SCRIPT_TIMEOUT)"}, // nobody makes calls out here, so its clock runs
	} {
		t.Run(tt.file, func(t *testing.T) {
			begin := time.Now()
			call := script(t, p, tt.file, string(readFile(t, "testdata", "hostile", tt.file)))
			call.Content = []byte("{}")
			_, err := p.Run(t.Context(), call)
			e, ok := errors.AsType[*integrations.ScriptError](err)
			if !ok || tt.want != "" && e.Message != tt.want {
				t.Errorf("Run = %v, want a *ScriptError %s", err, tt.want)
			}
			t.Logf("%v: %v", time.Since(begin).Round(time.Millisecond), err)
			good := script(t, p, "good", counter)
			good.Version = tt.file
			if got, want := value(t, p, good), `[1,1,1,"undefined"]`; got != want {
				t.Errorf("the next call = %s, want %s", got, want)
			}
		})
	}
}

// needsLibraries says whether a program is linked with the C library.
func needsLibraries(t *testing.T, path string) bool {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	libraries, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	return len(libraries) > 0
}
