package scripts_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

// policies returns how many threads of a worker the kernel schedules by which policy.
func policies(t *testing.T, pid int) map[string]int {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	threads := make(map[string]int)
	for _, task := range tasks {
		if stat, err := os.ReadFile(task); err == nil { // else it ended just now
			threads[policy(stat)]++
		}
	}
	return threads
}

// usual and idle are policies as the kernel writes them.
const usual, idle = "0", "5"

// policy is the forty-first field; the second one may hold spaces.
func policy(stat []byte) string {
	return string(bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])[38])
}

// areNice says whether all threads of a worker have the lowest priority, the nineteenth field.
func areNice(t *testing.T, pid int) bool {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		stat, err := os.ReadFile(task)
		if err == nil && string(bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])[16]) != "19" { // else it ended just now
			return false
		}
	}
	return true
}

func firstThreadIsIdle(t *testing.T, pid int) bool {
	t.Helper()
	return policy(readFile(t, fmt.Sprintf("/proc/%d/task/%d/stat", pid, pid))) == idle
}

// A long run takes its worker down, which nobody else lives in, and its own thread to what nobody else
// wants.
func TestALongRunSinksItsWorker(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 20*time.Second })
	call := script(t, p, "a", busy)
	call.Content = []byte("1000")
	go func() { _, _ = p.Run(t.Context(), call) }()
	waitUntil(t, func() bool {
		for _, w := range p.Stats().Workers {
			if policies(t, w.PID)[idle] == 1 && areNice(t, w.PID) {
				return true
			}
		}
		return false
	})
	value(t, p, script(t, p, "b", counter))
}

// Where others live, a long run takes its own thread down and no other, and the runs after it have one
// as good as new.
func TestALongRunLowersItsThread(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 20*time.Second })
	for i := range 3 { // the last one lives where the next newcomer will
		value(t, p, script(t, p, "neighbour "+strconv.Itoa(i), counter))
	}
	call := script(t, p, "a", busy)
	call.Content = []byte("0")
	value(t, p, call)
	var pid int
	for _, w := range p.Stats().Workers {
		if before := policies(t, w.PID); before[idle] != 0 {
			t.Errorf("threads of worker %d by policy: %v", w.PID, before)
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
			if policies(t, w.PID)[idle] > 0 {
				pid = w.PID
			}
		}
		return pid != 0
	})
	if during := policies(t, pid); during[idle] != 1 || during[usual] == 0 {
		t.Errorf("threads by policy during a long run: %v, want one that is idle", during)
	}
	<-ended
	call.Content = []byte("0")
	value(t, p, call)
	// The first thread of a process cannot end. If it was the one, it sleeps.
	waitUntil(t, func() bool {
		return policies(t, pid)[idle] == 0 || firstThreadIsIdle(t, pid) && policies(t, pid)[idle] == 1
	})
}

// A script that had no processor is not sent to look for a loop. Its worker stands still here, as on a
// machine that has no time for it.
func TestAStarvedRunIsToldSo(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 4*time.Second })
	call := script(t, p, "a", busy)
	call.Content = []byte("60000")
	failed := make(chan error, 1)
	go func() {
		_, err := p.Run(context.Background(), call)
		failed <- err
	}()
	waitUntil(t, func() bool { // the compiler's worker may stand still as well
		for _, w := range p.Stats().Workers {
			if w.Calls > 0 {
				stop(t, w.PID)
			}
		}
		return len(failed) > 0
	})
	err := <-failed
	e, ok := errors.AsType[*integrations.ScriptError](err)
	if !ok || e.Message != "stopped after 4s (SCRIPT_TIMEOUT)" || !strings.HasPrefix(e.Remedy, "The machine is busy with other things") {
		t.Errorf("%+v, want that the machine is busy", err)
	}
}
