package scripts_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

// counter keeps state in all three places that outlive a call.
const counter = `
let top = 0;
class Script {
  constructor() { this.calls = 0; }
  process_incoming_request({ request }) {
    Store.set('n', (Store.get('n') || 0) + 1);
    return [++top, ++this.calls, Store.get('n'), typeof other];
  }
}
if (false) other = 1;
`

// script returns a call of a script's first method.
func script(t *testing.T, p *scripts.Pool, owner, source string) integrations.ScriptCall {
	t.Helper()
	return integrations.ScriptCall{
		Owner: owner, Version: "1", Compiled: compiled(t, p, source),
		Method: integrations.ProcessIncomingRequest, Argument: []byte(`{"request":{}}`),
	}
}

func value(t *testing.T, p *scripts.Pool, call integrations.ScriptCall) string {
	t.Helper()
	result, err := p.Run(t.Context(), call)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	return string(result.Value)
}

// fails wants a ScriptError and returns its text.
func fails(t *testing.T, err error, phase integrations.ScriptPhase) string {
	t.Helper()
	e, ok := errors.AsType[*integrations.ScriptError](err)
	if !ok {
		t.Fatalf("error %v, want a *ScriptError", err)
	}
	if e.Phase != phase {
		t.Errorf("phase of %q = %s, want %s", e, e.Phase, phase)
	}
	return e.Error()
}

func TestStateLivesOnUntilTheNextVersion(t *testing.T) {
	p := startPool(t)
	call := script(t, p, "a", counter)
	for i := 1; i <= 3; i++ {
		if got, want := value(t, p, call), fmt.Sprintf(`[%d,%d,%d,"undefined"]`, i, i, i); got != want {
			t.Errorf("call %d = %s, want %s", i, got, want)
		}
	}
	call.Version = "2"
	if got, want := value(t, p, call), `[1,1,1,"undefined"]`; got != want {
		t.Errorf("new version = %s, want %s", got, want)
	}
}

// TestCallsOneAfterTheOther makes calls as fast as they are answered, for which callers listen to the
// worker themselves: brief ones, ones that last longer than anybody listens, ones that fail.
func TestCallsOneAfterTheOther(t *testing.T) {
	p := startPool(t)
	var callers sync.WaitGroup
	begin := func(owner string) {
		call := script(t, p, owner, `let n = 0; class Script { process_incoming_request() {
			n++;
			if (n % 50 === 0) for (const end = Date.now() + 2; Date.now() < end;);
			if (n % 20 === 0) throw new Error('twenty');
			return n;
		} }`)
		callers.Go(func() {
			for n := 1; n <= 300; n++ {
				result, err := p.Run(context.Background(), call)
				if failed := err != nil; failed != (n%20 == 0) || !failed && string(result.Value) != strconv.Itoa(n) {
					t.Errorf("call %d of %s = %s, %v", n, owner, result.Value, err)
				}
			}
		})
	}
	begin("alone")
	callers.Wait()
	begin("beside another")
	begin("another")
	callers.Wait()
}

func TestOwnersDoNotSeeEachOther(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers = 1 })
	a := script(t, p, "a", `
		globalThis.secret = 'mine'; Store.set('secret', 'mine'); Object.prototype.leak = 'mine'; Array.prototype.map = null;
		class Script { process_incoming_request() { return secret; } }`)
	b := script(t, p, "b", `
		class Script { process_incoming_request() { return [typeof secret, Store.get('secret'), ({}).leak, [1].map((x) => x)]; } }`)
	if got, want := value(t, p, a), `"mine"`; got != want {
		t.Errorf("a = %s, want %s", got, want)
	}
	if got, want := value(t, p, b), `["undefined",null,null,[1]]`; got != want {
		t.Errorf("b = %s, want %s", got, want)
	}
}

func TestAThrownErrorKeepsState(t *testing.T) {
	p := startPool(t)
	call := script(t, p, "a", `
		class Script { process_incoming_request() { this.n = (this.n || 0) + 1; if (this.n === 2) throw new Error('second'); return this.n; } }`)
	value(t, p, call)
	_, err := p.Run(t.Context(), call)
	if got, want := fails(t, err, integrations.PhaseRun), "Error: second"; !strings.HasPrefix(got, want) {
		t.Errorf("second call = %s, want %s", got, want)
	}
	if got, want := value(t, p, call), "3"; got != want {
		t.Errorf("third call = %s, want %s", got, want)
	}
}

