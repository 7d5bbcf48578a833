package scripts

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
)

// insider is a pool with one worker, which runs in this process: its one script, of owner "a" and
// version "1", finds the contract of outside as start and next.
func insider(t *testing.T, c Config, body string) *Pool {
	t.Helper()
	p := NewPool(c)
	p.fetching = true // no other worker
	childIn, in := bothEnds(t)
	out, childOut := bothEnds(t)

	pipe := &lockedWriter{to: childOut}
	w := &worker{
		limits: p.config.Limits,
		in:     inbox{read: frameReader{from: bufio.NewReader(childIn), max: math.MaxInt64}},
		write:  frameWriter{to: pipe}, announce: frameWriter{to: pipe},
		realms: newRealms(p.config.Limits),
	}
	w.monitor = newMonitor(w.limits, w.announceLowered)
	w.wayOut = &wayOut{limits: w.limits, in: &w.in, write: &w.write, monitor: w.monitor}
	w.realms.add(talkative(t, w, "class Script { process_incoming_request({ request }) { "+body+" } }"))

	here := &process{
		limits: p.config.Limits, cmd: exec.Command("sleep", "1000"), in: in, out: out,
		read: frameReader{from: bufio.NewReader(out), max: p.config.Limits.answerSize()}, ended: make(chan struct{}),
		guard: time.NewTimer(time.Hour),
	}
	var err error
	if here.pipe, err = newPipe(in); err != nil {
		t.Fatal(err)
	}
	if err := here.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go here.wait()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = w.serve() // ends with its pipe
	}()
	s := &seat{process: here, role: newcomers, homes: make(map[*owner]bool)}
	p.seats, p.living[here] = []*seat{s}, struct{}{}
	p.keeper.Go(func() { p.listen(s) })
	t.Cleanup(func() {
		go func() {
			<-here.ended // the other half of what the kernel would do
			_ = childIn.Close()
			_ = childOut.Close()
		}()
		_ = p.Close()
		<-served
	})
	return p
}

func bothEnds(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

func talkative(t *testing.T, w *worker, source string) *realm {
	t.Helper()
	text, fault := compile(source, false)
	if fault != nil {
		t.Fatal(fault)
	}
	r := newRealm("a", "1\x001", w.limits, &w.names) // what the owner's first home hears
	r.outside, r.monitor = w.wayOut, w.monitor
	must := func(err error) {
		if err != nil {
			panic(r.runtime.NewGoError(err))
		}
	}
	hide(r.runtime.GlobalObject(), "start", r.native("start", 2, func(c goja.FunctionCall) goja.Value {
		head, err := r.natives.stringify(goja.Undefined(), c.Argument(0))
		must(err)
		var body []byte
		if text := c.Argument(1); !goja.IsUndefined(text) {
			body = []byte(text.String())
		}
		id, err := r.outside.start([]byte(head.String()), body)
		must(err)
		return r.runtime.ToValue(id)
	}))
	hide(r.runtime.GlobalObject(), "next", r.native("next", 1, func(c goja.FunctionCall) goja.Value {
		a, ok, err := r.outside.next(time.Now().Add(time.Duration(c.Argument(0).ToInteger()) * time.Millisecond))
		must(err)
		if !ok {
			return goja.Null()
		}
		return r.runtime.ToValue(map[string]any{"id": a.id, "head": string(a.head), "body": string(a.body)})
	}))
	if fault := r.evaluate(text); fault != nil {
		t.Fatal(fault)
	}
	return r
}

func ask(t *testing.T, p *Pool, content any) (string, integrations.ScriptResult, error) {
	t.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	result, err := p.Run(t.Context(), integrations.ScriptCall{
		Owner: "a", Version: "1", Method: integrations.ProcessIncomingRequest,
		Argument: []byte(`{"request":{}}`), Content: text,
	})
	return string(result.Value), result, err
}

// local is a client that may call the servers of tests.
func local(t *testing.T) *outbound.Client {
	t.Helper()
	allow, err := outbound.ParseAllow("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	c := outbound.New(outbound.Config{Allow: allow})
	t.Cleanup(c.Close)
	return c
}

const askOnce = `start(request.content, request.content.data); const a = next(60000); return [JSON.parse(a.head), a.body];`

func TestAnAnswerFromOutside(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusFound)
			return
		}
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Told", r.Header.Get("X-Key"))
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte(r.Method + " " + string(body)))
	}))
	defer receiver.Close()
	p := insider(t, Config{Workers: 1, Caller: local(t)}, askOnce)
	for _, tt := range []struct {
		name string
		q    map[string]any
		want string
	}{
		{"POST", map[string]any{"method": "POST", "url": "/", "headers": map[string]any{"X-Key": "k"}, "data": "ü"}, `418 I'm a teapot / k POST ü`},
		{"redirect", map[string]any{"method": "GET", "url": "/old"}, `418 I'm a teapot /new  GET `},
		{"redirect kept", map[string]any{"method": "GET", "url": "/old", "redirect": "manual"}, `302 Found /old  <a href="/new">Found</a>.`},
		{"redirect refused", map[string]any{"method": "GET", "url": "/old", "redirect": "error"}, `TypeError EFAILED the answer is a redirect, which the call does not permit`},
		{"method", map[string]any{"method": "A B", "url": "/old"}, `TypeError ERR_INVALID_ARG_VALUE the HTTP method is not a valid one`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.q["url"] = receiver.URL + tt.q["url"].(string)
			text, _, err := ask(t, p, tt.q)
			if err != nil {
				t.Fatal(err)
			}
			if got := worded(t, text, receiver.URL); got != tt.want {
				t.Errorf("answer = %s, want %s", got, tt.want)
			}
		})
	}
	if text, _, err := ask(t, p, map[string]any{"url": "http://10.0.0.5/"}); err != nil ||
		worded(t, text, "") != "TypeError REFUSED call refused: 10.0.0.5 is not a public address (private); the server's setting OUTGOING_ALLOW can permit it" {
		t.Errorf("a private address: %s, %v", text, err)
	}
}

