package api_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const requestsPath = "/api/v1/requests"

// logged answers the requests that a list holds.
func (s *server) logged(as account, query string) []doc {
	s.t.Helper()
	return s.get(as, requestsPath+query).is(200).docs("requests")
}

// lastLogged answers the latest request to a hook with all that is known of it.
func (s *server) lastLogged(h hook) doc {
	s.t.Helper()
	list := s.logged(s.admin, "?count=1&integrationId="+h.id)
	if len(list) != 1 {
		s.t.Fatalf("the log has %d requests to the hook, want one", len(list))
	}
	return s.get(s.admin, requestsPath+"/"+list[0]["_id"].(string)).is(200).at("request").(doc)
}

// TestSecretsThatScriptsRead lets a script print secrets as it reads them, decoded or taken apart.
func TestSecretsThatScriptsRead(t *testing.T) {
	t.Parallel()
	s := start(t)
	h := s.newScript(`class Script {
		process_incoming_request({ request }) {
			const said = [
				request.url.query.token, request.url.query.api_key, request.headers['x-token'], request.headers.cookie.slice(8, 18),
				Buffer.from(request.headers.authorization.slice(6), 'base64').toString().slice(5),
			];
			console.log(...said);
			return { content: { text: 'hello', said } };
		}
	}`)
	s.do(request{method: http.MethodPost, path: h.path() + "?token=of%20the%2Fquery&%61pi_key=of%2Bthe%2Fquery", body: `{"text":"hello"}`, header: map[string]string{
		"Content-Type": "application/json", "X-Token": `with "quotes"`, "Cookie": "session=0123456789; theme=dark",
		"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("jane:correct horse")),
	}}).is(200)
	got := s.lastLogged(h)
	hidden := slices.Repeat([]any{"[redacted]"}, 5)
	want := doc{
		"url": "/hooks/" + h.id + "/[redacted]?token=[redacted]&%61pi_key=[redacted]", "result": doc{"content": doc{"text": "hello", "said": hidden}},
		"console": []any{"[redacted] [redacted] [redacted] [redacted] [redacted]"},
	}
	if diff := differ(got, want); diff != "" {
		t.Errorf("logged request (-want +got):\n%s", diff)
	}
}

func TestRequestsAreLogged(t *testing.T) {
	t.Parallel()
	s := start(t)
	h := s.newScript(`class Script {
		process_incoming_request({ request }) {
			console.log('signed with', request.headers['x-hub-signature']);
			if (request.content.bad) { throw new Error('no ' + request.headers.authorization) }
			if (request.content.reject) { return { error: { message: 'not today' } } }
			if (request.content.none) { return }
			return { content: { text: request.content.text } };
		}
	}`)
	secret := map[string]string{
		"Content-Type": "application/json", "Authorization": "Bearer s3cr3t-bearer", "X-Hub-Signature": "sha1=s3cr3t-signature",
		"Referer": "https://example.com" + h.path(), "X-Request-Id": "my-request-1",
	}
	s.do(request{method: http.MethodPost, path: h.path() + "?b=2&access_token=s3cr3t-query&a=1", body: `{"text":"hello"}`, header: secret, from: "192.0.2.7:99"}).is(200)
	got := s.lastLogged(h)
	want := doc{
		"integrationId": h.id, "outcome": "posted", "requestId": "my-request-1", "size": 16.0, "metadataOnly": false, "method": "POST",
		"url": "/hooks/" + h.id + "/[redacted]?b=2&access_token=[redacted]&a=1", "address": "192.0.2.7",
		"body":   doc{"text": `{"text":"hello"}`, "size": 16.0, "cut": false},
		"result": doc{"content": doc{"text": "hello"}}, "console": []any{"signed with [redacted]"},
	}
	if diff := differ(got, want); diff != "" {
		t.Errorf("logged request (-want +got):\n%s", diff)
	}
	headers := map[string]any{}
	for _, line := range got["headers"].([]any) {
		headers[line.(doc)["name"].(string)] = line.(doc)["value"]
	}
	for name, value := range map[string]any{
		"authorization": nil, "x-hub-signature": nil, "content-type": "application/json", "host": "example.com",
		"referer": "https://example.com/hooks/" + h.id + "/[redacted]",
	} {
		if shown, there := headers[name]; !there || shown != value {
			t.Errorf("the header %s is shown as %v, want %v", name, shown, value)
		}
	}
	message := got["messages"].([]any)[0].(doc)["message"].(doc)
	if message["msg"] != "hello" || message["_id"] == "" {
		t.Errorf("the log names the message %v", message)
	}

	for _, tt := range []struct {
		name, body, outcome, err string
		status                   int
	}{
		{"a script that throws", `{"bad":1}`, "script-failed", "no [redacted]", 400},
		{"a script that rejects", `{"reject":1}`, "rejected", "not today", 400},
		{"nothing to post", `{"none":1}`, "nothing", "", 200},
		{"a rule", `{"text":"` + strings.Repeat("x", 5001) + `"}`, "refused", "longer than the limit", 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			s.do(request{method: http.MethodPost, path: h.path(), body: tt.body, header: secret}).is(tt.status)
			got := s.lastLogged(h)
			if text, _ := got["error"].(string); got["outcome"] != tt.outcome || !strings.Contains(text, tt.err) || tt.err == "" && text != "" {
				t.Errorf("logged as %v, %q; want %s, %q", got["outcome"], text, tt.outcome, tt.err)
			}
		})
	}
	t.Run("of a stranger nothing", func(t *testing.T) {
		s := s.in(t)
		before := len(s.logged(s.admin, ""))
		s.post(account{}, "/hooks/"+h.id+"/wrong", doc{"text": "x"}).is(500)
		if after := len(s.logged(s.admin, "")); after != before {
			t.Errorf("%d entries became %d", before, after)
		}
	})
	t.Run("no secret on the disk", func(t *testing.T) {
		files, err := filepath.Glob(filepath.Join(s.folder, "log.db*"))
		must(t, err)
		for _, name := range files {
			text, err := os.ReadFile(name)
			must(t, err)
			if strings.Contains(string(text), "s3cr3t") {
				t.Errorf("%s holds a secret in plain text", filepath.Base(name))
			}
		}
		if len(files) == 0 {
			t.Error("there is no log on the disk")
		}
	})
}

