package scripts_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

// worker is the program that tests start as a worker, built by TestMain. The test binary itself
// would not do: under the race detector it outgrows its memory limit before the first call.
var worker string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "grapnel-worker")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	worker = filepath.Join(dir, "worker")
	build := exec.Command("go", "build", "-o", worker, "./internal/testworker")
	build.Env = append(build.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build worker: %v\n%s", err, out)
		return 1
	}
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// startPool returns a pool that ends with the test. Runs have more time than by default: a busy machine
// may leave them little of it, and most tests are not about that.
func startPool(tb testing.TB, change ...func(*scripts.Config)) *scripts.Pool {
	tb.Helper()
	c := scripts.Config{Command: []string{worker}, Workers: 2, Limits: scripts.DefaultLimits()}
	c.Limits.Timeout, c.Limits.WallTime = time.Minute, 2*time.Minute
	for _, f := range change {
		f(&c)
	}
	p := scripts.NewPool(c)
	tb.Cleanup(func() { _ = p.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := p.Start(ctx); err != nil {
		tb.Fatal(err)
	}
	return p
}

func compiled(tb testing.TB, p *scripts.Pool, source string) string {
	tb.Helper()
	text, err := p.Compile(tb.Context(), integrations.ScriptSource{Text: source})
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// stateless says of a compiled text what compiling says of a script that keeps nothing.
func stateless(compiled string) string {
	header, rest, _ := strings.Cut(compiled, "\n")
	if !strings.Contains(header, "//! ") {
		header += " //!"
	}
	return header + " stateless\n" + rest
}

func readFile(tb testing.TB, path ...string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
