package integrations

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// userAgent is what receivers have always seen from upstream.
const userAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2227.0 Safari/537.36"

// Request is a call to make.
type Request struct {
	URL     string
	Method  string
	Header  map[string]string
	Auth    string // user:password, or empty
	Body    []byte
	Timeout time.Duration // zero: the client's own
	// Document is the request as scripts see it; what a script added to it comes back to its
	// next method.
	Document []byte
}

// Prepared is what comes before a call.
type Prepared struct {
	Ran     bool     // a script ran
	Nothing bool     // the script answered nothing at all
	Request *Request // nil: no call is to be made
	Message []byte   // a message to post first, or nil
	Console []string // that the script printed
}

// outgoingRequest is the request that prepare_outgoing_request gets.
type outgoingRequest struct {
	Params  struct{}          `json:"params"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Data    jsontext.Value    `json:"data"`
	Headers map[string]string `json:"headers"`
}

// Prepare answers the call that a delivery makes: the plan's own, or what the script makes of it. The
// trace that the event belongs to goes with it, unless the script says another.
func (s *Service) Prepare(ctx context.Context, i Integration, d Delivery) (Prepared, error) {
	p, err := s.prepare(ctx, i, d)
	if r := p.Request; err == nil && r != nil && d.Plan.Trace != "" && !r.hasHeader(traceHeader) {
		if r.Header == nil {
			r.Header = map[string]string{}
		}
		r.Header[traceHeader] = d.Plan.Trace
	}
	return p, err
}

func (s *Service) prepare(ctx context.Context, i Integration, d Delivery) (Prepared, error) {
	plain := outgoingRequest{
		Method: "POST", URL: d.Plan.URL, Data: d.Plan.Data, Headers: map[string]string{"User-Agent": userAgent},
	}
	document, err := json.Marshal(plain)
	if err != nil {
		return Prepared{}, fmt.Errorf("write request: %w", err)
	}
	if !s.runs(i) {
		return readPrepared(document)
	}
	argument := append(append([]byte(`{"request":`), document...), '}')
	result, err := s.run(ctx, i, ScriptCall{Method: PrepareOutgoingRequest, Argument: argument})
	ran := Prepared{Ran: true, Console: result.Console}
	if err != nil {
		return ran, err
	}
	if result.Missing {
		p, err := readPrepared(document)
		p.Ran = true
		return p, err
	}
	if len(result.Value) > 0 {
		if _, err := schema.Decode(result.Value); err != nil {
			return ran, s.failed(ctx, i, PrepareOutgoingRequest, &ScriptError{
				Phase: PhaseRun, Message: "prepare_outgoing_request returned a document that is nested too deep", Console: result.Console,
			})
		}
	}
	p, err := readPrepared(result.Value)
	p.Ran, p.Console = true, result.Console
	return p, err
}

// readPrepared reads a request document. What a script leaves out, or writes as another type, is
// not there.
func readPrepared(document []byte) (Prepared, error) {
	if jsontext.Value(document).Kind() != '{' {
		return Prepared{Nothing: true}, nil
	}
	p := Prepared{Nothing: true}
	r := Request{Document: document}
	var data jsontext.Value
	err := workspace.EachMember(document, func(name string, value jsontext.Value) {
		p.Nothing = false
		switch name {
		case "url":
			r.URL = stringOf(value)
		case "method":
			r.Method = stringOf(value)
		case "auth":
			r.Auth = stringOf(value)
		case "data":
			data = value
		case "headers":
			r.Header = headersOf(value)
		case "timeout":
			var ms float64
			if json.Unmarshal(value, &ms) == nil && ms > 0 {
				r.Timeout = time.Duration(min(ms, 1e9) * float64(time.Millisecond))
			}
		case "message":
			if value.Kind() == '{' {
				p.Message = value
			}
		}
	})
	if err != nil {
		return Prepared{}, fmt.Errorf("read prepared request: %w", err)
	}
	if r.URL == "" || r.Method == "" {
		return p, nil
	}
	r.setBody(data)
	p.Request = &r
	return p, nil
}

// setBody sends a text as it is and other data as JSON.
func (r *Request) setBody(data jsontext.Value) {
	switch data.Kind() {
	case '"':
		r.Body = []byte(stringOf(data))
	case '{', '[':
		r.Body = data
		if r.Header == nil {
			r.Header = map[string]string{}
		}
		if !r.hasHeader("content-type") {
			r.Header["Content-Type"] = "application/json"
		}
	default:
	}
}

func (r *Request) hasHeader(name string) bool {
	for key := range r.Header {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}
