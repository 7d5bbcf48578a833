package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
)

func TestRequestID(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s := start(t, func(o *options) { o.log = log })
	h := s.newHook(nil)
	requests := []request{
		{method: "GET", path: mePath, as: s.admin},
		{method: "GET", path: mePath},
		{method: "GET", path: "/api/v1/nothing"},
		{method: "OPTIONS", path: mePath},
		{method: "POST", path: createPath, as: s.admin, body: "{"},
		{method: "POST", path: h.path(), body: `{"text":"x"}`},
		{method: "POST", path: "/hooks/unknown/token"},
		{method: "GET", path: "/livez"},
		{method: "GET", path: "/metrics"},
	}
	for _, r := range requests {
		t.Run(r.method+" "+r.path, func(t *testing.T) {
			s := s.in(t)
			seen := map[string]bool{}
			for _, tt := range []struct {
				name, given string
				taken       bool
			}{
				{"none", "", false},
				{"sound", "abc-DEF_123.4", true},
				{"too short", "abc", false},
				{"too long", strings.Repeat("x", 65), false},
				{"unsound", "forged\nline of log", false},
				{"quoted", `id","status":"200`, false},
			} {
				r.header = map[string]string{"X-Request-Id": tt.given}
				before := len(log.lines(t, "request"))
				id := s.do(r).header.Get("X-Request-Id")
				if id == "" || (id == tt.given) != tt.taken || seen[id] {
					t.Errorf("%s: X-Request-Id = %q for %q, want it taken = %t, else a new one", tt.name, id, tt.given, tt.taken)
				}
				seen[id] = true
				logged := log.lines(t, "request")[before:]
				if len(logged) != 1 || logged[0]["request_id"] != id {
					t.Errorf("%s: logged %v, want one line with request_id %q", tt.name, logged, id)
				}
			}
		})
	}
}

// TestRequestLine holds what is logged of a request: its route, never its path.
func TestRequestLine(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s := start(t, func(o *options) { o.log = log })
	h := s.newHook(nil)
	tests := []struct {
		name string
		r    request
		want doc
	}{
		{"hook", request{method: "POST", path: h.path() + "?key=value", body: `{"text":"x"}`}, doc{
			"route": "/hooks/:integrationId/:token", "integration_id": h.id, "method": "POST", "status": 200.0, "level": "INFO", "bytes": float64(len(done)), "address": "192.0.2.1",
		}},
		{"three parts", request{method: "GET", path: "/hooks/" + h.id + "/user/" + h.token}, doc{"route": "/hooks/:integrationId/:token/:last", "integration_id": h.id, "status": 200.0}},
		{"wrong token", request{method: "POST", path: "/hooks/" + h.id + "/wrong"}, doc{"route": "/hooks/:integrationId/:token", "status": 500.0, "level": "INFO", "error": nil}},
		{"method", request{method: "GET", path: mePath + "?x=y", as: s.admin}, doc{"route": "/api/v1/me", "integration_id": nil, "status": 200.0}},
		{"not logged in", request{method: "GET", path: mePath}, doc{"route": "/api/v1/me", "status": 401.0}},
		{"not served", request{method: "GET", path: "/hooks/" + h.id + "/a/b/" + h.token}, doc{"route": "none", "status": 404.0}},
		{"preflight", request{method: "OPTIONS", path: h.path(), header: map[string]string{"Origin": "https://a.example"}}, doc{"method": "OPTIONS", "route": "none", "status": 200.0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := len(log.lines(t, "request"))
			s.in(t).do(tt.r)
			logged := log.lines(t, "request")[before:]
			if len(logged) != 1 {
				t.Fatalf("%s %s logged %v, want one line", tt.r.method, tt.r.path, logged)
			}
			if d := differ(logged[0], tt.want); d != "" {
				t.Errorf("line of %s %s (-want +got):\n%s", tt.r.method, tt.r.path, d)
			}
			if ms, ok := logged[0]["duration_ms"].(float64); !ok || ms < 0 {
				t.Errorf("duration_ms = %v, want a number", logged[0]["duration_ms"])
			}
		})
	}
}

