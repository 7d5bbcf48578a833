package scripts_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

// notebook keeps values in memory.
type notebook struct {
	mu           sync.Mutex
	values       map[string]string
	loads, saves int
	broken       error
}

func (n *notebook) Load(context.Context) ([]integrations.ScriptValue, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.loads++
	var values []integrations.ScriptValue
	for key, text := range n.values {
		values = append(values, integrations.ScriptValue{Key: key, Value: []byte(text)})
	}
	return values, nil
}

func (n *notebook) Save(_ context.Context, values []integrations.ScriptValue) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.saves++
	if n.broken != nil {
		return n.broken
	}
	if n.values == nil {
		n.values = map[string]string{}
	}
	for _, v := range values {
		if v.Value == nil {
			delete(n.values, v.Key)
		} else {
			n.values[v.Key] = string(v.Value)
		}
	}
	return nil
}

func (n *notebook) holds(t *testing.T, want map[string]string) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if diff := cmp.Diff(want, n.values); diff != "" {
		t.Errorf("kept values differ (-want +got):\n%s", diff)
	}
}

// storing returns a call of a script whose method runs the body of a content.
func storing(t *testing.T, p *scripts.Pool, body string) integrations.ScriptCall {
	t.Helper()
	call := script(t, p, "a", `class Script { process_incoming_request({ request }) { const c = request.content; `+body+` } }`)
	call.Kept = &notebook{}
	call.Content = []byte(`{}`)
	return call
}

func TestStoreIsKept(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before map[string]string
		body   string
		value  string // what the method returns
		after  map[string]string
		saves  int
	}{
		{"set", nil, `return Store.set('k', { a: [1, 'x'] })`, `{"a":[1,"x"]}`, map[string]string{"k": `{"a":[1,"x"]}`}, 1},
		{"get", map[string]string{"k": `{"b":1,"a":2}`}, `return Store.get('k')`, `{"b":1,"a":2}`, map[string]string{"k": `{"b":1,"a":2}`}, 0},
		{"nothing there", nil, `return typeof Store.get('k')`, `"undefined"`, nil, 0},
		{"never asked", map[string]string{"k": `1`}, `if (c.no) Store.set('k'); return 1`, `1`, map[string]string{"k": `1`}, 0},
		{"removed", map[string]string{"k": `1`, "l": `2`}, `Store.set('k', undefined); return typeof Store.get('k')`, `"undefined"`, map[string]string{"l": `2`}, 1},
		{"set and removed", map[string]string{}, `Store.set('k', 1); Store.set('k')`, ``, map[string]string{}, 0},
		{"removed and set", map[string]string{"k": `1`}, `Store.set('k'); Store.set('k', 1)`, ``, map[string]string{"k": `1`}, 0},
		{"null is a value", nil, `Store.set('k', null)`, ``, map[string]string{"k": `null`}, 1},
		{"changed in place", map[string]string{"k": `{"n":[1]}`}, `Store.get('k').n.push(2)`, ``, map[string]string{"k": `{"n":[1,2]}`}, 1},
		{"changed after set", nil, `const o = {}; Store.set('k', o); o.late = true`, ``, map[string]string{"k": `{"late":true}`}, 1},
		{"changed while another is written", map[string]string{"a": `{}`, "b": `{}`}, `Store.get('a').toJSON = () => (Store.get('b').x = 1, 'a')`, ``, map[string]string{"a": `"a"`, "b": `{"x":1}`}, 1},
		{"same value", map[string]string{"k": `{"a":1}`}, `Store.set('k', { a: 1 })`, ``, map[string]string{"k": `{"a":1}`}, 0},
		{"function", map[string]string{"k": `1`}, `Store.set('k', () => 5); return Store.get('k')()`, `5`, map[string]string{}, 1},
		{"big number", nil, `Store.set('k', 5n); return typeof Store.get('k')`, `"bigint"`, nil, 0},
		{"__proto__", nil, `Store.set('__proto__', { x: 1 }); Store.set('constructor', 2); return [typeof x, {}.x, Store.get('__proto__').x, typeof Store.get('toString')]`, `["undefined",null,1,"undefined"]`, map[string]string{"__proto__": `{"x":1}`, "constructor": `2`}, 1},
		{"__proto__ in a value", map[string]string{"k": `{"__proto__":{"x":1}}`}, `const k = Store.get('k'); k.y = 1; return [k.x, Object.keys(k).length]`, `[null,2]`, map[string]string{"k": `{"__proto__":{"x":1},"y":1}`}, 1},
		{"odd keys", nil, `Store.set('', 1); Store.set('\0a', 2); Store.set(7, 3); Store.set('ключ', 4)`, ``, map[string]string{"": `1`, "\x00a": `2`, "7": `3`, "ключ": `4`}, 1},
		{"Store replaced", nil, `Store.set('k', 1); Store.set = null; Store = null; JSON.stringify = null`, ``, map[string]string{"k": `1`}, 1},
		{"toJSON replaces Store", nil, `Store.set('k', { toJSON() { Store = {}; return 1 } })`, ``, map[string]string{"k": `1`}, 1},
		{"toJSON stores, which it does again at the end", nil, `Store.set('k', { toJSON() { Store.set('k', 'inner'); return 'outer' } })`, ``, map[string]string{"k": `"inner"`}, 1},
		{"moment and dates", nil, `Store.set('k', new Date(0))`, ``, map[string]string{"k": `"1970-01-01T00:00:00.000Z"`}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := startPool(t)
			call := storing(t, p, tt.body)
			book := &notebook{values: tt.before}
			call.Kept = book
			if got := value(t, p, call); got != tt.value {
				t.Errorf("value = %s, want %s", got, tt.value)
			}
			book.holds(t, tt.after)
			if book.loads != 1 || book.saves != tt.saves {
				t.Errorf("%d loads and %d saves, want 1 and %d", book.loads, book.saves, tt.saves)
			}
		})
	}
}

