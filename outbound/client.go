// Package outbound is the guarded HTTP client that everything leaving the server uses: address
// rules, redirects, limits, proxy, TLS.
//
// Authors of integrations choose the URLs and outsiders own the answers, so a call may neither
// reach the network behind the server nor keep it busy. Every address is judged after its name
// was resolved, at the moment of the connection, which leaves nothing for a name that changes
// its mind; the operator opens private addresses with OUTGOING_ALLOW. An error of this package
// never holds a URL's path, query or password, so it may be shown and logged.
package outbound

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

const (
	defaultTimeout    = 20 * time.Second
	defaultMaxTimeout = time.Minute
	defaultMaxBody    = 10 << 20
	maxHeader         = 64 << 10
	maxRedirects      = 5
	// A connection attempt may outlive the call that began it; this ends it.
	connectTimeout = 10 * time.Second
)

// Config holds what an operator decides about outgoing calls. Its zero value is ready to use and
// permits public addresses only.
type Config struct {
	Allow       Allow         // private addresses and hosts that may be called (OUTGOING_ALLOW)
	Proxy       Proxy         // the way out (OUTGOING_PROXY); the zero value is none
	Authorities Authorities   // that may vouch for receivers beside the system's (OUTGOING_CA_FILE)
	Timeout     time.Duration // of a call that asks for none, redirects and body included; 20 s unless set
	MaxTimeout  time.Duration // that a call may ask for; 1 min unless set
	MaxBody     int64         // bytes of an answer's body, decompressed; 10 MB unless set
	Resolver    *net.Resolver // nil: the system's
}

// Client makes calls under the rules of its Config. It may be used by many goroutines at once.
type Client struct {
	allow      Allow
	proxy      Proxy
	timeout    time.Duration
	maxTimeout time.Duration
	maxBody    int64

	dialer     net.Dialer
	transports *transports
}

// Request is one call to make. Redirects are part of it: the answer is the last one.
type Request struct {
	Method string // GET unless set, in any case
	URL    string // http or https; a user and password in it become Basic authorization
	Header http.Header
	// SecretHeaders names headers that, like Authorization and Cookie, a redirect must not carry
	// to another host.
	SecretHeaders []string
	Body          []byte
	// WithoutSecrets makes of the body what a redirect that keeps it may carry to another host; nil:
	// it holds no secrets.
	WithoutSecrets func(body []byte) []byte
	Timeout        time.Duration // zero for the client's own; bounded by the client's longest
	InsecureTLS    bool          // accepts any certificate, also self-signed and expired ones
	Authorities    string        // PEM: may vouch for the receiver beside those that the client knows
	MaxBody        int64         // of the answer; zero for the client's own, which it can't exceed
	KeepRedirect   bool          // a redirect is the answer, and not followed
}

// Response is an answer that arrived whole.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	URL    string // that answered, after redirects
}

// New makes a Client. It asks the proxy of its Config or none, whatever the environment says.
func New(cfg Config) *Client {
	c := &Client{
		allow:      cfg.Allow,
		proxy:      cfg.Proxy,
		timeout:    cfg.Timeout,
		maxTimeout: cfg.MaxTimeout,
		maxBody:    cfg.MaxBody,
		dialer:     net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second, Resolver: cfg.Resolver},
	}
	c.timeout = positive(c.timeout, defaultTimeout)
	c.maxTimeout = positive(c.maxTimeout, max(defaultMaxTimeout, c.timeout))
	c.maxBody = positive(c.maxBody, defaultMaxBody)
	c.transports = newTransports(c, cfg.Authorities)
	return c
}

func positive[T cmp.Ordered](value, otherwise T) T {
	var zero T
	if value > zero {
		return value
	}
	return otherwise
}

// Do makes the call and reads the answer whole. Any status is an answer; an error means that
// there is none: a *RefusedError, *TimeoutError or *TooLargeError, one of the Err values of this
// package, the cause that ended ctx, or what the network said.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	limit := c.limitOf(r)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, &TimeoutError{Limit: limit})
	defer cancel()

	h, err := firstHop(r)
	if err != nil {
		return nil, err
	}
	for range maxRedirects + 1 {
		resp, err := c.send(ctx, h, r) //nolint:bodyclose // read and discard close it
		if err != nil {
			return nil, err
		}
		if r.KeepRedirect || !redirects(resp) {
			return c.read(ctx, resp, c.maxBodyOf(r))
		}
		discard(resp.Body)
		if h, err = h.follow(resp, r); err != nil {
			return nil, err
		}
	}
	return nil, ErrTooManyRedirects
}

// Close ends the connections that wait for a next call.
func (c *Client) Close() { c.transports.close() }

// send makes one hop's request. The caller closes the answer's body.
func (c *Client) send(ctx context.Context, h *hop, r Request) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, h.method, h.url.String(), bytes.NewReader(h.body))
	if err != nil {
		return nil, ErrInvalidURL // firstHop has seen to the method
	}
	req.Header = h.header
	proxied := c.proxy.leadsTo(h.url)
	if proxied {
		if err := c.checkBehindProxy(ctx, h.url.Hostname()); err != nil {
			return nil, explain(ctx, err)
		}
	}
	transport, err := c.transports.of(r, proxied)
	if err != nil {
		return nil, err
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, explain(ctx, err)
	}
	return resp, nil
}

func (c *Client) limitOf(r Request) time.Duration {
	return min(positive(r.Timeout, c.timeout), c.maxTimeout)
}

func (c *Client) maxBodyOf(r Request) int64 {
	if r.MaxBody > 0 {
		return min(c.maxBody, r.MaxBody)
	}
	return c.maxBody
}

// read takes in the answer up to the limit and closes it.
func (c *Client) read(ctx context.Context, resp *http.Response, maxBody int64) (*Response, error) {
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusSwitchingProtocols { // what follows is no body, and no time limit ends it
		return &Response{Status: resp.StatusCode, Header: resp.Header, URL: resp.Request.URL.String()}, nil
	}
	if resp.ContentLength > maxBody && resp.Request.Method != http.MethodHead {
		return nil, &TooLargeError{Part: "body", Limit: maxBody}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, explain(ctx, err)
	}
	if int64(len(body)) > maxBody {
		return nil, &TooLargeError{Part: "body", Limit: maxBody}
	}
	return &Response{Status: resp.StatusCode, Header: resp.Header, Body: body, URL: resp.Request.URL.String()}, nil
}

// discard reads a short rest, so that the connection can be used again, and closes.
func discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, 2<<10)
	_ = body.Close()
}
