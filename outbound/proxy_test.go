package outbound

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

func TestParseProxy(t *testing.T) {
	for _, address := range []string{"proxy.example:3128", "socks5://proxy.example", "http://", "http://proxy.example/path", "http://proxy.example?a=b", "http://user:" + secret + "@proxy.example:x"} {
		_, err := ParseProxy(address, "")
		mustNotLeak(t, err)
	}
	for _, address := range []string{"", " ", "http://proxy.example:3128", "https://user:pass@proxy.example/"} {
		if _, err := ParseProxy(address, ""); err != nil {
			t.Errorf("ParseProxy(%q) = %v", address, err)
		}
	}
}

func TestProxyLeadsTo(t *testing.T) {
	p, err := ParseProxy("http://proxy.example:3128", "inside.example,.lan,10.1.0.0/16")
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]bool{
		"http://a.example/x": true, "https://a.example": true, "http://8.8.8.8": true,
		"http://inside.example": false, "https://sub.inside.example": false, "http://a.lan:8080": false,
		"http://10.1.2.3": false, "http://10.2.2.3": true, "http://127.0.0.1": false, "http://localhost:80": false,
	} {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.leadsTo(u); got != want {
			t.Errorf("leadsTo(%s) = %v, want %v", target, got, want)
		}
		if (Proxy{}).leadsTo(u) {
			t.Errorf("without a proxy, %s leads to it", target)
		}
	}
}

// TestCallsThroughAProxy has a proxy that takes every call to one receiver, whatever its name.
func TestCallsThroughAProxy(t *testing.T) {
	var seen atomic.Value
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.Header.Clone())
		_, _ = io.WriteString(w, r.Host)
	})
	plain, secure := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer plain.Close()
	defer secure.Close()
	p := newProxy(t, secure.Listener.Addr().String())
	c := proxied(t, p.url, "", Config{Authorities: authoritiesOf(t, secure)})

	resp, err := c.Do(t.Context(), Request{URL: "https://example.com/" + secret})
	if err != nil || string(resp.Body) != "example.com" {
		t.Fatalf("Do = %v, %v, want example.com's answer", resp, err)
	}
	if got := p.asked.Load(); got != "CONNECT example.com:443 Basic dTpw" {
		t.Errorf("the proxy was asked %q", got)
	}
	if got := seen.Load().(http.Header).Get("Proxy-Authorization"); got != "" {
		t.Errorf("the receiver got the proxy's password: %q", got)
	}
	p.target = plain.Listener.Addr().String()
	resp, err = c.Do(t.Context(), Request{URL: "http://example.com/path"})
	if err != nil || string(resp.Body) != "example.com" {
		t.Fatalf("Do = %v, %v, want example.com's answer", resp, err)
	}
	if got := p.asked.Load(); got != "GET http://example.com/path Basic dTpw" {
		t.Errorf("the proxy was asked %q", got)
	}
}

// TestTargetsBehindAProxyAreJudged holds that the proxy never hears of a call that the rules refuse.
func TestTargetsBehindAProxyAreJudged(t *testing.T) {
	p := newProxy(t, "127.0.0.1:1")
	c := proxied(t, p.url, "permitted.test", Config{})
	for _, host := range []string{"10.0.0.5", "inside.test", "[::ffff:169.254.169.254]", "metadata.google.internal"} {
		for _, scheme := range []string{"http://", "https://"} {
			_, err := c.Do(t.Context(), Request{URL: withSecrets(scheme + host)})
			mustNotLeak(t, err)
			if _, ok := errors.AsType[*RefusedError](err); !ok {
				t.Errorf("%s%s: %v, want a refusal", scheme, host, err)
			}
		}
	}
	_, err := c.Do(t.Context(), Request{URL: "http://nowhere.test"})
	if dns, ok := errors.AsType[*net.DNSError](err); !ok || !dns.IsNotFound {
		t.Errorf("a name that does not resolve: %v", err)
	}
	if got := p.asked.Load(); got != nil {
		t.Errorf("the proxy was asked %q", got)
	}
	_, _ = c.Do(t.Context(), Request{URL: "https://permitted.test"}) // need not resolve here
	if got := p.asked.Load(); got != "CONNECT permitted.test:443 Basic dTpw" {
		t.Errorf("the proxy was asked %q", got)
	}
}

func TestProxyThatFails(t *testing.T) {
	p := newProxy(t, "")
	c := proxied(t, p.url, "", Config{})
	_, err := c.Do(t.Context(), Request{URL: withSecrets("https://example.com")})
	mustNotLeak(t, err)
	if e, ok := errors.AsType[*ProxyError](err); !ok || e.Status != http.StatusForbidden || !strings.Contains(err.Error(), "OUTGOING_PROXY") {
		t.Errorf("a proxy that says no: %v", err)
	}
	p.server.Close()
	for _, scheme := range []string{"http", "https"} {
		_, err = c.Do(t.Context(), Request{URL: withSecrets(scheme + "://example.com")})
		mustNotLeak(t, err)
		if !strings.Contains(err.Error(), "OUTGOING_PROXY") || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("a proxy that is gone: %v", err)
		}
	}
}

// proxied is a client whose name server knows two names, behind a proxy that wants a password.
func proxied(t *testing.T, proxy, allow string, cfg Config) *Client {
	t.Helper()
	var err error
	if cfg.Proxy, err = ParseProxy(strings.Replace(proxy, "://", "://u:p@", 1), ""); err != nil {
		t.Fatal(err)
	}
	known := map[string]string{"example.com.": "192.0.2.1", "inside.test.": "10.0.0.5"}
	cfg.Resolver = fakeResolver(t, func(name string) string { return known[name] })
	return newClient(t, allow, cfg)
}

// testProxy leads every call to one target. Where it has none, it says no.
type testProxy struct {
	server *httptest.Server
	url    string
	target string
	asked  atomic.Value // method, target and authorization
}

func newProxy(t *testing.T, target string) *testProxy {
	t.Helper()
	p := &testProxy{target: target}
	p.server = serve(t, p.serve)
	p.url = p.server.URL
	return p
}

func (p *testProxy) serve(w http.ResponseWriter, r *http.Request) {
	p.asked.Store(r.Method + " " + r.RequestURI + " " + r.Header.Get("Proxy-Authorization"))
	if p.target == "" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	there, err := net.Dial("tcp", p.target)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer there.Close()
	here, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	if r.Method == http.MethodConnect {
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	} else {
		r.Header.Del("Proxy-Authorization")
		r.Close = true
		_ = r.Write(there)
	}
	go func() { _, _ = io.Copy(there, here) }()
	_, _ = io.Copy(here, there)
}
