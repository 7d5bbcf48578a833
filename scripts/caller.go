package scripts

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// Caller makes calls to the outside; *outbound.Client does.
type Caller interface {
	Do(ctx context.Context, r outbound.Request) (*outbound.Response, error)
}

// So many calls of one run are open at once; more wait for one of them to end. A call is open until
// the worker has its answer, so that a script which never reads makes the server hold no more.
const openAtOnce = 4

// outings are the calls out of one run.
type outings struct {
	ctx  context.Context //nolint:containedctx // it ends with the run
	end  context.CancelFunc
	made int64
	open chan struct{}
}

func newOutings() *outings {
	o := &outings{open: make(chan struct{}, openAtOnce)}
	o.ctx, o.end = context.WithCancel(context.Background())
	return o
}

// cancel ends the calls that are open.
func (o *outings) cancel() {
	if o != nil {
		o.end()
	}
}

// enter waits until one more call may be open, and says whether the run still goes on then.
func (o *outings) enter() bool {
	select {
	case o.open <- struct{}{}:
		return true
	case <-o.ctx.Done():
		return false
	}
}

// leave is for a call whose answer the worker has.
func (o *outings) leave() { <-o.open }

// ask makes a call out for a run. The answer is sent when it is there, if the run waits still. A worker
// holds its scripts to their number of calls, so one that asks for more is broken.
func (p *Pool) ask(s *seat, e *errand, f *wire.Frame) error {
	id, head, body := wire.ReadQuestion(f)
	if e.run.out == nil {
		e.run.out = newOutings()
	}
	out := e.run.out
	out.made++
	if out.made > p.config.Limits.MaxCalls {
		return errNonsense
	}
	p.counts.calls++
	asked := int64(len(head) + len(body))
	if !p.allowance.take(asked) {
		head, body, asked = nil, nil, 0 // which refuses it, in its turn
	}
	p.keeper.Go(func() {
		defer p.allowance.give(asked)
		if !out.enter() {
			return
		}
		l := letter{kind: wire.KindAnswer, answer: wire.Answer{ID: id}, asked: out}
		l.answer.Head, l.answer.Body = p.callOut(out.ctx, head, body, &l.held)
		p.mu.Lock()
		if !s.gone && s.first() == e {
			p.post(s, l)
		} else {
			p.allowance.give(l.held)
		}
		p.unlock()
	})
	return nil
}

// callOut makes the call and words what came of it. What the answer takes of the allowance is held from
// then on. Without a head, the question found no room.
func (p *Pool) callOut(ctx context.Context, head, body []byte, held *int64) (answer, content []byte) {
	if p.config.Caller == nil {
		return refusalHead("REFUSED", wire.NobodyCalls), nil
	}
	if head == nil {
		return refusalHead("EBUSY", "the server holds as much for calls of scripts as it may; try again later"), nil
	}
	var q wire.Question
	if err := json.Unmarshal(head, &q); err != nil {
		return refusalHead("ERR_INVALID_ARG_VALUE", "the call makes no sense"), nil
	}
	granted := p.allowance.grant(p.config.Limits.AnswerBody())
	r := requestOf(&q, body, p.config)
	r.MaxBody = granted
	resp, err := p.config.Caller.Do(ctx, r)
	if err == nil {
		*held = min(int64(len(resp.Body)), granted)
	}
	p.allowance.give(granted - *held)
	if err == nil && q.Redirect == "error" && resp.Status/100 == 3 {
		err = errRedirect
	}
	if err != nil {
		return refusalHead(codeOf(err), p.worded(err)), nil
	}
	answer, err = json.Marshal(headOf(resp))
	if err != nil {
		return refusalHead("ERR_INVALID_RESPONSE", "the answer makes no sense"), nil
	}
	return answer, resp.Body
}

var errRedirect = errors.New("the answer is a redirect, which the call does not permit")