// TestStoreFaults has what cannot be kept end in an error that names the key, and keep what can be.
func TestStoreFaults(t *testing.T) {
	const big = `'x'.repeat(200 << 10)`
	grows := "run: Store cannot hold more than 256 KB; the value of \"k\" has grown beyond it"
	for _, tt := range []struct{ name, body, want string }{
		{"cycle", `const o = {}; o.o = o; Store.set('k', o)`, `run: TypeError: Store cannot keep the value of "k": Converting circular structure to JSON`},
		{"cycle in place", `const o = {}; Store.set('k', o); o.o = o`, `run: TypeError: Store cannot keep the value of "k": Converting circular structure to JSON`},
		{"toJSON throws", `Store.set('k', { toJSON() { throw new Error('no') } })`, `run: TypeError: Store cannot keep the value of "k": no`},
		{"getter throws later", `const o = {}; Store.set('k', o); Object.defineProperty(o, 'x', { enumerable: true, get() { throw 5 } })`, `run: TypeError: Store cannot keep the value of "k": 5`},
		{"too large", `Store.set('j', ` + big + `); Store.set('k', ` + big + `)`, `run: RangeError: Store cannot hold more than 256 KB; there is no room for the value of "k"`},
		{"huge key", `Store.set('k'.repeat(300 << 10), 1)`, `run: RangeError: Store cannot hold more than 256 KB; there is no room for the value of "` + strings.Repeat("k", 100) + `…"`},
		{"grows in place", `const o = { list: [] }; Store.set('k', o); o.list.push(` + big + `, ` + big + `)`, grows},
		{"key throws", `Store.set({ toString() { throw new Error('key') } }, 1)`, `run: Error: key`},
		{"too deep", `let o = []; for (let i = 0; i < 20000; i++) o = [o]; Store.set('k', o)`, `run: TypeError: Store cannot keep the value of "k": JSON is nested deeper than 10000 levels`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := startPool(t)
			call := storing(t, p, `if (c.good) return Store.get('before'); Store.set('before', 'kept'); `+tt.body)
			book := &notebook{}
			call.Kept = book
			_, err := p.Run(t.Context(), call)
			e, ok := errors.AsType[*integrations.ScriptError](err)
			if !ok {
				t.Fatalf("error = %v, want a ScriptError", err)
			}
			got := string(e.Phase) + ": " + e.Message
			if e.Name != "" {
				got = string(e.Phase) + ": " + e.Name + ": " + e.Message
			}
			if got != tt.want {
				t.Errorf("error = %s\nwant    %s", got, tt.want)
			}
			call.Content = []byte(`{"good":true}`)
			want := `"kept"`
			if strings.Contains(tt.name, "in place") || strings.Contains(tt.name, "later") {
				want = "" // it was the end of the call that failed: nothing of that was kept
			}
			if got := value(t, p, call); got != want {
				t.Errorf("the next call finds %s, want %s", got, want)
			}
		})
	}
}