func TestForwardedAddress(t *testing.T) {
	t.Parallel()
	const peer = "198.51.100.9"
	tests := []struct {
		name      string
		proxies   int
		forwarded string
		want      string
	}{
		{"no proxies", 0, "203.0.113.1", peer},
		{"one proxy", 1, "203.0.113.1", "203.0.113.1"},
		{"one proxy, the caller's own list", 1, "10.0.0.1, 203.0.113.1", "203.0.113.1"},
		{"two proxies", 2, "10.0.0.1, 203.0.113.1, 192.168.0.1", "203.0.113.1"},
		{"two proxies, one of them asked", 2, "203.0.113.1", "203.0.113.1"},
		{"IPv6", 1, "2001:db8::1", "2001:db8::1"},
		{"nothing forwarded", 1, "", peer},
		{"no address", 1, "unknown", peer},
		{"a line of log", 1, `203.0.113.1","x":"`, peer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := &logBuffer{}
			s := start(t, func(o *options) { o.log, o.proxies = log, tt.proxies })
			r := request{method: "GET", path: "/livez", from: peer + ":4711", header: map[string]string{}}
			if tt.forwarded != "" {
				r.header["X-Forwarded-For"] = tt.forwarded
			}
			s.do(r).is(200)
			if got := log.lines(t, "request")[0]["address"]; got != tt.want {
				t.Errorf("address with %d proxies and %q = %v, want %s", tt.proxies, tt.forwarded, got, tt.want)
			}
		})
	}
	t.Run("logins are slowed by it", func(t *testing.T) {
		t.Parallel()
		s := start(t, func(o *options) { o.proxies = 1 })
		guess := func(username, from string) int {
			return s.do(request{
				method: "POST", path: loginPath, body: `{"user":"` + username + `","password":"x"}`, from: peer + ":1",
				header: map[string]string{"Content-Type": "application/json", "X-Forwarded-For": from},
			}).status
		}
		status := 401
		for n := 0; status == 401 && n < 12; n++ {
			status = guess("guess"+string(rune('a'+n)), "203.0.113.1")
		}
		if other := guess("another", "203.0.113.2"); status != 429 || other != 401 {
			t.Errorf("guessing ends with %d, and another caller behind the same proxy gets %d, want 429 and 401", status, other)
		}
	})
}

func TestProbes(t *testing.T) {
	t.Parallel()
	down := make(chan error, 1)
	s := start(t, func(o *options) {
		o.ready = func(context.Context) error {
			select {
			case err := <-down:
				return err
			default:
				return nil
			}
		}
	})
	h := s.newHook(nil)
	h.post(doc{"text": "x"}).says(200, done)
	s.get(account{}, "/livez").says(200, `{"status":"ok"}`)
	s.get(account{}, "/readyz").says(200, `{"status":"ok"}`)
	down <- errors.New("the disk is gone")
	s.get(account{}, "/readyz").says(503, `{"cause":"the disk is gone","status":"unavailable"}`)
	s.get(account{}, "/readyz").is(200)
	s.get(account{}, "/nothing").says(404, `{"success":false,"error":"Resource not found"}`)

	a := s.get(account{}, "/metrics").is(200)
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "text/plain") {
		t.Errorf("Content-Type of /metrics = %q", got)
	}
	for _, line := range []string{
		`grapnel_http_requests_total{method="POST",route="/hooks/:integrationId/:token",status="200"} 1`,
		`grapnel_http_requests_total{method="GET",route="/readyz",status="503"} 1`,
		`grapnel_http_requests_total{method="any",route="none",status="404"} 1`,
		`grapnel_http_request_seconds_count{method="POST",route="/hooks/:integrationId/:token"} 1`,
	} {
		if !strings.Contains(a.body, line+"\n") {
			t.Errorf("/metrics has no line %s", line)
		}
	}
	if strings.Contains(a.body, h.token) || strings.Contains(a.body, "/nothing") {
		t.Error("/metrics holds a path")
	}
}

