package scripts_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/scripts"
)

// talker is a script that finds request.content as content.
func talker(t *testing.T, p *scripts.Pool, body string) func(content any) (string, integrations.ScriptResult, error) {
	t.Helper()
	call := script(t, p, "talker", "class Script { async process_incoming_request({ request: { content } }) { "+body+" } }")
	return func(content any) (string, integrations.ScriptResult, error) {
		t.Helper()
		var err error
		if call.Content, err = json.Marshal(content); err != nil {
			t.Fatal(err)
		}
		result, err := p.Run(t.Context(), call)
		return string(result.Value), result, err
	}
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

func with(caller scripts.Caller) func(*scripts.Config) {
	return func(c *scripts.Config) { c.Caller = caller }
}

// askOnce makes the call that its content describes, and words what became of it.
const askOnce = `
	try {
		const answer = await fetch(content.url, content);
		return [answer.status, answer.statusText, answer.url, answer.headers.get('x-told'), (await answer.text()).split('\n')[0]].join(' ');
	} catch (e) {
		return [e.name, e.cause.code, e.cause.message].join(' ');
	}`

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
	ask := talker(t, startPool(t, with(local(t))), askOnce)
	for _, tt := range []struct {
		name    string
		content map[string]any
		want    string
	}{
		{"POST", map[string]any{"method": "POST", "url": "BASE/", "headers": map[string]any{"X-Key": "k"}, "body": "ü"}, `418 I'm a teapot BASE/ k POST ü`},
		{"redirect", map[string]any{"url": "BASE/old"}, `418 I'm a teapot BASE/new  GET `},
		{"redirect kept", map[string]any{"url": "BASE/old", "redirect": "manual"}, `302 Found BASE/old  <a href="/new">Found</a>.`},
		{"redirect refused", map[string]any{"url": "BASE/old", "redirect": "error"}, `TypeError EFAILED the answer is a redirect, which the call does not permit`},
		{
			"private address",
			map[string]any{"url": "http://10.0.0.5/"},
			"TypeError REFUSED call refused: 10.0.0.5 is not a public address (private); the server's setting OUTGOING_ALLOW can permit it",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.content["url"] = strings.Replace(tt.content["url"].(string), "BASE", receiver.URL, 1)
			text, _, err := ask(tt.content)
			var got string
			if err = errors.Join(err, json.Unmarshal([]byte(text), &got)); err != nil {
				t.Fatal(err)
			}
			if got = strings.ReplaceAll(got, receiver.URL, "BASE"); got != tt.want {
				t.Errorf("answer = %s, want %s", got, tt.want)
			}
		})
	}
}

// Several calls are open at once, and a timer fires meanwhile; the turn is given back, and the script's
// clock stands.
func TestWaitingIsNotRunning(t *testing.T) {
	const timeout = time.Second
	came := make(chan struct{}, 4)
	release := make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came <- struct{}{}
		<-release
		_, _ = w.Write([]byte(r.URL.Path))
	}))
	defer receiver.Close()
	p := startPool(t, with(local(t)), func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, timeout })
	talking := script(t, p, "talking", `class Script { async process_incoming_request({ request: { content } }) {
		if (!content) return 1;
		const text = async (path) => (await fetch(content + path)).text();
		const early = ['/a', '/b', '/c'].map(text);
		await new Promise((resolve) => setTimeout(resolve, 1));
		return (await Promise.all([...early, text('/late')])).join();
	} }`)
	// Who calls out has no turn to begin with; this one gets one like all others.
	header, rest, _ := strings.Cut(talking.Compiled, "\n")
	quiet := strings.ReplaceAll(header, " calls", "")
	if quiet == header {
		t.Fatalf("%q does not tell that the script calls out", header)
	}
	talking.Compiled = quiet + "\n" + rest
	other := script(t, p, "other", `class Script { process_incoming_request() { return 1 } }`)
	for _, call := range []integrations.ScriptCall{talking, other} { // the first run of each is made apart
		if got := value(t, p, call); got != "1" {
			t.Fatalf("value = %s, want 1", got)
		}
	}
	go func() {
		defer close(release)
		for range 4 {
			<-came
		}
		if result, err := p.Run(t.Context(), other); err != nil || string(result.Value) != "1" {
			t.Errorf("beside a script that waits, another one = %s, %v", result.Value, err)
		}
		<-time.After(2 * timeout)
	}()
	talking.Content = []byte(`"` + receiver.URL + `"`)
	result, err := p.Run(t.Context(), talking)
	if want := `"/a,/b,/c,/late"`; err != nil || string(result.Value) != want {
		t.Errorf("Run = %s, %v, want %s", result.Value, err, want)
	}
	if result.Took <= 0 || result.Took >= timeout || result.Memory <= 0 {
		t.Errorf("it took %v and %d bytes, want less than it waited", result.Took, result.Memory)
	}
}

