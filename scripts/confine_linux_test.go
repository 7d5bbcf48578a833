package scripts_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// startProbe returns a pool of one worker that is started with words of a test's.
func startProbe(t *testing.T, log *logbook, words ...string) *scripts.Pool {
	t.Helper()
	return startPool(t, func(c *scripts.Config) {
		c.Workers, c.Limits.Timeout = 1, 3*time.Second
		c.Command = append([]string{worker}, words...)
		c.Logger = slog.New(slog.NewTextHandler(log, nil))
	})
}

// counting is a call without a compilation, which would be the worker's first.
func counting(t *testing.T) integrations.ScriptCall {
	t.Helper()
	return script(t, startPool(t), "a", counter)
}

// What code could do that found a way out of JavaScript: nothing that reaches beyond its process.
func TestAConfinedWorkerMayNot(t *testing.T) {
	call := counting(t)
	const killed = "the script's process did what it may not"
	tests := map[string]string{ // the call's error, none where the worker is refused and lives
		"open":                        "",
		"create":                      "",
		"more memory":                 "",
		"much memory at once":         "",
		"raise priority":              "",
		"lower the parent's":          "",
		"lower all of the parent's":   "",
		"signal the parent by a pipe": "",
		"socket":                      killed,
		"listen":                      killed,
		"unix socket":                 killed,
		"exec":                        killed,
		"fork":                        killed,
		"signal the parent":           killed,
		"trace":                       killed,
		"read the parent":             killed,
		"remove":                      killed,
		"chroot":                      killed,
		"be out of time":              "stopped after 3s (SCRIPT_TIMEOUT)",
	}
	for act, want := range tests {
		t.Run(act, func(t *testing.T) {
			t.Parallel()
			var log logbook
			p := startProbe(t, &log, "probe", act)
			result, err := p.Run(t.Context(), call)
			if want == "" {
				if err != nil || string(result.Value) != `[1,1,1,"undefined"]` {
					t.Errorf("Run = %s, %v, want a result\n%s", result.Value, err, log.text())
				}
				return
			}
			e, ok := errors.AsType[*integrations.ScriptError](err)
			if !ok || e.Message != want {
				t.Errorf("Run = %v, want %s\n%s", err, want, log.text())
			}
		})
	}
}

// Where the kernel has no filter, Landlock still stands before files and TCP.
func TestLandlockStandsAlone(t *testing.T) {
	call := counting(t)
	for _, act := range []string{"open", "create", "exec", "listen"} {
		t.Run(act, func(t *testing.T) {
			var log logbook
			p := startProbe(t, &log, "probe", act, "without", "seccomp")
			if result, err := p.Run(t.Context(), call); err != nil {
				t.Errorf("Run = %s, %v, want a result\n%s", result.Value, err, log.text())
			}
		})
	}
}

// What the kernel cannot do is told once in the log, and scripts run.
func TestAKernelThatCannotConfine(t *testing.T) {
	const landlock = "landlock_create_ruleset"
	tests := []struct {
		name, lacks string
		without     []string
	}{
		{"has all", "", nil},
		{"no Landlock", "lacks=[Landlock]", []string{landlock}},
		{"no seccomp", "lacks=[seccomp]", []string{"seccomp"}},
		{"neither", `lacks="[Landlock seccomp]"`, []string{landlock, "seccomp"}},
	}
	call := counting(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log logbook
			words := append([]string{"without"}, tt.without...)
			if tt.without == nil {
				words = nil
			}
			p := startProbe(t, &log, words...)
			if got, want := value(t, p, call), `[1,1,1,"undefined"]`; got != want {
				t.Errorf("Run = %s, want %s", got, want)
			}
			waitUntil(t, func() bool { return p.Stats().Starts >= 2 }) // the spare too
			text := log.text()
			want := 1
			if tt.lacks == "" {
				want = 0
			}
			if got := strings.Count(text, "cannot confine script workers fully"); got != want {
				t.Errorf("%d warnings, want %d:\n%s", got, want, text)
			}
			if !strings.Contains(text, tt.lacks) {
				t.Errorf("the log lacks %s:\n%s", tt.lacks, text)
			}
		})
	}
}

// The kernel confines every thread of a worker.
func TestAllThreadsAreConfined(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers = 1 })
	value(t, p, script(t, p, "a", counter))
	for _, w := range p.Stats().Workers {
		threads, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(w.PID), "task", "*", "status"))
		if err != nil || len(threads) == 0 {
			t.Fatalf("no threads of %d: %v", w.PID, err)
		}
		seen := 0
		for _, file := range threads {
			status, err := os.ReadFile(file)
			if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
				continue // the thread of a newcomer's run ends with that
			}
			if err != nil {
				t.Fatal(err)
			}
			seen++
			for _, want := range []string{"\nSeccomp:\t2\n", "\nNoNewPrivs:\t1\n"} {
				if !bytes.Contains(status, []byte(want)) {
					t.Errorf("%s lacks %q", file, want)
				}
			}
		}
		if seen == 0 {
			t.Errorf("all threads of %d have ended", w.PID)
		}
		limits := string(readFile(t, "/proc", strconv.Itoa(w.PID), "limits"))
		for _, want := range []string{
			"Max core file size        0                    0 ", "Max file size             0                    0 ",
			"Max open files            16                   16 ",
		} {
			if !strings.Contains(limits, want) {
				t.Errorf("limits of a worker lack %q:\n%s", want, limits)
			}
		}
		for _, unlimited := range []string{"Max data size             unlimited", "Max address space         unlimited", "Max cpu time              unlimited            unlimited"} {
			if strings.Contains(limits, unlimited) && w.Calls > 0 {
				t.Errorf("limits of a worker: %s", unlimited)
			}
		}
	}
}

// A worker whose monitor sees nothing and whose parent does nothing is ended by the kernel.
func TestProcessorTimeEndsAWorker(t *testing.T) {
	cmd := exec.Command(worker, "probe", "use the processor")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	limits := scripts.DefaultLimits()
	limits.Timeout = time.Millisecond
	if err := (&wire.Writer{To: in}).Send(wire.KindLimits, limits.Encode()); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatalf("the worker does not get ready: %v", err)
	}
	if _, err := in.Write([]byte("a call")); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGXCPU {
		t.Errorf("the worker ended with %v, want SIGXCPU", cmd.ProcessState)
	}
}

// logbook keeps what is logged.
type logbook struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.Write(b)
}

func (l *logbook) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kept.String()
}
