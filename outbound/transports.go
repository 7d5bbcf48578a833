package outbound

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// A receiver that closes an idle connection just as a POST goes out makes a call fail that
	// nothing was wrong with, and a POST can't be sent again unasked. Node.js, the commonest
	// receiver, closes after 5 s: we let go first.
	idleTimeout = 4 * time.Second
	// A receiver that many calls go to at once should find their connections again.
	idlePerHost = 256
	idleInAll   = 1024
	// So many sets of authorities that calls name have connections of their own.
	mostAuthorities = 64
)

// transports are the connections of a client. Calls share one only where they trust the same.
type transports struct {
	client      *Client
	authorities Authorities

	mu   sync.Mutex
	open map[trust]*http.Transport
	used []trust // those that name authorities, the one used longest ago first
}

// trust is whom a connection trusts, and who connects.
type trust struct {
	insecure    bool
	authorities string
	proxied     bool
}

func newTransports(c *Client, a Authorities) *transports {
	return &transports{client: c, authorities: a, open: map[trust]*http.Transport{}}
}

// of answers the transport for a call.
func (ts *transports) of(r Request, proxied bool) (*http.Transport, error) {
	t := trust{insecure: r.InsecureTLS, proxied: proxied}
	if !t.insecure {
		t.authorities = r.Authorities
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if found, ok := ts.open[t]; ok {
		ts.use(t)
		return found, nil
	}
	made, err := ts.transport(t)
	if err != nil {
		return nil, err
	}
	ts.open[t] = made
	ts.use(t)
	return made, nil
}

// use remembers when a set of authorities was used, and lets go of the one used longest ago where
// there are too many. Calls under way keep their connections.
func (ts *transports) use(t trust) {
	if t.authorities == "" {
		return
	}
	for i, u := range ts.used {
		if u == t {
			copy(ts.used[i:], ts.used[i+1:])
			ts.used[len(ts.used)-1] = t
			return
		}
	}
	ts.used = append(ts.used, t)
	if len(ts.used) > mostAuthorities {
		oldest := ts.used[0]
		ts.used = append([]trust(nil), ts.used[1:]...)
		ts.open[oldest].CloseIdleConnections()
		delete(ts.open, oldest)
	}
}

// transport speaks HTTP/1.1 only: every receiver does, and its errors and limits are the ones
// that this package knows.
func (ts *transports) transport(t trust) (*http.Transport, error) {
	roots, err := ts.authorities.pool(t.authorities)
	if err != nil {
		return nil, err
	}
	made := &http.Transport{
		DialContext: ts.client.dial,
		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			RootCAs:            roots,
			InsecureSkipVerify: t.insecure, //nolint:gosec // asked for call by call, for receivers with self-signed certificates
			ClientSessionCache: tls.NewLRUClientSessionCache(0),
		},
		TLSHandshakeTimeout:    connectTimeout,
		MaxIdleConns:           idleInAll,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeader,
		ExpectContinueTimeout:  time.Second,
	}
	if t.proxied { // the proxy is the operator's choice, so its own address is not judged
		made.DialContext = ts.client.dialer.DialContext
		made.Proxy = http.ProxyURL(ts.client.proxy.url)
		made.OnProxyConnectResponse = refuseConnect
	}
	return made, nil
}

func refuseConnect(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{Status: answer.StatusCode}
}

func (ts *transports) close() {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, t := range ts.open {
		t.CloseIdleConnections()
	}
}
