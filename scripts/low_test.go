package scripts_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

const (
	endless = `class Script { process_incoming_request() { for (;;); } }`
	// busy runs for as many milliseconds as the request says, and counts its calls.
	busy = `
		let calls = 0;
		class Script {
			process_incoming_request({ request }) {
				for (const end = Date.now() + request.content; Date.now() < end;);
				return ++calls;
			}
		}`
)

// Many callers of endless scripts, on the only turn there is, hold up nobody but themselves.
func TestLongRunsGiveTheirTurnBack(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 20*time.Second })
	good := script(t, p, "good", `class Script { process_incoming_request() { return 1 } }`)
	good.Compiled = stateless(good.Compiled)
	loop := script(t, p, "", endless)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for i := range 3 {
		call := loop
		call.Owner = "loop " + strconv.Itoa(i)
		go func() {
			_, _ = p.Run(ctx, call)
		}()
	}
	waitUntil(t, func() bool { return p.Stats().Low == 3 })
	begin := time.Now()
	for range 20 {
		if got := value(t, p, good); got != "1" {
			t.Errorf("good = %s, want 1", got)
		}
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("20 good calls took %v beside endless ones", took)
	}
	if stats := p.Stats(); stats.Low != 3 || stats.LongRuns != 3 {
		t.Errorf("%d runs are low, %d were long, want 3", stats.Low, stats.LongRuns)
	}
}

// Of one integration one run at a time is long, however many call.
func TestAnIntegrationHasOneLongRun(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers = 4 })
	for name, mark := range map[string]func(string) string{"state": func(s string) string { return s }, "none": stateless} {
		t.Run(name, func(t *testing.T) {
			call := script(t, p, name, busy)
			call.Compiled, call.Content = mark(call.Compiled), []byte("150")
			var most atomic.Int64
			done := make(chan struct{})
			go func() {
				defer close(done)
				var callers sync.WaitGroup
				for range 6 {
					callers.Go(func() {
						if _, err := p.Run(t.Context(), call); err != nil {
							t.Error(err)
						}
					})
				}
				callers.Wait()
			}()
			waitUntil(t, func() bool {
				most.Store(max(most.Load(), int64(p.Stats().Low)))
				select {
				case <-done:
					return true
				default:
					return false
				}
			})
			if most.Load() != 1 {
				t.Errorf("%d runs were low at once, want 1", most.Load())
			}
		})
	}
}

// Runs of an integration without state that turn out to be long together go on one after the other.
func TestLongRunsOfOneIntegrationTogether(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 4, 20*time.Second })
	call := script(t, p, "a", busy)
	call.Compiled, call.Content = stateless(call.Compiled), []byte("0")
	value(t, p, call) // it is no newcomer any more
	call.Content = []byte("400")
	before := p.Stats().Low
	var most atomic.Int64
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			if _, err := p.Run(t.Context(), call); err != nil {
				t.Error(err)
			}
		})
	}
	done := make(chan struct{})
	go func() { callers.Wait(); close(done) }()
	waitUntil(t, func() bool {
		most.Store(max(most.Load(), int64(p.Stats().Low)))
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
	if before != 0 || most.Load() != 1 {
		t.Errorf("%d runs were low before, %d at once; want none and 1", before, most.Load())
	}
}

// Sixteen runs are low at most, and more of them wait.
func TestSixteenRunsAreLow(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 2, time.Minute })
	loop := script(t, p, "", endless)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for i := range 18 {
		call := loop
		call.Owner = strconv.Itoa(i)
		go func() { _, _ = p.Run(ctx, call) }()
	}
	waitUntil(t, func() bool { return p.Stats().LongRuns == 16 && p.Stats().Waits >= 2 })
	if low := p.Stats().Low; low != 16 {
		t.Errorf("%d runs are low, want 16", low)
	}
}

// A long owner keeps its state in a worker of its own, and comes back after quick runs.
func TestALongOwnerKeepsItsState(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers = 1 })
	call := script(t, p, "a", busy)
	for i, content := range []string{"0", "600", "150", "0", "0", "0", "0", "150", "0"} {
		call.Content = []byte(content)
		if got, want := value(t, p, call), strconv.Itoa(i+1); got != want {
			t.Errorf("call %d = %s, want %s", i+1, got, want)
		}
	}
	// The second call was not expected to be long, the third one was. The one after the owner had come
	// back is made in a worker that has sunk, and may not get enough of a busy machine to tell.
	if long := p.Stats().LongRuns; long < 1 || long > 2 {
		t.Errorf("%d runs turned out to be long, want 1 or 2", long)
	}
}

// A neighbour with state waits for a long run once; its state is still there.
func TestANeighbourWaitsOnce(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 2*time.Second })
	good, loop := script(t, p, "good", counter), script(t, p, "loop", endless)
	value(t, p, good)
	before := runs(p)
	var stopped atomic.Int64
	var callers sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
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
	for i := 2; i <= 4; i++ {
		if got, want := value(t, p, good), fmt.Sprintf(`[%d,%d,%d,"undefined"]`, i, i, i); got != want {
			t.Errorf("good = %s, want %s", got, want)
		}
	}
	if n := stopped.Load(); n > 1 {
		t.Errorf("good waited for %d calls of the loop, want 1", n)
	}
	cancel()
	callers.Wait()
}

// A script that kills its worker from the first call on takes nobody's state along.
func TestAScriptThatKillsItsWorkerHarmsNobody(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 20*time.Second })
	good := script(t, p, "good", counter)
	hungry := script(t, p, "hungry", `class Script { process_incoming_request() { const a = []; for (;;) a.push('x'.repeat(1 << 20) + a.length); } }`)
	value(t, p, good)
	for i := 1; i <= 3; i++ {
		_, err := p.Run(t.Context(), hungry)
		if got, want := fails(t, err, integrations.PhaseRun), "used more than 64 MB (SCRIPT_MEMORY)"; got != want {
			t.Errorf("hungry = %s, want %s", got, want)
		}
		n := i + 1
		if got, want := value(t, p, good), fmt.Sprintf(`[%d,%d,%d,"undefined"]`, n, n, n); got != want {
			t.Errorf("good = %s, want %s", got, want)
		}
	}
	if kills := p.Stats().Kills[scripts.KilledByMemory]; kills != 3 {
		t.Errorf("%d runs used too much memory, want 3", kills)
	}
}

// Calls that were sent ahead into a worker that dies are made elsewhere, each once.
func TestWhatWasSentAheadIsMadeElsewhere(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers = 1 })
	deadly := script(t, p, "deadly", `
		class Script { process_incoming_request({ request }) { if (request.content) { [].fill.call({ length: 1e9 }, 0); 'x'.repeat(1 << 29).split(''); } return 1; } }`)
	good := script(t, p, "good", `class Script { process_incoming_request({ request }) { return request.content } }`)
	good.Compiled = stateless(good.Compiled)
	value(t, p, good)
	value(t, p, deadly)
	deadly.Content = []byte("true")
	for range 5 {
		var callers sync.WaitGroup
		callers.Go(func() {
			_, err := p.Run(t.Context(), deadly)
			if _, ok := errors.AsType[*integrations.ScriptThrottledError](err); !ok {
				fails(t, err, integrations.PhaseRun)
			}
		})
		for i := range 30 {
			call := good
			call.Content = []byte(strconv.Itoa(i))
			callers.Go(func() {
				if got := value(t, p, call); got != string(call.Content) {
					t.Errorf("good %s = %s", call.Content, got)
				}
			})
		}
		callers.Wait()
	}
}
