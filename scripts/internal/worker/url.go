package worker

import (
	"strings"

	"github.com/dop251/goja"
	whatwg "github.com/nlnwa/whatwg-url/url"
)

// location is the state of a URL object.
type location struct {
	url *whatwg.Url
	// params is what searchParams gave out; it and the URL's query follow each other.
	params *goja.Object
}

func (r *realm) urlClass() goja.Value { return r.urls().constructor }

func (r *realm) urls() class { return r.classNamed("URL", r.newURLClass) }

func (r *realm) newURLClass() class {
	c := r.newClass("URL", 1, func(call goja.ConstructorCall) any {
		if len(call.Arguments) == 0 {
			r.throw("TypeError", "ERR_MISSING_ARGS", `The "url" argument must be specified`)
		}
		u, err := r.parseURL(call.Argument(0), call.Argument(1))
		if err != nil {
			thrown := r.runtime.NewTypeError("Invalid URL")
			define(thrown, "code", r.runtime.ToValue("ERR_INVALID_URL"))
			define(thrown, "input", r.runtime.ToValue(call.Argument(0).String()))
			panic(thrown)
		}
		return &location{url: u}
	})
	c.static("canParse", 1, func(call goja.FunctionCall) goja.Value {
		_, err := r.parseURL(call.Argument(0), call.Argument(1))
		return r.runtime.ToValue(err == nil)
	})
	r.urlAccessors(c)
	for _, name := range []string{"toString", "toJSON"} {
		c.method(name, 0, func(call goja.FunctionCall) goja.Value {
			return r.runtime.ToValue(receiver[*location](c, call.This).url.Href(false))
		})
	}
	return c
}

// parseURL reads a URL, one that is relative to base if that is given.
func (r *realm) parseURL(text, base goja.Value) (*whatwg.Url, error) {
	if goja.IsUndefined(base) {
		return urlParser.Parse(r.text(text))
	}
	return urlParser.ParseRef(r.text(base), r.text(text))
}

var urlParser = whatwg.NewParser()

// urlAccessors are the parts of a URL. A part that cannot be is not set, and nothing is thrown.
func (r *realm) urlAccessors(c class) {
	for _, part := range []struct {
		name string
		get  func(*whatwg.Url) string
		set  func(*whatwg.Url, string)
	}{
		{"protocol", (*whatwg.Url).Protocol, (*whatwg.Url).SetProtocol},
		{"username", (*whatwg.Url).Username, (*whatwg.Url).SetUsername},
		{"password", (*whatwg.Url).Password, (*whatwg.Url).SetPassword},
		{"host", (*whatwg.Url).Host, (*whatwg.Url).SetHost},
		{"hostname", (*whatwg.Url).Hostname, (*whatwg.Url).SetHostname},
		{"port", (*whatwg.Url).Port, (*whatwg.Url).SetPort},
		{"pathname", (*whatwg.Url).Pathname, (*whatwg.Url).SetPathname},
		{"search", (*whatwg.Url).Search, (*whatwg.Url).SetSearch},
		{"hash", (*whatwg.Url).Hash, (*whatwg.Url).SetHash},
	} {
		c.accessor(part.name,
			func(this goja.Value) goja.Value { return r.runtime.ToValue(part.get(receiver[*location](c, this).url)) },
			func(this, value goja.Value) {
				l := receiver[*location](c, this)
				part.set(l.url, r.text(value))
				r.refresh(l)
			})
	}
	c.accessor("href",
		func(this goja.Value) goja.Value {
			return r.runtime.ToValue(receiver[*location](c, this).url.Href(false))
		},
		func(this, value goja.Value) {
			l := receiver[*location](c, this)
			u, err := urlParser.Parse(r.text(value))
			if err != nil {
				r.throw("TypeError", "ERR_INVALID_URL", "Invalid URL")
			}
			l.url = u
			r.refresh(l)
		})
	c.getter("origin", func(this goja.Value) goja.Value {
		return r.runtime.ToValue(origin(receiver[*location](c, this).url))
	})
	c.getter("searchParams", func(this goja.Value) goja.Value {
		l := receiver[*location](c, this)
		if l.params == nil {
			l.params = r.searchParams().instance(&searchParams{of: l})
			r.refresh(l)
		}
		return l.params
	})
}

// refresh lets searchParams show the URL's query.
func (r *realm) refresh(l *location) {
	if l.params == nil {
		return
	}
	if params, ok := held[*searchParams](l.params); ok {
		params.list = parseQuery(l.url.Query())
	}
}

// origin is what a URL shares with all others of its site.
func origin(u *whatwg.Url) string {
	switch u.Scheme() {
	case "http", "https", "ftp", "ws", "wss":
		return u.Protocol() + "//" + u.Host()
	case "blob":
		if inner, err := urlParser.Parse(u.Pathname()); err == nil && strings.HasPrefix(inner.Scheme(), "http") {
			return origin(inner)
		}
	}
	return "null"
}