// TestPrefix holds that a ROOT_URL with a path moves everything under it.
func TestPrefix(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s := start(t, func(o *options) { o.prefix, o.log = "/chat", log })
	if got := s.get(s.admin, "/chat"+mePath).is(200).text("avatarUrl"); got != "http://localhost:3000/chat/avatar/admin" {
		t.Errorf("avatarUrl = %q, want it below the prefix", got)
	}
	created := s.post(s.admin, "/chat"+createPath, newIncoming(doc{"enabled": true})).is(200).integration()
	hook := "/hooks/" + created["_id"].(string) + "/" + created["token"].(string)
	s.post(account{}, "/chat"+hook, doc{"text": "x"}).says(200, done)
	for _, path := range []string{"/chat/livez", "/livez", "/chat/readyz", "/readyz", "/chat/metrics", "/metrics", "/chat/openapi.yaml", "/chat/docs"} {
		s.get(account{}, path).is(200)
	}
	for _, path := range []string{mePath, hook, "/openapi.yaml", "/docs", "/chat", "/", "/chatapi/v1/me", "/chat/chat" + mePath} {
		s.get(s.admin, path).says(404, `{"success":false,"error":"Resource not found"}`)
	}
	if got := log.lines(t, "request"); strings.Contains(log.String(), created["token"].(string)) || got[2]["route"] != "/chat/hooks/:integrationId/:token" {
		t.Errorf("log of requests below a prefix: %v", got)
	}
	if got := s.get(account{}, "/chat/docs").body; !strings.Contains(got, "/chat/openapi.yaml") {
		t.Error("the page of the documentation does not load openapi.yaml from below the prefix")
	}
}

// TestPanic holds that a mistake of ours costs one request, and that its answer tells nothing.
func TestPanic(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s := start(t, func(o *options) {
		o.log = log
		o.ready = func(context.Context) error { panic("a secret of the server") }
	})
	rec := httptest.NewRecorder() // openapi.yaml does not promise panics
	s.api.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if got := rec.Body.String(); rec.Code != 500 || got != `{"success":false,"error":"Internal server error"}` {
		t.Errorf("a panic is answered %d %s", rec.Code, got)
	}
	if got := rec.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type after a panic = %q", got)
	}
	lines := log.lines(t, "request failed")
	if len(lines) != 1 {
		t.Fatalf("logged %v, want one line", lines)
	}
	want := doc{"request_id": rec.Header().Get("X-Request-Id"), "status": 500.0, "level": "ERROR", "route": "/readyz"}
	if d := differ(lines[0], want); d != "" {
		t.Errorf("line of a panic (-want +got):\n%s", d)
	}
	if text, _ := lines[0]["error"].(string); !strings.HasPrefix(text, "panic: a secret of the server\n") || !strings.Contains(text, "observe_test.go") {
		t.Errorf("error of the line = %q, want the cause and where it was", text)
	}
	s.get(account{}, "/livez").is(200)
}

// TestStoreFailure holds that an error of the server's own is logged and not told.
func TestStoreFailure(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s := start(t, func(o *options) { o.log = log })
	h := s.newHook(nil)
	must(t, s.store.Close())
	a := h.post(doc{"text": "x"}).says(500, `{"success":false,"error":"Internal server error"}`)
	lines := log.lines(t, "request failed")
	if len(lines) != 1 || lines[0]["request_id"] != a.header.Get("X-Request-Id") || lines[0]["error"] == nil {
		t.Errorf("logged %v, want one line with the error", lines)
	}
}

