package outbound

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// secret stands in every place of a URL and a request where a token can be.
const secret = "s3cr3t"

// newClient makes a client that may call what the tests listen on, and ends its connections.
func newClient(t *testing.T, allow string, cfg Config) *Client {
	t.Helper()
	var err error
	if cfg.Allow, err = ParseAllow(allow); err != nil {
		t.Fatal(err)
	}
	c := New(cfg)
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv
}

// withSecrets puts the secret into each part of a URL that may hold one.
func withSecrets(base string) string {
	scheme, rest, _ := strings.Cut(base, "://")
	return scheme + "://user:" + secret + "@" + rest + "/" + secret + "?token=" + secret + "#" + secret
}

func mustNotLeak(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "user:") {
		t.Errorf("the error shows a secret: %v", err)
	}
}

func TestDo(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		w.Header().Set("X-Answer", "yes")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s %s %s %s %s:%s", r.Method, r.RequestURI, r.Header.Get("X-Asked"), body, user, password)
	})
	c := newClient(t, "127.0.0.1", Config{})
	resp, err := c.Do(t.Context(), Request{
		Method: "post",
		URL:    strings.Replace(srv.URL, "://", "://bob:pw@", 1) + "/a%2Fb?c=d#e",
		Header: http.Header{"X-Asked": {"this"}},
		Body:   []byte("hello"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "POST /a%2Fb?c=d this hello bob:pw"; string(resp.Body) != want {
		t.Errorf("the receiver saw %q, want %q", resp.Body, want)
	}
	if resp.Status != http.StatusTeapot || resp.Header.Get("X-Answer") != "yes" {
		t.Errorf("answer %d %v", resp.Status, resp.Header)
	}
}

func TestDoKeepsConnections(t *testing.T) {
	var opened int
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened++
		}
	}
	srv.Start()
	defer srv.Close()
	c := newClient(t, "127.0.0.1", Config{})
	for range 5 {
		if _, err := c.Do(t.Context(), Request{Method: http.MethodPost, URL: srv.URL, Body: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	srv.Close()
	if opened != 1 {
		t.Errorf("5 calls opened %d connections, want 1", opened)
	}
}

func TestDoRefusesBeforeConnecting(t *testing.T) {
	reached := false
	srv := serve(t, func(http.ResponseWriter, *http.Request) { reached = true })
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	c := newClient(t, "", Config{})
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"} {
		_, err := c.Do(t.Context(), Request{URL: withSecrets("http://" + host + ":" + port)})
		mustNotLeak(t, err)
		if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Host != strings.Trim(host, "[]") {
			t.Errorf("Do(%s) = %v, want a refusal", host, err)
		}
	}
	if reached {
		t.Error("a refused call arrived")
	}
}

func TestDoIgnoresProxyOfTheEnvironment(t *testing.T) {
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") })
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	srv := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := newClient(t, "127.0.0.1", Config{})
	if _, err := c.Do(t.Context(), Request{URL: srv.URL}); err != nil {
		t.Fatal(err)
	}
}

func TestDoVerifiesTLSUnlessAskedNotTo(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	srv.Config.ErrorLog = silent()
	srv.StartTLS()
	defer srv.Close()
	c := newClient(t, "127.0.0.1", Config{})

	_, err := c.Do(t.Context(), Request{URL: withSecrets(srv.URL)})
	mustNotLeak(t, err)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		t.Errorf("with verification: %v", err)
	}
	resp, err := c.Do(t.Context(), Request{URL: srv.URL, InsecureTLS: true})
	if err != nil || string(resp.Body) != "ok" {
		t.Errorf("without verification: %v, %v", resp, err)
	}
	if _, err = c.Do(t.Context(), Request{URL: srv.URL}); err == nil {
		t.Error("the unverified connection was used for a call that verifies")
	}
}

func TestDoLimitsBody(t *testing.T) {
	const limit = 1000
	body := strings.Repeat("x", limit+1)
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/exact":
			_, _ = io.WriteString(w, body[:limit])
		case "/declared":
			w.Header().Set("Content-Length", "1001")
			_, _ = io.WriteString(w, body)
		case "/chunked":
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, body)
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			gz := gzip.NewWriter(w)
			_, _ = gz.Write(bytes.Repeat([]byte("x"), 1<<20))
			_ = gz.Close()
		}
	})
	for name, tt := range map[string]struct{ client, call int64 }{
		"the client's": {limit, 0}, "the call's": {0, limit}, "the client's is less": {limit, 2 * limit}, "the call's is less": {2 * limit, limit},
	} {
		t.Run(name, func(t *testing.T) {
			limitsBody(t, newClient(t, "127.0.0.1", Config{MaxBody: tt.client}), srv.URL, tt.call)
		})
	}
}

