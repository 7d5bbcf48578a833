package outbound

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestRedirectMethodAndBody(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var status int
		if n, _ := fmt.Sscanf(r.URL.Path, "/from/%d", &status); n == 1 {
			w.Header().Set("Location", "/to")
			w.WriteHeader(status)
			return
		}
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", fmt.Sprintf("%s [%s] [%s]", r.Method, body, r.Header.Get("Content-Type")))
	})
	c := newClient(t, "127.0.0.1", Config{})
	tests := []struct {
		status int
		method string
		want   string
	}{
		{301, "POST", "GET [] []"},
		{302, "PUT", "GET [] []"},
		{303, "POST", "GET [] []"},
		{303, "HEAD", "HEAD [] []"},
		{307, "POST", "POST [hello] [text/plain]"},
		{308, "DELETE", "DELETE [hello] [text/plain]"},
	}
	for _, tt := range tests {
		resp, err := c.Do(t.Context(), Request{
			Method: tt.method,
			URL:    fmt.Sprintf("%s/from/%d", srv.URL, tt.status),
			Header: http.Header{"Content-Type": {"text/plain"}},
			Body:   []byte("hello"),
		})
		if err != nil {
			t.Errorf("%s, %d: %v", tt.method, tt.status, err)
			continue
		}
		if got := resp.Header.Get("X-Seen"); resp.Status != 200 || got != tt.want {
			t.Errorf("%s, %d: the target saw %q, want %q", tt.method, tt.status, got, tt.want)
		}
		if want := srv.URL + "/to"; resp.URL != want {
			t.Errorf("%s, %d: %q answered, want %q", tt.method, tt.status, resp.URL, want)
		}
	}
}

func TestRedirectIsAnAnswerWhereItIsKept(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/to", http.StatusFound) })
	resp, err := newClient(t, "127.0.0.1", Config{}).Do(t.Context(), Request{URL: srv.URL + "/from", KeepRedirect: true})
	if err != nil || resp.Status != http.StatusFound || resp.Header.Get("Location") != "/to" || resp.URL != srv.URL+"/from" {
		t.Errorf("Do = %+v, %v, want the redirect itself", resp, err)
	}
}

func TestRedirectWithoutLocationIsAnAnswer(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) })
	c := newClient(t, "127.0.0.1", Config{})
	if resp, err := c.Do(t.Context(), Request{URL: srv.URL}); err != nil || resp.Status != http.StatusFound {
		t.Errorf("got %v, %v", resp, err)
	}
}

func TestRedirectLimit(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/x" {
			return
		}
		http.Redirect(w, r, r.URL.Path[:len(r.URL.Path)-1], http.StatusFound)
	})
	c := newClient(t, "127.0.0.1", Config{})
	if _, err := c.Do(t.Context(), Request{URL: srv.URL + "/x" + strings.Repeat("x", 5)}); err != nil {
		t.Errorf("5 redirects: %v", err)
	}
	if _, err := c.Do(t.Context(), Request{URL: srv.URL + "/x" + strings.Repeat("x", 6)}); !errors.Is(err, ErrTooManyRedirects) {
		t.Errorf("6 redirects: %v", err)
	}
}

func TestRedirectToARefusedHost(t *testing.T) {
	var target string
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	c := newClient(t, "127.0.0.1", Config{})
	for _, host := range []string{"127.0.0.2", "10.0.0.5", "169.254.169.254", "[::1]", "[::ffff:127.0.0.3]"} {
		target = withSecrets("http://" + host)
		_, err := c.Do(t.Context(), Request{Method: "POST", URL: srv.URL, Body: []byte(secret)})
		mustNotLeak(t, err)
		if _, ok := errors.AsType[*RefusedError](err); !ok {
			t.Errorf("redirect to %s: %v, want a refusal", host, err)
		}
	}
}

