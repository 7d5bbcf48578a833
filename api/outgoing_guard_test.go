package api_test

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestRefusedURLs holds that a URL that would never be called is refused when an integration is made
// or gets it, with the setting named, and that nothing is stored then.
func TestRefusedURLs(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.allow = "10.1.0.0/16" })
	for url, want := range map[string]string{
		"http://127.0.0.1:8080/hook?token=x": "call refused: 127.0.0.1 is not a public address (loopback); the server's setting OUTGOING_ALLOW can permit it [error-url-not-permitted]",
		"http://localhost/hook":              `call refused: "localhost" is not a public host (loopback); the server's setting OUTGOING_ALLOW can permit it [error-url-not-permitted]`,
		"https://[::ffff:192.168.7.7]":       `call refused: "::ffff:192.168.7.7" is at 192.168.7.7, not a public address (private); the server's setting OUTGOING_ALLOW can permit it [error-url-not-permitted]`,
	} {
		s.post(s.admin, createPath, newOutgoing(doc{"urls": []any{"https://a.example", url}})).fails(400, want, "error-url-not-permitted")
	}
	if all, _ := s.get(s.admin, listPath).is(200).at("items").([]any); len(all) != 0 {
		t.Errorf("a refused integration was stored: %v", all)
	}

	// A name that does not resolve may do so later; what is permitted is permitted.
	open := []any{"https://does-not-resolve.example/hook", "http://10.1.2.3/hook"}
	made := s.made(s.admin, newOutgoing(doc{"urls": open}))
	update := changed(newOutgoing(nil), doc{"integrationId": made["_id"], "token": "t"})
	if got := s.update(s.admin, changed(update, doc{"urls": []any{"http://10.2.0.1"}})).is(400).text("errorType"); got != "error-url-not-permitted" {
		t.Errorf("an update is refused by %s", got)
	}
	if got := s.stored(made["_id"].(string))["urls"].([]any); !slices.Equal(got, open) {
		t.Errorf("urls = %v after a refused update, want %v", got, open)
	}
}

// TestURLsOfBeforeStay has an integration of a time when its URL was permitted: it can be changed
// otherwise, is not called, and says so.
func TestURLsOfBeforeStay(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.allow = "" })
	r := newReceiver(t)
	id := s.listener("https://a.example", doc{"retryFailedCalls": true})
	s.point(id, r.url)
	s.say(s.admin, "#general", "x")
	want := doc{
		"httpError": "call refused: 127.0.0.1 is not a public address (loopback); the server's setting OUTGOING_ALLOW can permit it",
		"step":      "failed-and-not-configured-to-retry", "finished": true, "httpResult": nil,
	}
	if d := differ(s.delivered(id), want); d != "" {
		t.Errorf("history (-want +got):\n%s", d)
	}
	s.update(s.admin, changed(newOutgoing(nil), doc{"integrationId": id, "token": "t", "urls": []any{r.url}, "enabled": false})).is(200)

	named := s.listener("https://a.example", doc{})
	s.point(named, strings.Replace(r.url, "127.0.0.1", "localhost", 1))
	s.say(s.admin, "#general", "x")
	if got, _ := s.delivered(named)["httpError"].(string); !strings.Contains(got, "OUTGOING_ALLOW") {
		t.Errorf("httpError for localhost = %q, want the setting named", got)
	}
	r.quiet()
}

// point gives an integration another URL behind the API's back.
func (s *server) point(id, url string) {
	s.t.Helper()
	i, err := s.store.Integration(s.t.Context(), id)
	must(s.t, err)
	i.URLs = []string{url}
	must(s.t, s.store.SaveIntegration(s.t.Context(), i))
	s.index.Put(i)
}

// TestTLSOfOneIntegration holds that whom to trust is asked of each integration.
func TestTLSOfOneIntegration(t *testing.T) {
	t.Parallel()
	s := start(t)
	called := make(chan string, 10)
	receiver := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called <- r.URL.Path
		_, _ = io.WriteString(w, `{}`)
	}))
	receiver.Config.ErrorLog = log.New(io.Discard, "", 0)
	receiver.StartTLS()
	t.Cleanup(receiver.Close)
	vouched := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: receiver.Certificate().Raw}))
	ids := map[string]string{}
	for path, tls := range map[string]doc{"/insecure": {"insecure": true}, "/vouched": {"ca": vouched}, "/strict": {}} {
		ids[path] = s.listener(receiver.URL+path, doc{})
		s.setOptions(s.admin, ids[path], doc{"tls": tls}).is(200)
	}
	s.say(s.admin, "#general", "x")
	for path, id := range ids {
		problem, _ := s.delivered(id)["httpError"].(string)
		if (problem != "") != (path == "/strict") || path == "/strict" && !strings.Contains(problem, "certificate") {
			t.Errorf("%s: httpError = %q", path, problem)
		}
	}
	if got := []string{<-called, <-called}; !slices.Contains(got, "/insecure") || !slices.Contains(got, "/vouched") || len(called) > 0 {
		t.Errorf("called were %v and %d more", got, len(called))
	}
}

// TestRedirectedDeliveries holds what a receiver at another host gets to see of a call.
func TestRedirectedDeliveries(t *testing.T) {
	t.Parallel()
	s := start(t)
	away := newReceiver(t)
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, away.url+"/away", http.StatusPermanentRedirect)
	}))
	t.Cleanup(home.Close)
	s.listener(home.URL, doc{"token": "the token", "scriptEnabled": true, "script": `class Script {
		prepare_outgoing_request({ request }) {
			request.auth = "user:the password";
			request.headers["X-Api-Key"] = "the key";
			return request;
		}
	}`})
	s.say(s.admin, "#general", "the text")
	got := away.next()
	if got.method != http.MethodPost || got.path != "/away" || !strings.Contains(got.body, `"text":"the text"`) {
		t.Errorf("the other host got %s %s %s", got.method, got.path, got.body)
	}
	if got.header.Get("Webhook-Id") == "" || got.header.Get("Webhook-Signature") != "" {
		t.Errorf("the other host got the id %q and the signature %q, want the id alone", got.header.Get("Webhook-Id"), got.header.Get("Webhook-Signature"))
	}
	if all := got.body + strings.Join(slices.Concat(got.header["Authorization"], got.header["X-Api-Key"]), " "); all != got.body || strings.Contains(all, "the token") {
		t.Errorf("the other host got secrets: %s, %v", got.body, got.header)
	}
}