func limitsBody(t *testing.T, c *Client, url string, most int64) {
	const limit = 1000
	if resp, err := c.Do(t.Context(), Request{URL: url + "/exact", MaxBody: most}); err != nil || len(resp.Body) != limit {
		t.Errorf("a body of the limit: %v", err)
	}
	for _, path := range []string{"/declared", "/chunked", "/bomb"} {
		_, err := c.Do(t.Context(), Request{URL: url + path, MaxBody: most})
		if e, ok := errors.AsType[*TooLargeError](err); !ok || e.Limit != limit || e.Part != "body" {
			t.Errorf("%s: %v, want a *TooLargeError", path, err)
		} else if !strings.Contains(e.Error(), "1000 bytes") {
			t.Errorf("%q does not name the limit", e)
		}
	}
	if resp, err := c.Do(t.Context(), Request{Method: http.MethodHead, URL: url + "/declared", MaxBody: most}); err != nil || resp.Status != 200 {
		t.Errorf("HEAD of a large body: %v", err)
	}
}

func TestDoLimitsHeader(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Long", strings.Repeat("x", maxHeader)) })
	c := newClient(t, "127.0.0.1", Config{})
	_, err := c.Do(t.Context(), Request{URL: srv.URL})
	if e, ok := errors.AsType[*TooLargeError](err); !ok || e.Part != "header" {
		t.Errorf("got %v, want a *TooLargeError", err)
	}
}

func TestDoTimeout(t *testing.T) {
	release := make(chan struct{})
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/body":
			_, _ = io.WriteString(w, "half")
			w.(http.Flusher).Flush()
		case "/redirect":
			http.Redirect(w, r, "/"+secret, http.StatusFound)
			return
		}
		<-release
	})
	defer close(release)
	const short, long = 50 * time.Millisecond, time.Minute
	tests := []struct {
		path                    string
		usual, longest, request time.Duration
	}{
		{"/" + secret, long, long, short},
		{"/" + secret, short, long, 0},
		{"/" + secret, short, short, long},
		{"/body", long, long, short},
		{"/redirect", long, long, short},
	}
	for _, tt := range tests {
		c := newClient(t, "127.0.0.1", Config{Timeout: tt.usual, MaxTimeout: tt.longest})
		_, err := c.Do(t.Context(), Request{URL: srv.URL + tt.path, Timeout: tt.request})
		mustNotLeak(t, err)
		if e, ok := errors.AsType[*TimeoutError](err); !ok || e.Limit != short {
			t.Errorf("%s, %v of %v and %v: %v, want a *TimeoutError", tt.path, tt.request, tt.usual, tt.longest, err)
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v is no context.DeadlineExceeded", err)
		}
	}
}

// TestSwitchingProtocolsEndsTheCall has a receiver that answers with a connection of another protocol,
// which nobody asked for, and keeps it open.
func TestSwitchingProtocolsEndsTheCall(t *testing.T) {
	left := make(chan error, 1)
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			left <- err
			return
		}
		defer conn.Close()
		_, _ = buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		_ = buffered.Flush()
		_, err = buffered.ReadByte() // until the caller closes it
		left <- err
	})
	c := newClient(t, "127.0.0.1", Config{Timeout: time.Minute})
	resp, err := c.Do(t.Context(), Request{URL: srv.URL})
	if err != nil || resp.Status != http.StatusSwitchingProtocols || len(resp.Body) != 0 {
		t.Errorf("Do = %+v, %v, want an answer of 101 without a body", resp, err)
	}
	if err := <-left; !errors.Is(err, io.EOF) {
		t.Errorf("the receiver sees %v, want that the connection is closed", err)
	}
}

func TestCallsMayAskForMoreTime(t *testing.T) {
	c := newClient(t, "", Config{Timeout: 20 * time.Second, MaxTimeout: time.Minute})
	for asked, want := range map[time.Duration]time.Duration{
		0: 20 * time.Second, time.Second: time.Second, 40 * time.Second: 40 * time.Second, time.Hour: time.Minute,
	} {
		if got := c.limitOf(Request{Timeout: asked}); got != want {
			t.Errorf("a call that asks for %v may take %v, want %v", asked, got, want)
		}
	}
}

