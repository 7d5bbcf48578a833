package scripts_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/scripts"
)

// nice returns how many threads of a worker have which priority.
func nice(t *testing.T, pid int) map[string]int {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	threads := make(map[string]int)
	for _, task := range tasks {
		stat := readFile(t, task)
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		threads[string(fields[16])]++
	}
	return threads
}

func firstThreadIsLow(t *testing.T, pid int) bool {
	t.Helper()
	stat := readFile(t, fmt.Sprintf("/proc/%d/task/%d/stat", pid, pid))
	return string(bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])[16]) == "19"
}

// A long run lowers its worker, which nobody else lives in.
func TestALongRunSinksItsWorker(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 20*time.Second })
	call := script(t, p, "a", busy)
	call.Content = []byte("1000")
	go func() { _, _ = p.Run(t.Context(), call) }()
	waitUntil(t, func() bool {
		for _, w := range p.Stats().Workers {
			if threads := nice(t, w.PID); threads["19"] > 1 && threads["0"] == 0 {
				return true
			}
		}
		return false
	})
	value(t, p, script(t, p, "b", counter))
}

// Where others live, a long run lowers its own thread and no other, and the runs after it have one as
// good as new.
func TestALongRunLowersItsThread(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 20*time.Second })
	value(t, p, script(t, p, "neighbour", counter))
	call := script(t, p, "a", busy)
	call.Content = []byte("0")
	value(t, p, call)
	var pid int
	for _, w := range p.Stats().Workers {
		if before := nice(t, w.PID); before["19"] != 0 {
			t.Errorf("threads of worker %d by priority: %v", w.PID, before)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan struct{})
	call.Content = []byte("2000")
	go func() {
		defer close(ended)
		_, _ = p.Run(ctx, call)
	}()
	waitUntil(t, func() bool {
		for _, w := range p.Stats().Workers {
			if nice(t, w.PID)["19"] > 0 {
				pid = w.PID
			}
		}
		return pid != 0
	})
	if during := nice(t, pid); during["19"] != 1 || during["0"] == 0 {
		t.Errorf("threads by priority during a long run: %v, want one lowered", during)
	}
	<-ended
	call.Content = []byte("0")
	value(t, p, call)
	// The first thread of a process cannot end. If it was the one, it sleeps.
	waitUntil(t, func() bool { return nice(t, pid)["19"] == 0 || firstThreadIsLow(t, pid) && nice(t, pid)["19"] == 1 })
}