func TestStoreKeepsWhatWasSetBeforeAThrow(t *testing.T) {
	p := startPool(t)
	call := storing(t, p, `Store.set('n', (Store.get('n') || 0) + 1); throw new Error('no')`)
	for range 3 {
		_, err := p.Run(t.Context(), call)
		fails(t, err, integrations.PhaseRun)
	}
	call.Kept.(*notebook).holds(t, map[string]string{"n": "3"})

	call = script(t, p, "b", `Store.set('n', (Store.get('n') || 0) + 1); throw new Error('no'); class Script {}`)
	call.Kept = &notebook{}
	_, err := p.Run(t.Context(), call)
	fails(t, err, integrations.PhaseEvaluate)
	call.Kept.(*notebook).holds(t, map[string]string{"n": "1"})
}

// TestStoreOutlivesItsWorker kills the worker by a call in between, and starts another pool.
func TestStoreOutlivesItsWorker(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Limits.Timeout = time.Minute })
	const body = `Store.set('n', (Store.get('n') || 0) + 1); this.own = (this.own || 0) + 1;
		for (const all = []; c.fill;) all.push('x'.repeat(1 << 24) + all.length); return [Store.get('n'), this.own]`
	call := storing(t, p, body)
	if got := value(t, p, call); got != "[1,1]" {
		t.Errorf("first call = %s", got)
	}
	call.Content = []byte(`{"fill":1}`)
	_, err := p.Run(t.Context(), call)
	if got := fails(t, err, integrations.PhaseRun); got != "used more than 64 MB (SCRIPT_MEMORY)" {
		t.Errorf("error = %s, want one that ended the worker", got)
	}
	call.Content = []byte(`{}`)
	if got := value(t, p, call); got != "[2,1]" {
		t.Errorf("after a stopped run = %s, want what was kept before it and a fresh instance", got)
	}
	if got := value(t, startPool(t), call); got != "[3,1]" {
		t.Errorf("in another pool = %s", got)
	}
}

// TestStoreKeepsObjectsWhileTheirTextIsTheSame has somebody else write in between.
func TestStoreKeepsObjectsWhileTheirTextIsTheSame(t *testing.T) {
	p := startPool(t)
	call := storing(t, p, `
		const same = [Store.get('a') === this.a, Store.get('b') === this.b, typeof Store.get('f')];
		if (!Store.get('a')) { Store.set('a', {}); Store.set('b', {}); Store.set('f', () => 1); }
		this.a = Store.get('a'); this.b = Store.get('b');
		return [...same, this.a, this.b]`)
	book := call.Kept.(*notebook)
	for i, want := range []string{`[true,true,"undefined",{},{}]`, `[true,true,"function",{},{}]`, `[false,true,"function",{"other":1},{}]`, `[true,true,"function",{"other":1},{}]`} {
		if i == 2 {
			book.values["a"] = `{"other":1}`
		}
		if got := value(t, p, call); got != want {
			t.Errorf("call %d = %s, want %s", i+1, got, want)
		}
	}
	if book.saves != 1 {
		t.Errorf("%d saves, want 1", book.saves)
	}
}