// On a machine that others keep busy the interruption may come too late, and the parent before it.
func TestAStoppedScriptStartsAnew(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Limits.Timeout = time.Second })
	for try := range 5 {
		call := script(t, p, "a"+strconv.Itoa(try), `
			let n = 0;
			class Script { process_incoming_request({ request }) { n++; console.log('call', n); while (request.loop); return n; } }`)
		value(t, p, call)
		loop := call
		loop.Argument = []byte(`{"request":{"loop":true}}`)
		_, err := p.Run(t.Context(), loop)
		if got, want := fails(t, err, integrations.PhaseRun), "stopped after 1s (SCRIPT_TIMEOUT)"; got != want {
			t.Errorf("loop = %s, want %s", got, want)
		}
		if got, want := value(t, p, call), "1"; got != want {
			t.Errorf("next call = %s, want %s", got, want)
		}
		if p.Stats().Kills[scripts.KilledLate] > int64(try) {
			continue
		}
		if e, _ := errors.AsType[*integrations.ScriptError](err); len(e.Console) != 1 || e.Console[0] != "call 2" {
			t.Errorf("console of the stopped call = %q, want call 2", e.Console)
		}
		if ended := p.Stats().Ended; ended > int64(try) {
			t.Errorf("%d workers ended over a loop that can be interrupted", ended)
		}
		return
	}
	t.Error("the loop was interrupted too late five times in a row")
}

func TestLimits(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) {
		c.Limits.ResultSize, c.Limits.LogSize, c.Limits.SourceSize = 1<<10, 100, 2<<10
	})
	call := script(t, p, "a", `
		class Script {
			process_incoming_request({ request }) {
				for (let i = 0; i < 50; i++) console.log('line ' + i);
				return 'x'.repeat(request.content);
			}
		}`)
	call.Content = []byte("1022")
	result, err := p.Run(t.Context(), call)
	if err != nil || len(result.Value) != 1024 {
		t.Errorf("result of the full size: %d bytes, %v", len(result.Value), err)
	}
	if last := result.Console[len(result.Console)-1]; len(result.Console) > 12 || last != "(console cut at 100 bytes, SCRIPT_LOG_SIZE)" {
		t.Errorf("console has %d lines, the last is %q", len(result.Console), last)
	}
	call.Content = []byte("1023")
	_, err = p.Run(t.Context(), call)
	if got, want := fails(t, err, integrations.PhaseRun), "the result is larger than 1 KB (SCRIPT_RESULT_SIZE)"; got != want {
		t.Errorf("larger result: %s, want %s", got, want)
	}
	_, err = p.Compile(t.Context(), integrations.ScriptSource{Text: strings.Repeat(" ", 2049)})
	if got, want := fails(t, err, integrations.PhaseCompile), "the script is larger than 2 KB (SCRIPT_SOURCE_SIZE)"; got != want {
		t.Errorf("larger source: %s, want %s", got, want)
	}
}

func TestContentOfSize(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, time.Minute })
	call := script(t, p, "a", `class Script { process_incoming_request({ request }) { return request.content === null ? 0 : String(request.content_raw.length); } }`)
	for _, tt := range []struct {
		name, content string
		wantErr       string
	}{
		{name: "10 MB of text", content: `"` + strings.Repeat("x", 10<<20) + `"`},
		{name: "nested as deep as may be", content: strings.Repeat("[", 10000) + strings.Repeat("]", 10000)},
		{name: "nested deeper", content: strings.Repeat("[", 10001) + strings.Repeat("]", 10001), wantErr: "RangeError: JSON is nested deeper than 10000 levels"},
		{name: "10 MB of arrays", content: "[" + strings.Repeat("[],", 3<<20) + "[]]", wantErr: "used more than 64 MB (SCRIPT_MEMORY)"},
		{name: "small again", content: "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			call.Content = []byte(tt.content)
			result, err := p.Run(t.Context(), call)
			if tt.wantErr != "" {
				if got := fails(t, err, integrations.PhaseRun); got != tt.wantErr {
					t.Errorf("Run = %s, want %s", got, tt.wantErr)
				}
				return
			}
			if want := strconv.Quote(strconv.Itoa(len(tt.content))); err != nil || string(result.Value) != want {
				t.Errorf("Run = %s, %v, want %s", result.Value, err, want)
			}
		})
	}
}

// What scripts keep between calls is bounded: the one not called for longest is forgotten.
func TestOldStateGoesWhenMemoryGetsShort(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers = 1 })
	hoard := `
		class Script { process_incoming_request() { this.kept = this.kept || []; this.kept.push('x'.repeat(2 << 20)); return this.kept.length; } }`
	first := script(t, p, "first", hoard)
	value(t, p, first)
	if got := value(t, p, first); got != "2" {
		t.Errorf("second call = %s, want 2", got)
	}
	for i := range 150 { // in three workers
		value(t, p, script(t, p, "other "+strconv.Itoa(i), hoard))
	}
	if got := value(t, p, first); got != "1" {
		t.Errorf("call after many others = %s, want 1", got)
	}
	if ended := p.Stats().Ended; ended != 0 {
		t.Errorf("%d workers ended", ended)
	}
}