func TestRequestsAreListed(t *testing.T) {
	t.Parallel()
	s := start(t)
	a, b := s.newHook(nil), s.newHook(nil)
	for n := range 6 {
		h := a
		if n%2 == 1 {
			h = b
		}
		body := doc{"text": "x"}
		if n > 3 {
			body = doc{"text": "x", "channel": "#nowhere"}
		}
		s.post(account{}, h.path(), body)
	}
	all := s.logged(s.admin, "")
	if len(all) != 6 {
		t.Fatalf("%d entries, want 6", len(all))
	}
	first := s.get(s.admin, requestsPath+"?count=4").is(200)
	next := first.text("next")
	rest := s.get(s.admin, requestsPath+"?count=4&before="+next).is(200)
	if len(first.at("requests").([]any)) != 4 || len(rest.at("requests").([]any)) != 2 || rest.at("next") != nil {
		t.Errorf("pages of 4:\n%s\n%s", first.body, rest.body)
	}
	if got := rest.text("requests", 1, "_id"); got != all[5]["_id"] {
		t.Errorf("the last is %s, want %s", got, all[5]["_id"])
	}
	for query, want := range map[string]int{
		"?integrationId=" + a.id: 3, "?outcome=posted": 4, "?outcome=refused": 2, "?outcome=refused&integrationId=" + b.id: 1,
		"?since=2001-01-01": 6, "?until=2001-01-01": 0, "?since=" + all[0]["at"].(string): 1, "?count=0": 6,
	} {
		if got := len(s.logged(s.admin, query)); got < want || want != 1 && got != want {
			t.Errorf("%s: %d entries, want %d", query, got, want)
		}
	}

	t.Run("refusals", func(t *testing.T) {
		s := s.in(t)
		s.get(s.admin, requestsPath+"?outcome=good").is(400)
		s.get(s.admin, requestsPath+"?count=all").fails(400, "`count` has to be a whole number of rows, such as 50 [invalid-params]", "invalid-params")
		s.get(s.admin, requestsPath+"?since=yesterday").fails(400, "`since` has to be a date such as 2026-03-04T10:16:02.480Z or 2026-03-04 [invalid-params]", "invalid-params")
		s.get(s.admin, requestsPath+"?integrationId=nobody").fails(400, "The integration does not exists.", "")
		s.get(s.admin, requestsPath+"?sort=x").fails(400, "must NOT have additional properties [invalid-params]", "invalid-params")
		s.get(account{}, requestsPath).is(401)
		s.get(s.user("eve", "user"), requestsPath).is(403)
		s.get(s.admin, requestsPath+"/nothing").is(404)
	})
	t.Run("of one's own integrations alone", func(t *testing.T) {
		s := s.in(t)
		s.grant("manage-own-incoming-integrations", "admin", "guest")
		eve := s.user("eva", "guest")
		if list := s.logged(eve, ""); len(list) != 0 {
			t.Errorf("somebody else's requests are listed: %v", list)
		}
		s.get(eve, requestsPath+"/"+all[0]["_id"].(string)).is(404)
		s.get(eve, requestsPath+"?integrationId="+a.id).fails(400, "not-authorized", "")
		s.post(eve, requestsPath+"/"+all[0]["_id"].(string)+"/replay", doc{}).is(404)
	})
}