// TestStoreCallsOfAnOwnerTakeTurns would lose counts if two calls had the same values in hand.
func TestStoreCallsOfAnOwnerTakeTurns(t *testing.T) {
	p := startPool(t)
	call := storing(t, p, `Store.set('n', (Store.get('n') || 0) + 1)`)
	var running sync.WaitGroup
	for range 50 {
		running.Go(func() {
			if _, err := p.Run(t.Context(), call); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	call.Kept.(*notebook).holds(t, map[string]string{"n": "50"})
}

func TestStoreIsNotAskedForOthers(t *testing.T) {
	p := startPool(t)
	call := script(t, p, "a", `class Script { process_incoming_request() { return 1; } }`)
	book := &notebook{}
	call.Kept = book
	_ = value(t, p, call)
	if book.loads != 0 || book.saves != 0 {
		t.Errorf("%d loads and %d saves for a script that has no Store", book.loads, book.saves)
	}
}

func TestStoreThatCannotBeSaved(t *testing.T) {
	p := startPool(t)
	call := storing(t, p, `const n = (Store.get('n') || 0) + 1; Store.set('n', n); if (c.no) throw new Error('no'); return n`)
	book := call.Kept.(*notebook)
	book.broken = errors.New("disk is broken")
	if _, err := p.Run(t.Context(), call); !errors.Is(err, book.broken) {
		t.Errorf("error = %v, want %v", err, book.broken)
	}
	call.Content = []byte(`{"no":true}`)
	_, err := p.Run(t.Context(), call)
	if got := fails(t, err, integrations.PhaseRun); !strings.HasPrefix(got, "Error: no") {
		t.Errorf("error = %s, want the script's own", got)
	}
	book.broken, call.Content = nil, []byte(`{}`)
	if got := value(t, p, call); got != "1" {
		t.Errorf("value = %s, want what the store has, and one", got)
	}
}

// TestStoreWaitsNoLongerThanItMay has calls wait for one whose values are slow to load.
func TestStoreWaitsNoLongerThanItMay(t *testing.T) {
	limits := scripts.DefaultLimits()
	limits.Wait = 50 * time.Millisecond
	p := startPool(t, func(c *scripts.Config) { c.Limits = limits })
	call := storing(t, p, `return Store.get('n')`)
	slow := &slowNotebook{loading: make(chan struct{}), goOn: make(chan struct{})}
	call.Kept = slow
	first := make(chan error, 1)
	go func() { _, err := p.Run(context.Background(), call); first <- err }()
	<-slow.loading
	if _, err := p.Run(t.Context(), call); !errors.Is(err, integrations.ErrScriptsBusy) {
		t.Errorf("second call = %v, want ErrScriptsBusy", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Run(ctx, call); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that nobody waits for = %v", err)
	}
	close(slow.goOn)
	<-first // its own time to wait may be over by now
	call.Kept = &notebook{}
	_, err := p.Run(t.Context(), call)
	for errors.Is(err, integrations.ErrScriptsBusy) { // a busy machine may take longer than this pool waits
		_, err = p.Run(t.Context(), call)
	}
	if err != nil {
		t.Errorf("the next call = %v", err)
	}
}

type slowNotebook struct {
	notebook
	loading, goOn chan struct{}
}

func (n *slowNotebook) Load(ctx context.Context) ([]integrations.ScriptValue, error) {
	close(n.loading)
	<-n.goOn
	return n.notebook.Load(ctx)
}

// TestStoreHoldsManySmallValues sends the largest frames that the limit allows.
func TestStoreHoldsManySmallValues(t *testing.T) {
	p := startPool(t)
	call := storing(t, p, `
		for (let i = 0; i < 30000; i++) Store.set(c.old + i, undefined);
		for (let i = 0; i < 30000; i++) Store.set(c.now + i, 1)`)
	for i := range 3 {
		call.Content = fmt.Appendf(nil, `{"old":"%c","now":"%c"}`, 'a'+i, 'b'+i)
		_ = value(t, p, call)
		if got := len(call.Kept.(*notebook).values); got != 30000 {
			t.Errorf("%d values are kept", got)
		}
	}
}
