package scripts_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/grapnel-chat/grapnel/scripts"
)

func TestAWorkerOutlivesTheSignalsOfAService(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers = 1 })
	call := script(t, p, "a", counter)
	value(t, p, call)
	for _, w := range p.Stats().Workers {
		for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
			if err := syscall.Kill(w.PID, signal); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := value(t, p, call), `[2,2,2,"undefined"]`; got != want {
		t.Errorf("call after the signals = %s, want %s", got, want)
	}
}

// A worker has stdin, stdout and stderr, no environment, and no way to more.
func TestAWorkerHasNothing(t *testing.T) {
	t.Setenv("GRAPNEL_SECRET", "1")
	inherited, err := syscall.Dup(1) // without close-on-exec
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(inherited)
	p := startPool(t, func(c *scripts.Config) { c.Workers = 1 })
	value(t, p, script(t, p, "a", counter))
	for _, w := range p.Stats().Workers {
		dir := filepath.Join("/proc", strconv.Itoa(w.PID))
		if env := readFile(t, dir, "environ"); len(env) > 0 {
			t.Errorf("environment of a worker: %q", env)
		}
		if status := readFile(t, dir, "status"); !bytes.Contains(status, []byte("NoNewPrivs:\t1")) {
			t.Error("a worker may gain privileges")
		}
		if limits := string(readFile(t, dir, "limits")); !strings.Contains(limits, "Max core file size        0 ") {
			t.Errorf("limits of a worker:\n%s", limits)
		}
		files, err := os.ReadDir(filepath.Join(dir, "fd"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			number, _ := strconv.Atoi(f.Name())
			target, err := os.Readlink(filepath.Join(dir, "fd", f.Name()))
			// Go's runtime itself opens the latter two.
			if err == nil && number > 2 && !strings.HasPrefix(target, "anon_inode:[event") && !strings.HasPrefix(target, "/sys/fs/cgroup") {
				t.Errorf("a worker has %s open as %d", target, number)
			}
		}
	}
}
