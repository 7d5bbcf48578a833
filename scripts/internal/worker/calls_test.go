package worker

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// TestCalls runs testdata/calls: what a script prints that calls a server. BASE in it is the server's
// URL. Where Node has the same functions, the text to come is what Node 20 printed.
func TestCalls(t *testing.T) {
	files, err := filepath.Glob("testdata/calls/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	server := startReceiver(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(string(archive.Files[0].Data), "BASE", server)
			got := strings.ReplaceAll(printed(t, text, &network{}), server, "BASE")
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("printed (-want +got):\n%s", diff)
			}
		})
	}
}

// printed runs the body of an async function and returns what it handed to print.
func printed(t *testing.T, body string, o outside) string {
	t.Helper()
	r := newRealm("", "", wire.DefaultLimits(), &names{})
	r.outside = o
	text, fault := compile(harness+body+"\n} }", false)
	if fault != nil {
		t.Fatal(fault)
	}
	if fault := r.evaluate(text); fault != nil {
		t.Fatal(fault)
	}
	a, err := r.invoke(call{method: "process_incoming_request", argument: []byte(`{"request":{}}`)})
	if err != nil {
		t.Fatal(err)
	}
	if a.defined {
		t.Errorf("returned %s", a.value)
	}
	return strings.Join(a.console, "\n") + "\n"
}

const harness = `const print = (...values) => console.log(values.map(v => typeof v === 'string' ? v : JSON.stringify(v)).join(' '));
const attempt = async f => { try { const v = await f(); print('ok', v === undefined ? 'undefined' : v) } catch (e) {
  print('threw', e && e.name, e && e.message, e && e.cause ? 'because ' + e.cause.message + ' ' + e.cause.code : '') } };
class Script { async process_incoming_request() {
`

// startReceiver serves what the cases call.
func startReceiver(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		headers := map[string]string{}
		for name := range req.Header {
			if strings.HasPrefix(name, "X-") || name == "Content-Type" || name == "Authorization" {
				headers[strings.ToLower(name)] = req.Header.Get(name)
			}
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_ = json.NewEncoder(w).Encode(map[string]any{"method": req.Method, "query": req.URL.RawQuery, "headers": headers, "body": string(body)})
	})
	answer := func(path string, status int, contentType, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("X-Two", "1")
			w.Header().Add("X-Two", "2")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
	answer("/json", 200, "application/json", `{"a":[1,2],"t":"ü"}`)
	answer("/text", 200, "text/plain", "\ufeffplain ü \xff end")
	answer("/broken", 200, "application/json", `{"a":`)
	answer("/missing", 404, "application/json", `{"error":"not here"}`)
	answer("/failing", 503, "text/plain", strings.Repeat("long ", 200))
	answer("/nothing", 204, "text/plain", "")
	mux.Handle("/moved", http.RedirectHandler("/json", http.StatusFound))
	done := make(chan struct{})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, req *http.Request) {
		select {
		case <-done:
		case <-req.Context().Done():
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(done) })
	return server.URL
}

// network answers questions by asking a server.
type network struct {
	asked   uint32
	answers chan wire.Answer
}

func (n *network) start(head, body []byte) (uint32, error) {
	var q wire.Question
	if err := json.Unmarshal(head, &q); err != nil {
		return 0, err
	}
	if n.answers == nil {
		n.answers = make(chan wire.Answer, 100)
	}
	n.asked++
	id := n.asked
	go func() {
		answer, content := n.carryOut(q, body)
		head, _ := json.Marshal(answer)
		n.answers <- wire.Answer{ID: id, Head: head, Body: content}
	}()
	return id, nil
}

func (n *network) carryOut(q wire.Question, body []byte) (map[string]any, []byte) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	if q.Timeout > 0 {
		client.Timeout = time.Duration(q.Timeout) * time.Millisecond
	}
	if q.Redirect == "manual" {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	req, err := http.NewRequest(q.Method, q.URL, bytes.NewReader(body))
	if err != nil {
		return failed("EINVAL", err), nil
	}
	for name, value := range q.Headers {
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		if timeout, ok := errors.AsType[interface {
			error
			Timeout() bool
		}](err); ok && timeout.Timeout() {
			return failed("ETIMEDOUT", errors.New("no answer in time")), nil
		}
		return failed("ECONNREFUSED", errors.New("connect ECONNREFUSED "+req.URL.Host)), nil
	}
	defer resp.Body.Close()
	content, _ := io.ReadAll(resp.Body)
	headers := map[string]string{}
	for name, values := range resp.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return map[string]any{
		"status": resp.StatusCode, "statusText": http.StatusText(resp.StatusCode), "headers": headers, "url": resp.Request.URL.String(),
	}, content
}

func failed(code string, err error) map[string]any {
	return map[string]any{"error": map[string]string{"name": "Error", "code": code, "message": err.Error()}}
}

func (n *network) next(until time.Time) (wire.Answer, bool, error) {
	clock := time.NewTimer(time.Until(until))
	defer clock.Stop()
	select {
	case a := <-n.answers:
		return a, true, nil
	case <-clock.C:
		return wire.Answer{}, false, nil
	}
}