func TestDoStopsWithItsContext(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	srv := serve(t, func(http.ResponseWriter, *http.Request) { close(arrived); <-release })
	defer close(release)
	ctx, cancel := context.WithCancelCause(t.Context())
	shutdown := errors.New("shutting down")
	go func() { <-arrived; cancel(shutdown) }()
	c := newClient(t, "127.0.0.1", Config{})
	if _, err := c.Do(ctx, Request{URL: withSecrets(srv.URL)}); !errors.Is(err, shutdown) {
		t.Errorf("got %v, want the context's cause", err)
	}
}

func TestDoRefusesWhatIsNoRequest(t *testing.T) {
	tests := []struct {
		name string
		r    Request
		want error
	}{
		{"no scheme", Request{URL: "a.example/" + secret}, ErrInvalidURL},
		{"empty", Request{}, ErrInvalidURL},
		{"file", Request{URL: "file:///etc/" + secret}, ErrInvalidURL},
		{"ftp", Request{URL: "ftp://user:" + secret + "@a.example"}, ErrInvalidURL},
		{"no host", Request{URL: "http:///" + secret}, ErrInvalidURL},
		{"only a port", Request{URL: "http://:80/" + secret}, ErrInvalidURL},
		{"password with a slash", Request{URL: "http://user:s/" + secret + "@a.example"}, ErrInvalidURL},
		{"bad escape", Request{URL: "http://a.example/%" + secret}, ErrInvalidURL},
		{"control character", Request{URL: "http://a.example/\n" + secret}, ErrInvalidURL},
		{"method", Request{URL: "http://a.example", Method: "GET /" + secret}, ErrInvalidMethod},
		{"tunnel", Request{URL: "http://a.example", Method: "connect"}, ErrInvalidMethod},
		{"header name", Request{URL: "http://a.example", Header: http.Header{"a b": {secret}}}, ErrInvalidHeader},
		{"header value", Request{URL: "http://a.example", Header: http.Header{"A": {secret + "\r\nB: c"}}}, ErrInvalidHeader},
	}
	c := newClient(t, "", Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.Do(t.Context(), tt.r)
			mustNotLeak(t, err)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// TestErrorsShowNoSecret has receivers that fail in every way, some of them by sending back what
// they were asked, which net/http would quote.
func TestErrorsShowNoSecret(t *testing.T) {
	tests := []struct {
		name   string
		scheme string
		answer string // what a raw receiver writes; %s is the request line
		is     error
	}{
		{"echo", "http", "%s\r\n\r\n", nil},
		{"echo in the status", "http", "HTTP/1.1 %s\r\n\r\n", nil},
		{"echo in a header", "http", "HTTP/1.1 200 OK\r\n%s\r\n\r\n", nil},
		{"echo as length", "http", "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n", nil},
		{"echo as encoding", "http", "HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n", nil},
		{"echo as chunk", "http", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n", nil},
		{"bad redirect", "http", "HTTP/1.1 302 Found\r\nLocation: http://%%zz/" + secret + "\r\nX: %s\r\n\r\n", ErrInvalidRedirect},
		{"redirect to a file", "http", "HTTP/1.1 302 Found\r\nLocation: file:///" + secret + "\r\nX: %s\r\n\r\n", ErrInvalidRedirect},
		{"short body", "http", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nX: %s\r\n\r\nx", io.ErrUnexpectedEOF},
		{"nothing", "http", "", io.EOF},
		{"no TLS", "https", "HTTP/1.1 400 Bad Request %s\r\n\r\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			addr := rawServer(t, tt.answer)
			c := newClient(t, "127.0.0.1", Config{})
			_, err := c.Do(t.Context(), Request{URL: withSecrets(tt.scheme + "://" + addr), Header: http.Header{"Authorization": {secret}}})
			mustNotLeak(t, err)
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v is no %v", err, tt.is)
			}
		})
	}
}

func TestDoConnectionRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c := newClient(t, "127.0.0.1", Config{})
	_, err = c.Do(t.Context(), Request{URL: withSecrets("http://" + l.Addr().String())})
	mustNotLeak(t, err)
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v", err)
	}
}

// rawServer answers each connection with the text, which may hold the first line it received.
func rawServer(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 4096)
			n, _ := conn.Read(buf)
			line, _, _ := strings.Cut(string(buf[:n]), "\r\n")
			if answer != "" {
				fmt.Fprintf(conn, answer, line)
			}
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}
