package scripts_test

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

var hostileFull = flag.Bool("hostile.full", false, "run hostile scripts with the limits of a real server")

// TestHostile runs what was written to break the sandbox: testdata/hostile. Each of them must come
// to an end within the limits, harm nobody's next call, and leave nothing in this process.
func TestHostile(t *testing.T) {
	limits := scripts.DefaultLimits()
	if !*hostileFull {
		limits.Timeout = 300 * time.Millisecond
	}
	limits.Wait = time.Minute // eight compilations may stand in one queue
	const atATime = 8
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits = atATime, limits })
	good := integrations.ScriptCall{
		Compiled: compiled(t, p, `class Script { process_incoming_request() { return 'good'; } }`),
		Method:   integrations.ProcessIncomingRequest,
		Argument: []byte(`{"request":{}}`),
	}
	files, err := filepath.Glob("testdata/hostile/*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	before := heap()
	reports := make([]string, len(files))
	var running sync.WaitGroup
	free := make(chan struct{}, atATime)
	for i, file := range files {
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			reports[i] = runHostile(t, p, file, good, limits)
		})
	}
	running.Wait()
	for i, file := range files {
		t.Logf("%-32s %s", filepath.Base(file), reports[i])
	}
	// Each worker has a pipe with buffers, which grow with the largest source; they end with it. What
	// is left then is what the pool remembers of two hundred scripts.
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if grown := heap() - before; grown > 2<<20 {
		t.Errorf("%d bytes are left in the server", grown)
	}
	runtime.KeepAlive(p)
}

func runHostile(t *testing.T, p *scripts.Pool, file string, good integrations.ScriptCall, limits scripts.Limits) string {
	name := filepath.Base(file)
	call := good
	call.Owner = name
	call.Content = []byte(`{}`)

	start := time.Now()
	var result integrations.ScriptResult
	var err error
	call.Compiled, err = p.Compile(t.Context(), integrations.ScriptSource{Text: string(readFile(t, file))})
	if err == nil {
		result, err = p.Run(t.Context(), call)
	}
	took := time.Since(start)
	outcome := fmt.Sprintf("returned %.60s", result.Value)
	if err != nil {
		outcome = err.Error()
		if _, ok := errors.AsType[*integrations.ScriptError](err); !ok {
			t.Errorf("%s: %v, want a *ScriptError", name, err)
		}
	}
	// The time limit and half a second, and as much again as a busy machine may add: the parent's
	// clock starts with the call, but its turn may have to wait for another's.
	if most := 2*limits.Timeout + 10*time.Second; took > most {
		t.Errorf("%s took %v", name, took)
	}

	good.Owner, good.Version = name, "good" // the same worker's, or its successor's
	start = time.Now()
	if result, err := p.Run(t.Context(), good); err != nil || string(result.Value) != `"good"` {
		t.Errorf("%s: the next call = %s, %v", name, result.Value, err)
	}
	return fmt.Sprintf("%4d ms, next call %5.1f ms: %s", took.Milliseconds(), float64(time.Since(start).Microseconds())/1000, outcome)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
