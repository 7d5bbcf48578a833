package api_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/grapnel-chat/grapnel/scripts"
)

// TestMain builds the scripts' worker once, without the race detector's memory, which a worker's
// limits do not allow for, and makes the workspace that servers start from.
func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "grapnel-api")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	worker := filepath.Join(dir, "worker")
	build := exec.Command("go", "build", "-o", worker, "../scripts/internal/testworker")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build worker: %v\n%s", err, out)
		return 1
	}
	pool = scripts.NewPool(scripts.Config{Command: []string{worker}, Limits: scripts.DefaultLimits()})
	defer pool.Close()
	if err := pool.Start(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	founded = filepath.Join(dir, "founded")
	if err := found(context.Background(), founded); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