// requestOf is the question in the client's terms. What a script adds may be a key: it does not follow
// a redirect to another host.
func requestOf(q *wire.Question, body []byte, c Config) outbound.Request {
	r := outbound.Request{
		Method: q.Method, URL: q.URL, Header: http.Header{}, Body: body,
		Timeout: time.Duration(q.Timeout) * time.Millisecond, InsecureTLS: c.InsecureTLS != nil && c.InsecureTLS(),
		KeepRedirect: q.Redirect == "manual" || q.Redirect == "error",
	}
	for name, value := range q.Headers {
		r.Header.Set(name, value)
		if key := http.CanonicalHeaderKey(name); key != "User-Agent" && key != "Accept" && !strings.HasPrefix(key, "Content-") {
			r.SecretHeaders = append(r.SecretHeaders, key)
		}
	}
	return r
}

func headOf(resp *outbound.Response) wire.AnswerHead {
	head := wire.AnswerHead{
		Status: resp.Status, StatusText: http.StatusText(resp.Status), URL: resp.URL,
		Headers: make(map[string]string, len(resp.Header)),
	}
	for name, values := range resp.Header {
		head.Headers[strings.ToLower(name)] = strings.ToValidUTF8(strings.Join(values, ", "), "\uFFFD")
	}
	return head
}

// worded is the client's own text, with the setting that an author can ask to have changed.
func (p *Pool) worded(err error) string {
	if e, ok := errors.AsType[*outbound.TooLargeError](err); ok && e.Limit == p.config.Limits.AnswerBody() {
		return fmt.Sprintf("the answer is larger than %s, a sixteenth of SCRIPT_MEMORY", wire.SizeText(e.Limit))
	} else if ok && e.Limit < p.config.Limits.AnswerBody() {
		return fmt.Sprintf("the answer is larger than %s, all that is free just now for answers to scripts", wire.SizeText(e.Limit>>10<<10))
	}
	return strings.ToValidUTF8(err.Error(), "\uFFFD")
}

// codeOf is how scripts tell what went wrong, in Node's terms where there are any.
func codeOf(err error) string {
	for _, known := range []struct {
		is   error
		code string
	}{
		{context.DeadlineExceeded, "ETIMEDOUT"},
		{context.Canceled, "ABORTED"},
		{syscall.ECONNREFUSED, "ECONNREFUSED"},
		{syscall.ECONNRESET, "ECONNRESET"},
		{syscall.EHOSTUNREACH, "EHOSTUNREACH"},
		{syscall.ENETUNREACH, "ENETUNREACH"},
		{io.EOF, "ECONNRESET"},
		{io.ErrUnexpectedEOF, "ECONNRESET"},
		{outbound.ErrInvalidURL, "ERR_INVALID_URL"},
		{outbound.ErrInvalidMethod, "ERR_INVALID_ARG_VALUE"},
		{outbound.ErrInvalidHeader, "ERR_INVALID_ARG_VALUE"},
		{outbound.ErrTooManyRedirects, "ERR_FR_TOO_MANY_REDIRECTS"},
	} {
		if errors.Is(err, known.is) {
			return known.code
		}
	}
	return codeOfType(err)
}

func codeOfType(err error) string {
	if _, ok := errors.AsType[*outbound.RefusedError](err); ok {
		return "REFUSED"
	}
	if _, ok := errors.AsType[*outbound.TooLargeError](err); ok {
		return "ETOOLARGE"
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok && e.IsNotFound {
		return "ENOTFOUND"
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "EAI_AGAIN"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "ERR_TLS_CERT"
	}
	return "EFAILED"
}

func refusalHead(code, message string) []byte {
	head, err := json.Marshal(wire.AnswerHead{Error: &wire.CallError{Name: "TypeError", Code: code, Message: message}})
	if err != nil { // the message is valid text
		return []byte(`{"error":{"name":"TypeError","code":"EFAILED","message":"the call failed"}}`)
	}
	return head
}