// TestSecretsStaySecret runs through what is done with secrets and looks for them in the log.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s := start(t, func(o *options) { o.log, o.policy = log, integrations.PolicyRocketChat })
	secrets := map[string]string{
		"the administrator's password": adminPassword,
		"a session's token":            s.admin.token,
		"a wrong password":             "wrong-password-1",
		"a new user's password":        "new-password-1",
		"an outgoing token":            "outgoing-token-1",
		"a password in a URL":          "url-password-1",
		"a part of a URL's path":       "url-path-1",
		"a part of a URL's query":      "url-query-1",
		"a body":                       "body-text-1",
		"a script's password":          "script-password-1",
		"a wrong hook token":           "wrong-token-1",
		"a key in a header":            "header-key-1",
	}
	s.logIn("", doc{"user": "admin", "password": "wrong-password-1"}).is(401)
	secrets["a login's token"] = s.logIn("", doc{"user": "admin", "password": adminPassword}).is(200).text("data", "authToken")
	s.post(s.admin, "/api/v1/users.create", newUser("new", doc{"password": "new-password-1"})).is(200)
	s.post(s.admin, "/api/v1/users.create", newUser("new", doc{"password": "new-password-1"})).is(400)
	s.get(account{id: s.admin.id, token: "wrong-token-1"}, mePath).is(401)

	h := s.newScript(incoming(`if (request.content.fail) { throw new Error('body-text-1 ' + request.url_params.token); } return { content: request.content };`))
	secrets["a hook's token"] = h.token
	h.post(doc{"text": "body-text-1"}).is(200)
	h.post(doc{"text": "body-text-1", "fail": true}).is(400)
	h.send("text/plain", "body-text-1").is(200)
	h.post(doc{"text": "x", "channel": "body-text-1"}).is(400)
	s.post(account{}, "/hooks/"+h.id+"/wrong-token-1", doc{}).is(500)
	s.post(account{}, "/hooks/"+h.id+"/x/y/"+h.token, doc{}).is(404)
	s.do(request{method: "POST", path: h.path() + "?key=url-query-1", body: "{}", header: map[string]string{"Authorization": "header-key-1"}})

	busy := newReceiver(t, told(503, `{"text":"body-text-1"}`))
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	inURL := func(url string) string {
		return strings.Replace(url, "http://", "http://user:url-password-1@", 1) + "/url-path-1?key=url-query-1"
	}
	for _, change := range []doc{
		{"urls": []any{inURL(busy.url)}},
		{"urls": []any{inURL(closed.URL)}},
		{"urls": []any{"https://permitted.example"}}, // until it is pointed elsewhere
		{"urls": []any{"http://url-path-1:url-password-1/"}},
		{"urls": []any{inURL(busy.url)}, "scriptEnabled": true, "script": outgoingScript(`request.auth = 'user:script-password-1'; return request;`, "")},
		{"urls": []any{inURL(busy.url)}, "scriptEnabled": true, "script": outgoingScript(`throw new Error(request.url + request.data.token);`, "")},
	} {
		id := s.listener("", changed(doc{"token": "outgoing-token-1"}, change))
		if change["urls"].([]any)[0] == "https://permitted.example" {
			s.post(s.admin, createPath, newOutgoing(doc{"urls": []any{inURL("http://10.255.255.1")}})).is(400)
			s.point(id, inURL("http://10.255.255.1"))
		}
		s.say(s.admin, "#general", "body-text-1")
		h := s.delivered(id)
		if text, _ := h["httpError"].(string); strings.Contains(text, "url-p") || strings.Contains(text, "url-q") {
			t.Errorf("httpError tells a secret: %s", text)
		}
		s.post(s.admin, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
	}
	for _, line := range log.lines(t, "delivery attempted") {
		for _, name := range []string{"delivery_id", "integration_id", "attempt", "status", "step", "state", "duration_ms"} {
			if _, ok := line[name]; !ok {
				t.Errorf("line of a delivery has no %s: %v", name, line)
			}
		}
	}
	if got := len(log.lines(t, "delivery attempted")); got != 6 {
		t.Errorf("%d attempts were logged, want 6", got)
	}
	for what, secret := range secrets {
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, secret) {
				t.Errorf("the log tells %s: %s", what, line)
			}
		}
	}
}
