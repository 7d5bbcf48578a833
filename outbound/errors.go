package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Mistakes in a request or in a redirect. None says more: a URL that can't be parsed may still
// hold a password.
var (
	ErrInvalidURL       = errors.New("the URL is not a valid http or https address")
	ErrInvalidMethod    = errors.New("the HTTP method is not a valid one")
	ErrInvalidHeader    = errors.New("a header has a name or a value that HTTP does not permit")
	ErrInvalidRedirect  = errors.New("the answer redirects to something that is not a valid http or https address")
	ErrInvalidAuthority = errors.New("the certificates that may vouch for the receiver cannot be read")
	ErrTooManyRedirects = fmt.Errorf("more than %d redirects", maxRedirects)
)

// RefusedError says that the address rules forbid a call.
type RefusedError struct {
	Host    string // as the URL has it
	Address string // what it resolved to; empty when the name alone was reason enough
	Rule    string // loopback, private, link-local, metadata, …
}

// Error names the host, the rule, and the setting that lifts it.
func (e *RefusedError) Error() string {
	const remedy = "; the server's setting OUTGOING_ALLOW can permit it"
	switch e.Address {
	case "":
		return fmt.Sprintf("call refused: %q is not a public host (%s)%s", e.Host, e.Rule, remedy)
	case e.Host:
		return fmt.Sprintf("call refused: %s is not a public address (%s)%s", e.Host, e.Rule, remedy)
	default:
		return fmt.Sprintf("call refused: %q is at %s, not a public address (%s)%s", e.Host, e.Address, e.Rule, remedy)
	}
}

// TimeoutError says that the answer was not there, or not complete, in time.
type TimeoutError struct {
	Limit time.Duration
}

func (e *TimeoutError) Error() string { return fmt.Sprintf("no complete answer within %v", e.Limit) }

// Timeout makes it a timeout for those who ask as the net package does.
func (e *TimeoutError) Timeout() bool { return true }

// Unwrap makes it a context.DeadlineExceeded for those who ask for that.
func (e *TimeoutError) Unwrap() error { return context.DeadlineExceeded }

// TooLargeError says that a part of the answer exceeds its limit.
type TooLargeError struct {
	Part  string // header or body
	Limit int64  // in bytes
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the answer's %s is larger than %d bytes", e.Part, e.Limit)
}

// ProxyError says that the proxy would not connect to the receiver.
type ProxyError struct {
	Status int // that it answered
}

func (e *ProxyError) Error() string {
	return fmt.Sprintf("the server's proxy (OUTGOING_PROXY) answered %d in place of connecting", e.Status)
}

// wordedError has a text that may be shown, and keeps its cause for errors.Is and errors.As only.
type wordedError struct {
	text  string
	cause error
}

func (e *wordedError) Error() string { return e.text }
func (e *wordedError) Unwrap() error { return e.cause }

// explain turns what net/http says into what may be shown. Only texts known to hold no part of
// a URL pass as they are: a receiver can echo the request line, and net/http quotes the receiver.
func explain(ctx context.Context, err error) error {
	if e, ok := errors.AsType[*RefusedError](err); ok {
		return e
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if shown := explainProxy(err); shown != nil {
		return shown
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return explainDNS(e)
	}
	if e, ok := errors.AsType[*net.OpError](err); ok { // also TLS alerts from the other side
		return withoutSource(e)
	}
	if shown := explainTLS(err); shown != nil {
		return shown
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return &wordedError{"the connection could not be set up in time", err}
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &wordedError{"the connection was closed before the answer was complete", err}
	case strings.Contains(err.Error(), "response headers exceeded"): // net/http has no type for it
		return &TooLargeError{Part: "header", Limit: maxHeader}
	default:
		return &wordedError{"the answer is not valid HTTP", err}
	}
}

// explainProxy leaves out the proxy's address, which belongs to the server's own network, too. It
// gives nil for what is not about a proxy.
func explainProxy(err error) error {
	if e, ok := errors.AsType[*ProxyError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "proxyconnect" {
		return &wordedError{"the server's proxy (OUTGOING_PROXY) could not be reached", err}
	}
	return nil
}

// explainDNS leaves out the name server, which belongs to the server's own network.
func explainDNS(e *net.DNSError) error {
	if e.IsNotFound {
		return &wordedError{fmt.Sprintf("host %q was not found", e.Name), e}
	}
	return &wordedError{fmt.Sprintf("host %q could not be looked up", e.Name), e}
}

// withoutSource leaves out the server's own address, and once a connection stands, whom it is with:
// behind a proxy that is the proxy.
func withoutSource(e *net.OpError) error {
	shown := *e
	shown.Source = nil
	if shown.Op != "dial" {
		shown.Addr = nil
	}
	return &shown
}

// explainTLS gives nil for what is not about TLS.
func explainTLS(err error) error {
	if e, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return e
	}
	if e, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return &wordedError{"the receiver does not speak TLS on this port", e}
	}
	if strings.HasPrefix(err.Error(), "tls: ") { // the handshake; crypto/tls quotes nobody there
		return err
	}
	return nil
}