func TestRequestIsReplayed(t *testing.T) {
	t.Parallel()
	s := start(t)
	h := s.newScript(`class Script {
		process_incoming_request({ request }) {
			return { content: { text: [request.headers.authorization, request.url.search, request.content_raw].join(' ') } };
		}
	}`)
	header := map[string]string{"Content-Type": "application/json", "Authorization": "Bearer s3cr3t-bearer"}
	s.do(request{method: http.MethodPost, path: h.path() + "?token=s3cr3t-query&x=%20", body: `{"a" : "é"}`, header: header}).is(200)
	old := s.lastLogged(h)
	want, _ := s.newest("GENERAL")["msg"].(string)
	made := s.post(s.admin, requestsPath+"/"+old["_id"].(string)+"/replay", doc{}).is(200)
	if made.text("request", "replayOf") != old["_id"] || made.text("request", "outcome") != "posted" {
		t.Errorf("replay is logged as %s", made.body)
	}
	if len(s.messages("GENERAL")) != 2 || s.newest("GENERAL")["msg"] != want || !strings.Contains(want, "Bearer s3cr3t-bearer ?token=s3cr3t-query&x=%20 {\"a\" : \"é\"}") {
		t.Errorf("message after the replay: %q, want %q", s.newest("GENERAL")["msg"], want)
	}
	again := s.post(s.admin, requestsPath+"/"+made.text("request", "_id")+"/replay", doc{}).is(200) // a replay can be replayed
	if again.text("request", "replayOf") != made.text("request", "_id") || s.newest("GENERAL")["msg"] != want {
		t.Errorf("replay of a replay: %s", again.body)
	}

	s.setOptions(s.admin, h.id, doc{"log": doc{"metadataOnly": true}}).is(200)
	s.post(account{}, h.path(), doc{"text": "x"}).is(200)
	bare := s.lastLogged(h)
	if bare["metadataOnly"] != true || bare["body"] != nil || bare["headers"] != nil || bare["url"] != nil || bare["size"] != 12.0 {
		t.Errorf("metadata alone: %v", bare)
	}
	s.post(s.admin, requestsPath+"/"+bare["_id"].(string)+"/replay", doc{}).is(400)
	s.setOptions(s.admin, h.id, doc{"log": nil}).is(200)
	s.post(account{}, h.path(), doc{"text": strings.Repeat("x", 70_000)}).is(400)
	long := s.lastLogged(h)
	if cut := long["body"].(doc); cut["cut"] != true || len(cut["text"].(string)) != 64<<10 || cut["size"].(float64) < 70_000 {
		t.Errorf("a long body is kept as %d bytes, %v", len(cut["text"].(string)), cut["cut"])
	}
	s.post(s.admin, requestsPath+"/"+long["_id"].(string)+"/replay", doc{}).is(400)
	s.post(s.admin, requestsPath+"/nothing/replay", doc{}).is(404)
}

func TestHookLimits(t *testing.T) {
	t.Parallel()
	s := start(t)
	h := s.newHook(nil)
	s.setOptions(s.admin, h.id, doc{"limits": doc{"rate": 0.001, "burst": 2, "body": 100}}).is(200)
	s.post(account{}, h.path(), doc{"text": strings.Repeat("x", 100)}).fails(413, "Request body is larger than the limit of 100 bytes (the integration's option limits.body).", "")
	if got := s.lastLogged(h); got["outcome"] != "too-large" {
		t.Errorf("a body that is too large is logged as %v", got["outcome"])
	}
	s.post(account{}, h.path(), doc{"text": "x"}).is(200)
	for range 3 {
		limited := s.post(account{}, h.path(), doc{"text": "x"}).is(429)
		if wait, err := strconv.Atoi(limited.header.Get("Retry-After")); err != nil || wait < 900 || wait > 1000 {
			t.Errorf("Retry-After: %d, want about 1000", wait)
		}
		if !strings.Contains(limited.body, "too many requests") || !strings.Contains(limited.body, "limits.rate") {
			t.Errorf("429 says %s", limited.body)
		}
	}
	if list := s.logged(s.admin, "?outcome=limited"); len(list) != 1 {
		t.Errorf("%d refusals are logged, want the first alone", len(list))
	}
	other := s.newHook(nil)
	s.post(account{}, other.path(), doc{"text": "x"}).is(200)

	t.Run("at once", func(t *testing.T) {
		s := s.in(t)
		h := s.newHook(nil)
		s.setOptions(s.admin, h.id, doc{"limits": doc{"concurrency": 1}}).is(200)
		held := make(chan struct{})
		body, entered := blocking{held, make(chan struct{})}, make(chan int)
		go func() { entered <- s.serve(http.MethodPost, h.path(), body) }()
		<-body.read
		limited := s.post(account{}, h.path(), doc{"text": "x"}).is(429)
		if limited.header.Get("Retry-After") != "1" || !strings.Contains(limited.body, "limits.concurrency") {
			t.Errorf("a hook that is full: %s, %s", limited.header.Get("Retry-After"), limited.body)
		}
		close(held)
		if status := <-entered; status != 200 {
			t.Errorf("who was in is answered %d", status)
		}
		s.post(account{}, h.path(), doc{"text": "x"}).is(200)
	})
}

// blocking is a body that does not end before it is told to.
type blocking struct{ held, read chan struct{} }

func (b blocking) Read([]byte) (int, error) {
	select {
	case <-b.read:
	default:
		close(b.read)
	}
	<-b.held
	return 0, io.EOF
}

// serve sends a body and answers the status.
func (s *server) serve(method, path string, body io.Reader) int {
	w := httptest.NewRecorder()
	s.api.ServeHTTP(w, httptest.NewRequest(method, path, body))
	return w.Code
}