func TestRedirectKeepsSecretsAtHome(t *testing.T) {
	seen := map[string]http.Header{}
	var far, farPort string
	handler := func(w http.ResponseWriter, r *http.Request) {
		seen[r.URL.Path] = r.Header
		switch r.URL.Path {
		case "/1":
			http.Redirect(w, r, "/2", http.StatusFound)
		case "/2":
			http.Redirect(w, r, far+"/3", http.StatusFound)
		case "/3":
			http.Redirect(w, r, "http://a.test:"+farPort+"/4", http.StatusFound) // dropped stays dropped
		}
	}
	home, away := serve(t, handler), serve(t, handler)
	homeURL, _ := url.Parse(home.URL)
	awayURL, _ := url.Parse(away.URL)
	for _, farHost := range []string{"a.test:" + awayURL.Port(), "b.test:" + homeURL.Port()} { // other port, other name
		far, farPort = "http://"+farHost, homeURL.Port()
		c := newClient(t, "127.0.0.1", Config{})
		c.dialer.Resolver = fakeResolver(t, func(string) string { return "127.0.0.1" })
		_, err := c.Do(t.Context(), Request{
			URL: "http://a.test:" + homeURL.Port() + "/1?token=" + secret,
			Header: http.Header{
				"authorization": {secret}, "Cookie": {secret}, "X-Token": {secret}, "X-Other": {"stays"},
			},
			SecretHeaders: []string{"x-token"},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/1", "/2"} {
			for _, name := range []string{"Authorization", "Cookie", "X-Token"} {
				if seen[path].Get(name) != secret {
					t.Errorf("%s lacks %s on its own host", path, name)
				}
			}
		}
		for _, path := range []string{"/3", "/4"} {
			if seen[path].Get("X-Other") != "stays" {
				t.Errorf("%s lost an open header", path)
			}
			for name, values := range seen[path] {
				if strings.Contains(strings.Join(values, " "), secret) {
					t.Errorf("redirected to %s: %s holds a secret", farHost+path, name)
				}
			}
		}
	}
}

func TestTrusts(t *testing.T) {
	tests := []struct {
		from, to string
		want     bool
	}{
		{"http://a.example/x", "http://A.example:80/y", true},
		{"http://a.example", "https://a.example", true},
		{"http://a.example:8080", "https://a.example", false},
		{"https://a.example", "http://a.example", false},
		{"https://a.example", "https://a.example:8443", false},
		{"https://a.example", "https://b.a.example", false},
		{"https://a.example", "https://a.example.evil.example", false},
	}
	for _, tt := range tests {
		from, _ := url.Parse(tt.from)
		to, _ := url.Parse(tt.to)
		if got := trusts(from, to); got != tt.want {
			t.Errorf("trusts(%s, %s) = %v, want %v", tt.from, tt.to, got, tt.want)
		}
	}
}

// TestRedirectLeavesSecretsOutOfTheBody has redirects that keep the body.
func TestRedirectLeavesSecretsOutOfTheBody(t *testing.T) {
	seen := map[string]string{}
	var away *httptest.Server
	handler := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen[r.URL.Path] = string(body)
		switch r.URL.Path {
		case "/first":
			http.Redirect(w, r, "/home", http.StatusTemporaryRedirect)
		case "/home":
			http.Redirect(w, r, away.URL+"/away", http.StatusPermanentRedirect)
		}
	}
	home := serve(t, handler)
	away = serve(t, handler)
	_, err := newClient(t, "127.0.0.1", Config{}).Do(t.Context(), Request{
		Method: http.MethodPost, URL: home.URL + "/first", Body: []byte("text and " + secret),
		WithoutSecrets: func(body []byte) []byte { return bytes.ReplaceAll(body, []byte(secret), []byte("nothing")) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/first": "text and " + secret, "/home": "text and " + secret, "/away": "text and nothing"} {
		if seen[path] != want {
			t.Errorf("%s got %q, want %q", path, seen[path], want)
		}
	}
}