func TestWallTime(t *testing.T) {
	cancelled := make(chan struct{}, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		cancelled <- struct{}{}
	}))
	defer receiver.Close()
	p := startPool(t, with(local(t)), func(c *scripts.Config) { c.Limits.Timeout, c.Limits.WallTime = 500*time.Millisecond, time.Second })
	_, _, err := talker(t, p, `for (;;) try { HTTP('GET', content) } catch (e) {}`)(receiver.URL)
	if e, ok := errors.AsType[*integrations.ScriptError](err); !ok || e.Message != "stopped after 1s, with what it waited for (SCRIPT_WALL_TIME)" {
		t.Errorf("Run = %v, want a ScriptError that names SCRIPT_WALL_TIME", err)
	}
	<-cancelled
}

func TestCallsAreCounted(t *testing.T) {
	p := startPool(t, with(refusing{}), func(c *scripts.Config) { c.Limits.MaxCalls = 2 })
	ask := talker(t, p, `const out = [];
		for (let i = 0; i < 3; i++) try { await fetch('http://a.example/') } catch (e) { out.push(e.cause.code, e.cause.message) }
		return out.slice(-2).concat(out.length);`)
	for range 2 { // each run anew
		text, _, err := ask(nil)
		if want := `["REFUSED","more than 2 calls in one run (SCRIPT_MAX_CALLS)",6]`; err != nil || text != want {
			t.Errorf("Run = %s, %v, want %s", text, err, want)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.CopyN(w, endlessText{}, 4<<20+1)
	}))
	defer receiver.Close()
	text, _, err := talker(t, startPool(t, with(local(t))), askOnce)(map[string]any{"url": receiver.URL})
	if want := `"TypeError ETOOLARGE the answer is larger than 4 MB, a sixteenth of SCRIPT_MEMORY"`; err != nil || text != want {
		t.Errorf("Run = %.200s, %v, want %s", text, err, want)
	}
}

type endlessText struct{}

func (endlessText) Read(b []byte) (int, error) { return len(b), nil }

// What a script adds to its headers does not follow a redirect to another host.
func TestHeadersOfAScriptAreSecret(t *testing.T) {
	seen := make(chan outbound.Request, 1)
	p := startPool(t, with(refusing{seen}), func(c *scripts.Config) { c.InsecureTLS = func() bool { return true } })
	_, _, err := talker(t, p, askOnce)(map[string]any{
		"url": "http://a.example/", "timeout": 1500, "headers": map[string]any{"x-api-key": "k", "content-type": "text/x", "Authorization": "b"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := <-seen
	slices.Sort(r.SecretHeaders)
	if !slices.Equal(r.SecretHeaders, []string{"Authorization", "X-Api-Key"}) || r.Timeout != 1500*time.Millisecond || !r.InsecureTLS {
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
	p := startPool(t, with(callerFunc(func(ctx context.Context, _ outbound.Request) (*outbound.Response, error) {
		open.Add(1)
		defer open.Add(-1)
		came <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	})))
	ask := talker(t, p, askOnce)
	ended := make(chan error)
	go func() {
		_, _, err := ask(map[string]any{"url": "http://a.example/"})
		ended <- err
	}()
	<-came
	go func() { _ = p.Close() }()
	if err := <-ended; !errors.Is(err, scripts.ErrClosed) {
		t.Errorf("Run = %v, want %v", err, scripts.ErrClosed)
	}
	waitUntil(t, func() bool { return open.Load() == 0 })
}

type callerFunc func(context.Context, outbound.Request) (*outbound.Response, error)

func (f callerFunc) Do(ctx context.Context, r outbound.Request) (*outbound.Response, error) {
	return f(ctx, r)
}
