package worker

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// request is the state of a Request.
type request struct {
	method, url, redirect string
	headers               *goja.Object
	signal                *abortSignal
	timeout               time.Duration
	body                  *body
}

func (r *realm) requestClass() goja.Value { return r.requests().constructor }

func (r *realm) requests() class { return r.classNamed("Request", r.newRequestClass) }

func (r *realm) newRequestClass() class {
	c := r.newClass("Request", 1, func(call goja.ConstructorCall) any {
		return r.newRequest(call.Argument(0), call.Argument(1))
	})
	of := func(this goja.Value) *request { return receiver[*request](c, this) }
	for name, text := range map[string]func(*request) string{
		"method":   func(q *request) string { return q.method },
		"url":      func(q *request) string { return q.url },
		"redirect": func(q *request) string { return q.redirect },
	} {
		c.getter(name, func(this goja.Value) goja.Value { return r.runtime.ToValue(text(of(this))) })
	}
	c.getter("headers", func(this goja.Value) goja.Value { return of(this).headers })
	c.getter("signal", func(this goja.Value) goja.Value {
		q := of(this)
		if q.signal == nil {
			q.signal = r.newAbortSignal()
		}
		return q.signal.object
	})
	c.method("clone", 0, func(call goja.FunctionCall) goja.Value {
		q := *of(call.This)
		q.body = r.copyOf(q.body, "Request")
		q.headers = r.headers().instance(r.headersOf(q.headers))
		return c.instance(&q)
	})
	r.bodyMethods(c, func(this goja.Value) *body { return of(this).body })
	return c
}

// newRequest reads what fetch is called with.
func (r *realm) newRequest(input, options goja.Value) *request {
	q := &request{method: "GET", redirect: "follow", body: &body{}}
	headers := &headerList{}
	if other, ok := held[*request](input); ok {
		*q = *other
		headers = r.headersOf(other.headers)
	} else {
		r.locate(q, headers, r.text(input))
	}
	if method := option(options, "method"); method != nil {
		q.method = r.methodName(method.String())
	}
	if given := option(options, "headers"); given != nil {
		headers = r.headersOf(given)
	}
	r.carry(q, headers, option(options, "body"))
	q.headers = r.headers().instance(headers)
	r.conditions(q, options)
	return q
}

// locate reads the URL. A name and password in it become a header, as node-fetch does it.
func (r *realm) locate(q *request, headers *headerList, text string) {
	u, err := urlParser.Parse(text)
	if err != nil {
		thrown := r.runtime.NewTypeError("Failed to parse URL from %s", language.Shorten(text, language.LongestMessage))
		cause := r.runtime.NewTypeError("Invalid URL")
		define(cause, "code", r.runtime.ToValue("ERR_INVALID_URL"))
		hide(thrown, "cause", cause)
		panic(thrown)
	}
	if u.Username() != "" || u.Password() != "" {
		headers.set("authorization", basic(percentDecoded(u.Username())+":"+percentDecoded(u.Password())))
		u.SetUsername("")
		u.SetPassword("")
	}
	q.url = u.Href(false)
}

// basic is the header of a name and password with a colon between.
func basic(auth string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(auth)) }

func percentDecoded(text string) string { return formText(strings.ReplaceAll(text, "+", "%2B")) }

// carry gives the request its body: the one of the options, or the one it has from another request.
func (r *realm) carry(q *request, headers *headerList, given goja.Value) {
	if given != nil {
		q.body = r.bodyOf(given)
	} else if q.body.present {
		if q.body.used {
			panic(r.runtime.NewTypeError("Cannot construct a Request with a Request object that has already been used."))
		}
		q.body = &body{bytes: r.take(q.body), contentType: q.body.contentType, present: true}
	}
	if q.body.present && (q.method == "GET" || q.method == "HEAD") {
		panic(r.runtime.NewTypeError("Request with GET/HEAD method cannot have body."))
	}
	q.body.typed(headers)
}

// conditions are how the call is to be made, and what ends it.
func (r *realm) conditions(q *request, options goja.Value) {
	if redirect := option(options, "redirect"); redirect != nil {
		q.redirect = redirect.String()
		if !slices.Contains([]string{"follow", "error", "manual"}, q.redirect) {
			panic(r.runtime.NewTypeError("Request: '%s' is no redirect mode: follow, error or manual", language.Shorten(q.redirect, language.LongestName)))
		}
	}
	if timeout := option(options, "timeout"); timeout != nil && timeout.ToFloat() > 0 {
		q.timeout = delayOf(timeout)
	}
	if given := option(options, "signal"); given != nil {
		signal, ok := held[*abortSignal](given)
		if !ok {
			panic(r.runtime.NewTypeError("Request: the signal is no AbortSignal"))
		}
		q.signal = signal
	}
}

// webCall is the request as the server is asked to make it.
func (q *request) webCall(headers *headerList) webCall {
	asked := webCall{Question: wire.Question{
		Method: q.method, Redirect: q.redirect, Timeout: q.timeout.Milliseconds(), Headers: make(map[string]string),
	}}
	asked.URL, _, _ = strings.Cut(q.url, "#")
	for _, p := range headers.list {
		asked.Headers[p.name] = p.value
	}
	if q.body.present {
		asked.body = append([]byte{}, q.body.bytes...)
	}
	return asked
}