func TestAKilledWorkerIsReplaced(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers = 1 })
	call := script(t, p, "a", counter)
	value(t, p, call)
	for range 3 {
		for _, w := range p.Stats().Workers {
			process, err := os.FindProcess(w.PID)
			if err != nil {
				t.Fatal(err)
			}
			if err := process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = process.Release()
		}
		waitUntil(t, func() bool { // the pool knows
			for _, w := range p.Stats().Workers {
				if !w.Spare {
					return false
				}
			}
			return true
		})
		if got, want := value(t, p, call), `[1,1,1,"undefined"]`; got != want {
			t.Errorf("call after the kill = %s, want %s", got, want)
		}
	}
}

func TestWorkersStartWhenNeeded(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers = 4 })
	if workers := p.Stats().Workers; len(workers) > 1 {
		t.Errorf("%d workers before the first call, want the spare alone", len(workers))
	}
	call := script(t, p, "a", counter)
	value(t, p, call)
	value(t, p, call)
	waitUntil(t, func() bool { return len(p.Stats().Workers) == 3 }) // one that compiled, one that ran, the spare
	stats := p.Stats()
	var calls int64
	for _, w := range stats.Workers {
		calls += w.Calls
	}
	if calls != 3 || stats.Compiles != 1 || stats.Ended != 0 {
		t.Errorf("stats = %+v, want 3 calls, 1 compilation, none ended", stats)
	}
}

func TestWaitingForATurnEndsWithTheContext(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 500*time.Millisecond })
	call := script(t, p, "a", `class Script { process_incoming_request() { for (;;); } }`)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		if _, err := p.Run(t.Context(), call); err == nil {
			t.Error("an endless loop returned")
		}
	})
	waitUntil(t, func() bool { return runs(p) > 0 })
	ctx, cancel := context.WithCancel(t.Context())
	wg.Go(cancel)
	if _, err := p.Run(ctx, call); !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v, want %v", err, context.Canceled)
	}
}

func TestCloseEndsWhatRuns(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Limits.Timeout = time.Minute })
	call := script(t, p, "a", `class Script { process_incoming_request() { for (;;); } }`)
	failed := make(chan error)
	for range 2 { // one runs, one waits
		go func() {
			_, err := p.Run(context.Background(), call)
			failed <- err
		}()
	}
	waitUntil(t, func() bool { return runs(p) > 0 })
	if err := p.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	for range 2 {
		if err := <-failed; !errors.Is(err, scripts.ErrClosed) {
			t.Errorf("Run = %v, want %v", err, scripts.ErrClosed)
		}
	}
	if _, err := p.Run(context.Background(), call); !errors.Is(err, scripts.ErrClosed) {
		t.Errorf("Run after Close = %v, want %v", err, scripts.ErrClosed)
	}
	if left := p.Stats().Workers; len(left) > 0 {
		t.Errorf("workers left: %v", left)
	}
}

func TestAWorkerThatDoesNotStart(t *testing.T) {
	for _, command := range [][]string{{"/nonexistent/worker"}, {"true"}, {"cat"}, nil} {
		t.Run(strings.Join(command, " "), func(t *testing.T) {
			p := scripts.NewPool(scripts.Config{Command: command, Workers: 1})
			defer p.Close()
			if err := p.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "start script worker") {
				t.Errorf("Start = %v, want an error that says what did not start", err)
			}
			_, err := p.Run(t.Context(), integrations.ScriptCall{Owner: "a"})
			if _, ok := errors.AsType[*integrations.ScriptError](err); ok || err == nil {
				t.Errorf("Run = %v, want an error that is not the script's", err)
			}
		})
	}
}

// A hostile source exhausts the worker that compiles, never one that holds state.
func TestCompilingHarmsNoState(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 500*time.Millisecond })
	call := script(t, p, "a", counter)
	value(t, p, call)
	for name, source := range map[string]string{
		"deep":  strings.Repeat("(", 200_000),
		"arrow": strings.Repeat("(a=", 30) + "1" + strings.Repeat(")=>1", 30),
		"power": "9n ** (9n ** 9n)",
	} {
		_, err := p.Compile(t.Context(), integrations.ScriptSource{Text: source})
		t.Logf("%s: %s", name, fails(t, err, integrations.PhaseCompile))
	}
	if got, want := value(t, p, call), `[2,2,2,"undefined"]`; got != want {
		t.Errorf("state after hostile sources = %s, want %s", got, want)
	}
}

// runs counts the calls that workers have begun, compilations aside.
func runs(p *scripts.Pool) int64 {
	stats := p.Stats()
	calls := -stats.Compiles
	for _, w := range stats.Workers {
		calls += w.Calls
	}
	return calls
}

func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("waited in vain")
		}
	}
}
