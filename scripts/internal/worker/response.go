package worker

import (
	"slices"
	"strings"

	"github.com/dop251/goja"
)

// response is the state of a Response.
type response struct {
	status          int64
	statusText, url string
	kind            string // type, as the standard calls it
	redirected      bool
	headers         *goja.Object
	body            *body
}

func (r *realm) responseClass() goja.Value { return r.responses().constructor }

func (r *realm) responses() class { return r.classNamed("Response", r.newResponseClass) }

func (r *realm) newResponseClass() class {
	c := r.newClass("Response", 0, func(call goja.ConstructorCall) any {
		return r.newResponse(r.bodyOf(call.Argument(0)), call.Argument(1))
	})
	of := func(this goja.Value) *response { return receiver[*response](c, this) }
	for name, get := range map[string]func(*response) any{
		"status":     func(a *response) any { return a.status },
		"ok":         func(a *response) any { return a.status >= 200 && a.status <= 299 },
		"statusText": func(a *response) any { return a.statusText },
		"url":        func(a *response) any { return a.url },
		"type":       func(a *response) any { return a.kind },
		"redirected": func(a *response) any { return a.redirected },
		"headers":    func(a *response) any { return a.headers },
	} {
		c.getter(name, func(this goja.Value) goja.Value { return r.runtime.ToValue(get(of(this))) })
	}
	c.method("clone", 0, func(call goja.FunctionCall) goja.Value {
		a := *of(call.This)
		a.body = r.copyOf(a.body, "Response")
		a.headers = r.headers().instance(r.headersOf(a.headers))
		return c.instance(&a)
	})
	c.static("json", 1, func(call goja.FunctionCall) goja.Value {
		b := &body{bytes: []byte(r.json(call.Argument(0))), contentType: "application/json", present: true}
		return c.instance(r.newResponse(b, call.Argument(1)))
	})
	r.bodyMethods(c, func(this goja.Value) *body { return of(this).body })
	return c
}

// newResponse makes a response of a script's own.
func (r *realm) newResponse(b *body, options goja.Value) *response {
	a := &response{status: 200, kind: "default", body: b}
	if status := option(options, "status"); status != nil {
		a.status = status.ToInteger()
		if a.status < 200 || a.status > 599 {
			r.throw("RangeError", "", `init["status"] must be in the range of 200 to 599, inclusive.`)
		}
		if isNullStatus(a.status) && b.present {
			panic(r.runtime.NewTypeError("Response constructor: Invalid response status code %d", a.status))
		}
	}
	if text := option(options, "statusText"); text != nil {
		a.statusText = text.String()
	}
	headers := r.headersOf(option(options, "headers"))
	b.typed(headers)
	a.headers = r.headers().instance(headers)
	return a
}

// responseTo makes the response that came for a request.
func (r *realm) responseTo(q *request, answer webAnswer) *goja.Object {
	asked, _, _ := strings.Cut(q.url, "#")
	a := &response{
		status: int64(answer.Status), statusText: answer.StatusText, url: answer.URL, kind: "basic",
		redirected: answer.URL != "" && answer.URL != asked,
		body:       &body{bytes: answer.body, present: !isNullStatus(int64(answer.Status)) && q.method != "HEAD"},
	}
	if a.url == "" {
		a.url = asked
	}
	a.headers = r.headers().instance(answer.headerList())
	return r.responses().instance(a)
}

// headerList are an answer's headers by name.
func (a webAnswer) headerList() *headerList {
	h := &headerList{}
	for name, value := range a.Headers {
		h.list = append(h.list, pair{strings.ToLower(name), value})
	}
	slices.SortFunc(h.list, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	return h
}