func worded(t *testing.T, text, url string) string {
	t.Helper()
	var head answerHead
	var body string
	if err := json.Unmarshal([]byte(text), &[]any{&head, &body}); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if e := head.Error; e != nil {
		return strings.Join([]string{e.Name, e.Code, e.Message}, " ")
	}
	first, _, _ := strings.Cut(body, "\n")
	return strings.Join([]string{strconv.Itoa(head.Status), head.StatusText, strings.TrimPrefix(head.URL, url), head.Headers["x-told"], first}, " ")
}

// Several calls are open at once; the turn is given back meanwhile, and the script's clock stands.
func TestWaitingIsNotRunning(t *testing.T) {
	const timeout = time.Second
	came := make(chan struct{}, 3)
	release := make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came <- struct{}{}
		<-release
		_, _ = w.Write([]byte(r.URL.Path))
	}))
	defer receiver.Close()
	p := insider(t, Config{Workers: 1, Caller: local(t), Limits: Limits{Timeout: timeout}}, `
		for (const path of ['/a', '/b', '/c']) start({ url: request.content + path });
		const early = next(1);
		return [early, [next(60000), next(60000), next(60000)].map((a) => a.body).sort().join()];`)
	go func() {
		for range 3 {
			<-came
		}
		late := time.After(20 * time.Second)
		for !waitsOutside(p) {
			select {
			case <-time.After(time.Millisecond):
			case <-late:
				t.Error("the script waits, and has its turn still")
				close(release)
				return
			}
		}
		<-time.After(2 * timeout)
		close(release)
	}()
	text, result, err := ask(t, p, receiver.URL)
	if want := `[null,"/a,/b,/c"]`; err != nil || text != want {
		t.Errorf("Run = %s, %v, want %s", text, err, want)
	}
	if result.Took <= 0 || result.Took >= timeout || result.Memory <= 0 {
		t.Errorf("it took %v and %d bytes, want less than it waited", result.Took, result.Memory)
	}
}

func waitsOutside(p *Pool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running == 0 && p.low == 1
}

