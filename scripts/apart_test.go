package scripts_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

const endless = `class Script { process_incoming_request() { for (;;); } }`

// Four callers of an endless script hold up a neighbour for one time limit together, and only once.
func TestALoopHoldsUpItsNeighbourOnce(t *testing.T) {
	const timeout = 2 * time.Second
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, timeout })
	good, loop := script(t, p, "good", counter), script(t, p, "loop", endless)
	value(t, p, good)
	before := runs(p)

	ctx, cancel := context.WithCancel(t.Context())
	var stopped atomic.Int64
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			_, err := p.Run(ctx, loop)
			if _, ok := errors.AsType[*integrations.ScriptError](err); ok {
				stopped.Add(1)
			} else if !errors.Is(err, context.Canceled) {
				t.Errorf("Run = %v, want a *ScriptError", err)
			}
		})
	}
	waitUntil(t, func() bool { return runs(p) > before })
	for _, want := range []string{`[2,2,2,"undefined"]`, `[3,3,3,"undefined"]`, `[4,4,4,"undefined"]`} {
		if got := value(t, p, good); got != want {
			t.Errorf("good = %s, want %s", got, want)
		}
	}
	if n := stopped.Load(); n > 1 {
		t.Errorf("good waited for %d calls of the loop, want 1", n)
	}
	cancel()
	callers.Wait()
	if ended := p.Stats().Ended; ended != 0 {
		t.Errorf("%d workers ended", ended)
	}
}

func TestTheSlowWorkerStartsWhenNeeded(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 200*time.Millisecond })
	call := script(t, p, "loop", endless)
	for _, want := range []int{3, 4, 4} { // one that compiled, one that ran, the spare; then the slow one
		_, err := p.Run(t.Context(), call)
		fails(t, err, integrations.PhaseRun)
		waitUntil(t, func() bool { return len(p.Stats().Workers) >= want })
		if got := len(p.Stats().Workers); got != want {
			t.Errorf("%d workers, want %d", got, want)
		}
	}
}

// What kills the worker takes the neighbour's state along, but its next death harms nobody.
func TestAScriptThatKillsItsWorkerDoesSoOnce(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 20*time.Second })
	good := script(t, p, "good", counter)
	hungry := script(t, p, "hungry", `class Script { process_incoming_request() { const a = []; for (;;) a.push('x'.repeat(1 << 20) + a.length); } }`)
	value(t, p, good)
	for _, want := range []string{`[1,1,1,"undefined"]`, `[2,2,2,"undefined"]`, `[3,3,3,"undefined"]`} {
		_, err := p.Run(t.Context(), hungry)
		if got, want := fails(t, err, integrations.PhaseRun), "used more than 64 MB (SCRIPT_MEMORY)"; got != want {
			t.Errorf("hungry = %s, want %s", got, want)
		}
		if got := value(t, p, good); got != want {
			t.Errorf("good = %s, want %s", got, want)
		}
	}
}

// A new version runs apart once; from its second call on it has its owner's old worker.
func TestANewVersionLeadsBack(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 3*time.Second })
	good, loop := script(t, p, "a", counter), script(t, p, "a", endless)
	for _, lapse := range []string{"first", "second"} {
		_, err := p.Run(t.Context(), loop)
		fails(t, err, integrations.PhaseRun)
		good.Version = "2"
		for _, want := range []string{`[1,1,1,"undefined"]`, `[1,1,1,"undefined"]`, `[2,2,2,"undefined"]`} {
			if got := value(t, p, good); got != want {
				t.Errorf("after the %s lapse: %s, want %s", lapse, got, want)
			}
		}
	}
}
