package worker

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// httpFunction makes HTTP(method, url, options), which waits for the answer. It returns {result} or
// {error} and throws nothing, as Rocket.Chat's older engines have it.
func (r *realm) httpFunction() goja.Value {
	return r.native("HTTP", 3, func(c goja.FunctionCall) goja.Value {
		outcome := r.runtime.NewObject()
		err := r.attempt(func() { define(outcome, "result", r.makeCall(c)) })
		if exception, ok := err.(*goja.Exception); ok { //nolint:errorlint // to unwrap it would run the script's code
			define(outcome, "error", exception.Value())
		} else if err != nil {
			panic(err)
		}
		return outcome
	})
}

// makeCall returns the result of a call, and throws where there is none or its status is an error's.
func (r *realm) makeCall(c goja.FunctionCall) goja.Value {
	q := r.httpQuestion(c.Argument(0).String(), c.Argument(1).String(), c.Argument(2))
	answer, err := r.ask(q)
	if err != nil {
		panic(r.causeOf(err))
	}
	result, content := r.httpResult(answer)
	if answer.Status >= 400 {
		thrown := r.newError("Error", httpFailure(answer.Status, content))
		define(thrown, "response", result)
		panic(thrown)
	}
	return result
}

// httpQuestion reads the options by Meteor's documentation.
func (r *realm) httpQuestion(method, url string, options goja.Value) webCall {
	q := webCall{Question: wire.Question{Method: strings.ToUpper(method), Headers: make(map[string]string), Redirect: "follow"}}
	if !isToken(q.Method) {
		panic(r.runtime.NewTypeError("'%s' is not a valid HTTP method.", language.Shorten(method, language.LongestName)))
	}
	headers := r.headersOf(option(options, "headers"))
	r.httpBody(&q, headers, options)
	q.URL = r.httpURL(q, headers, url, options)
	if auth := option(options, "auth"); auth != nil {
		if !strings.Contains(auth.String(), ":") {
			panic(r.newError("Error", `auth option should be of the form "username:password"`))
		}
		headers.set("authorization", basic(auth.String()))
	}
	r.httpConditions(&q, options)
	for _, p := range headers.list {
		q.Headers[p.name] = p.value
	}
	return q
}

// httpBody is data as JSON, or content as it is, or params as a form where the method takes a body.
func (r *realm) httpBody(q *webCall, headers *headerList, options goja.Value) {
	content := &body{}
	if data := option(options, "data"); data != nil {
		content = &body{bytes: []byte(r.json(data)), contentType: "application/json", present: true}
	} else if given := option(options, "content"); given != nil {
		content = &body{bytes: []byte(given.String()), present: true}
		if b, ok := r.bytesOf(given); ok {
			content.bytes = slices.Clone(b)
		}
	} else if params := option(options, "params"); params != nil && paramsAreBody(q.Method) {
		content = &body{bytes: []byte(formQuery(r.pairsOf(params))), contentType: "application/x-www-form-urlencoded", present: true}
	}
	content.typed(headers)
	if content.present {
		q.body = append([]byte{}, content.bytes...)
	}
}

func paramsAreBody(method string) bool { return method != "GET" && method != "HEAD" }

// httpURL adds query and params to the URL.
func (r *realm) httpURL(q webCall, headers *headerList, url string, options goja.Value) string {
	u, err := urlParser.Parse(url)
	if err != nil {
		panic(r.newError("Error", "Invalid URL: "+language.Shorten(url, language.LongestMessage)))
	}
	if scheme := u.Scheme(); scheme != "http" && scheme != "https" {
		panic(r.newError("Error", "Invalid protocol "+language.Shorten(scheme, language.LongestName)+": only http and https can be called"))
	}
	if u.Username() != "" || u.Password() != "" {
		headers.set("authorization", basic(percentDecoded(u.Username())+":"+percentDecoded(u.Password())))
		u.SetUsername("")
		u.SetPassword("")
	}
	query := u.Query()
	if given := option(options, "query"); given != nil {
		query = strings.TrimPrefix(given.String(), "?")
	}
	isContent := option(options, "data") != nil || option(options, "content") != nil
	if params := option(options, "params"); params != nil && (isContent || !paramsAreBody(q.Method)) {
		query = strings.Trim(query+"&"+formQuery(r.pairsOf(params)), "&")
	}
	u.SetSearch("")
	if query != "" {
		u.SetSearch("?" + query)
	}
	return u.Href(true)
}

// httpConditions are time-out and redirects. What the request package knew beyond that has no effect,
// and says so.
func (r *realm) httpConditions(q *webCall, options goja.Value) {
	deeper := option(options, "npmRequestOptions")
	for _, timeout := range []goja.Value{option(options, "timeout"), option(deeper, "timeout")} {
		if timeout != nil && timeout.ToFloat() > 0 {
			q.Timeout = delayOf(timeout).Milliseconds()
		}
	}
	for _, follow := range []goja.Value{option(options, "followRedirects"), option(deeper, "followRedirect")} {
		if follow != nil && !follow.ToBoolean() {
			q.Redirect = "manual"
		}
	}
	if object, ok := deeper.(*goja.Object); ok {
		for _, name := range object.Keys() {
			if name != "timeout" && name != "followRedirect" {
				r.console.print("HTTP: npmRequestOptions." + language.Shorten(name, language.LongestName) + " has no effect here")
			}
		}
	}
}

// jsonTypes are the content types that are read as JSON.
var jsonTypes = []string{"application/json", "text/javascript", "application/javascript", "application/x-javascript"}

// httpResult is an answer in the shape that HTTP returns.
func (r *realm) httpResult(answer webAnswer) (result *goja.Object, content string) {
	headers, list := r.runtime.NewObject(), answer.headerList()
	for _, p := range list.list {
		define(headers, p.name, r.runtime.ToValue(p.value))
	}
	contentType, _ := list.get("content-type")
	contentType, _, _ = strings.Cut(contentType, ";")
	text := utf8Text(answer.body)
	data := goja.Null()
	if slices.Contains(jsonTypes, strings.ToLower(strings.TrimSpace(contentType))) {
		if value, err := r.builder.build([]byte(text.String())); err == nil {
			data = value
		}
	}
	result = r.runtime.NewObject()
	define(result, "statusCode", r.runtime.ToValue(answer.Status))
	define(result, "headers", headers)
	define(result, "content", text)
	define(result, "data", data)
	return result, text.String()
}

// httpFailure words a status that is an error's, with the beginning of what came.
func httpFailure(status int, content string) string {
	const most = 500
	message := fmt.Sprintf("failed [%d]", status)
	if content == "" {
		return message
	}
	content = strings.ReplaceAll(content, "\n", " ")
	if runes := []rune(content[:min(len(content), 4*most+4)]); len(runes) > most {
		content = string(runes[:most]) + "..."
	}
	return message + " " + content
}