func TestWallTime(t *testing.T) {
	cancelled := make(chan struct{}, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		cancelled <- struct{}{}
	}))
	defer receiver.Close()
	limits := Limits{Timeout: 500 * time.Millisecond, WallTime: time.Second}
	p := insider(t, Config{Workers: 1, Caller: local(t), Limits: limits}, `
		start({ url: request.content });
		for (;;) try { next(60000) } catch (e) {}`)
	_, _, err := ask(t, p, receiver.URL)
	if e, ok := errors.AsType[*integrations.ScriptError](err); !ok || e.Message != "stopped after 1s, with what it waited for (SCRIPT_WALL_TIME)" {
		t.Errorf("Run = %v, want a ScriptError that names SCRIPT_WALL_TIME", err)
	}
	<-cancelled
}

func TestCallsAreCounted(t *testing.T) {
	p := insider(t, Config{Workers: 1, Caller: refusing{}, Limits: Limits{MaxCalls: 2}}, `
		const out = [];
		for (let i = 0; i < 3; i++) try { start({ url: 'http://a.example/' }); out.push(1) } catch (e) { out.push(e.message) }
		return out;`)
	for range 2 { // each run anew
		text, _, err := ask(t, p, nil)
		if want := `[1,1,"more than 2 calls in one run (SCRIPT_MAX_CALLS)"]`; err != nil || text != want {
			t.Errorf("Run = %s, %v, want %s", text, err, want)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.CopyN(w, endlessText{}, 4<<20+1)
	}))
	defer receiver.Close()
	p := insider(t, Config{Workers: 1, Caller: local(t)}, askOnce)
	text, _, err := ask(t, p, map[string]any{"url": receiver.URL})
	if want := "TypeError ETOOLARGE the answer is larger than 4 MB, a sixteenth of SCRIPT_MEMORY"; err != nil || worded(t, text, "") != want {
		t.Errorf("Run = %.200s, %v, want %s", text, err, want)
	}
}

type endlessText struct{}

func (endlessText) Read(b []byte) (int, error) { return len(b), nil }

// What a script adds to its headers does not follow a redirect to another host.
func TestHeadersOfAScriptAreSecret(t *testing.T) {
	seen := make(chan outbound.Request, 1)
	p := insider(t, Config{Workers: 1, Caller: refusing{seen}, InsecureTLS: func() bool { return true }}, askOnce)
	_, _, err := ask(t, p, map[string]any{
		"url": "http://a.example/", "timeout": 1500, "headers": map[string]any{"x-api-key": "k", "content-type": "text/x", "Authorization": "b"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := <-seen
	got := strings.Join(r.SecretHeaders, " ")
	if got != "X-Api-Key Authorization" && got != "Authorization X-Api-Key" || r.Timeout != 1500*time.Millisecond || !r.InsecureTLS {
		t.Errorf("request %+v, want two secret headers and a timeout", r)
	}
}

// refusing is a client that makes no call.
type refusing struct{ seen chan outbound.Request }

func (c refusing) Do(_ context.Context, r outbound.Request) (*outbound.Response, error) {
	if c.seen != nil {
		c.seen <- r
	}
	return nil, &outbound.RefusedError{Host: "a.example", Rule: "private"}
}

func TestCloseEndsCallsOut(t *testing.T) {
	var open atomic.Int64
	came := make(chan struct{}, 1)
	c := callerFunc(func(ctx context.Context, _ outbound.Request) (*outbound.Response, error) {
		open.Add(1)
		defer open.Add(-1)
		came <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	p := insider(t, Config{Workers: 1, Caller: c}, askOnce)
	ended := make(chan error)
	go func() {
		_, _, err := ask(t, p, map[string]any{"url": "http://a.example/"})
		ended <- err
	}()
	<-came
	go func() { _ = p.Close() }()
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Errorf("Run = %v, want %v", err, ErrClosed)
	}
	deadline := time.After(20 * time.Second)
	for open.Load() > 0 {
		select {
		case <-time.After(time.Millisecond):
		case <-deadline:
			t.Fatal("a call out is open after Close")
		}
	}
}

type callerFunc func(context.Context, outbound.Request) (*outbound.Response, error)

func (f callerFunc) Do(ctx context.Context, r outbound.Request) (*outbound.Response, error) {
	return f(ctx, r)
}
