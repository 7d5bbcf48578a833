package outbound

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAuthoritiesVouch(t *testing.T) {
	srv := serveTLS(t)
	known := authoritiesOf(t, srv)
	tests := []struct {
		name   string
		server Authorities
		call   string
		want   bool
	}{
		{"the system's alone", Authorities{}, "", false},
		{"the server's", known, "", true},
		{"the call's", Authorities{}, string(known.pem), true},
		{"both", known, string(known.pem), true},
	}
	for _, tt := range tests {
		c := newClient(t, "127.0.0.1", Config{Authorities: tt.server})
		_, err := c.Do(t.Context(), Request{URL: srv.URL, Authorities: tt.call})
		if _, refused := errors.AsType[*tls.CertificateVerificationError](err); (err == nil) != tt.want || refused == tt.want {
			t.Errorf("%s: %v, want an answer: %v", tt.name, err, tt.want)
		}
	}
}

// TestTrustIsOfTheCall has calls with different trust to one receiver, so that none may use the
// connection that another left open.
func TestTrustIsOfTheCall(t *testing.T) {
	srv := serveTLS(t)
	vouched := string(authoritiesOf(t, srv).pem)
	c := newClient(t, "127.0.0.1", Config{})
	for range 2 {
		if _, err := c.Do(t.Context(), Request{URL: srv.URL, Authorities: vouched}); err != nil {
			t.Error(err)
		}
		if _, err := c.Do(t.Context(), Request{URL: srv.URL, InsecureTLS: true, Authorities: "unread"}); err != nil {
			t.Error(err)
		}
		if _, err := c.Do(t.Context(), Request{URL: srv.URL}); err == nil {
			t.Error("a call trusts what only another was told to trust")
		}
		if _, err := c.Do(t.Context(), Request{URL: srv.URL, Authorities: "no certificate"}); !errors.Is(err, ErrInvalidAuthority) {
			t.Errorf("got %v, want ErrInvalidAuthority", err)
		}
	}
}

// TestAuthoritiesInUseAreBounded holds that the connections of ever new authorities are let go.
func TestAuthoritiesInUseAreBounded(t *testing.T) {
	srv := serveTLS(t)
	vouched := string(authoritiesOf(t, srv).pem)
	c := newClient(t, "127.0.0.1", Config{})
	for n := range 2 * mostAuthorities {
		if _, err := c.Do(t.Context(), Request{URL: srv.URL, Authorities: fmt.Sprint(n, "\n", vouched)}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(t.Context(), Request{URL: srv.URL, Authorities: vouched}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(c.transports.open); n > mostAuthorities {
		t.Errorf("%d sets of authorities have connections, want %d at most", n, mostAuthorities)
	}
	if c.transports.open[trust{authorities: vouched}] == nil {
		t.Error("the one in use was let go")
	}
}

func TestParseAuthorities(t *testing.T) {
	if _, err := ParseAuthorities([]byte("nothing")); err == nil {
		t.Error("a text without a certificate was taken")
	}
}

func serveTLS(t *testing.T) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	srv.Config.ErrorLog = silent()
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

// authoritiesOf trusts the server's own certificate, which vouches for itself.
func authoritiesOf(t *testing.T, srv *httptest.Server) Authorities {
	t.Helper()
	a, err := ParseAuthorities(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}))
	if err != nil {
		t.Fatal(err)
	}
	return a
}
