package outbound

import (
	"maps"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// hop is one request of a call: the first, or one that a redirect asks for.
type hop struct {
	method string
	url    *url.URL
	header http.Header
	body   []byte
}

// firstHop is the request as the caller means it.
func firstHop(r Request) (*hop, error) {
	u, err := url.Parse(r.URL)
	if err != nil || !callable(u) {
		return nil, ErrInvalidURL
	}
	h := &hop{method: strings.ToUpper(r.Method), url: u, header: canonical(r.Header), body: r.Body}
	if h.method == "" {
		h.method = http.MethodGet
	}
	// A method is a token, as a header's name is. CONNECT would open a tunnel, not get an answer.
	if !httpguts.ValidHeaderFieldName(h.method) || h.method == http.MethodConnect {
		return nil, ErrInvalidMethod
	}
	if !validHeader(h.header) {
		return nil, ErrInvalidHeader
	}
	h.authorize()
	return h, nil
}

// follow gives the request that an answer redirects to.
func (h *hop) follow(resp *http.Response, r Request) (*hop, error) {
	u, err := h.url.Parse(resp.Header.Get("Location"))
	if err != nil || !callable(u) {
		return nil, ErrInvalidRedirect
	}
	next := &hop{method: h.method, url: u, header: maps.Clone(h.header), body: h.body}
	if !keepsBody(resp.StatusCode) {
		next.dropBody()
	}
	if !trusts(h.url, u) {
		next.dropSecrets(r)
	}
	next.authorize()
	return next, nil
}

func redirects(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp.Header.Get("Location") != ""
	default:
		return false
	}
}

func keepsBody(status int) bool {
	return status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
}

// dropBody turns the request into a GET, as browsers do after a 301, 302 or 303.
func (h *hop) dropBody() {
	if h.method != http.MethodHead {
		h.method = http.MethodGet
	}
	h.body = nil
	for _, name := range []string{"Content-Type", "Content-Encoding", "Content-Language", "Content-Location"} {
		h.header.Del(name)
	}
}

// dropSecrets leaves out what was meant for the host before. Once left out, it stays so.
func (h *hop) dropSecrets(r Request) {
	for _, name := range []string{"Authorization", "Cookie", "Cookie2", "Proxy-Authorization", "Www-Authenticate"} {
		h.header.Del(name)
	}
	for _, name := range r.SecretHeaders {
		h.header.Del(name)
	}
	if r.WithoutSecrets != nil && len(h.body) > 0 {
		h.body = r.WithoutSecrets(h.body)
	}
}

// authorize uses the user and password of the URL unless the caller gave an Authorization.
func (h *hop) authorize() {
	if h.url.User != nil && h.header.Get("Authorization") == "" {
		h.header.Set("Authorization", basicAuth(h.url.User))
	}
}

// trusts says whether secrets meant for one URL may go to the other: to the same host and port,
// never from https to http. Only http's upgrade to https on the standard ports changes the port.
func trusts(from, to *url.URL) bool {
	if hostName(from.Hostname()) != hostName(to.Hostname()) {
		return false
	}
	if from.Scheme == to.Scheme {
		return port(from) == port(to)
	}
	return from.Scheme == "http" && port(from) == "80" && port(to) == "443"
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}

func callable(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// canonical spells every name in the one way that Header's methods find, so that no secret
// stays behind under another spelling.
func canonical(header http.Header) http.Header {
	spelled := make(http.Header, len(header))
	for name, values := range header {
		name = http.CanonicalHeaderKey(name)
		spelled[name] = append(spelled[name], values...)
	}
	return spelled
}

func validHeader(header http.Header) bool {
	for name, values := range header {
		if !httpguts.ValidHeaderFieldName(name) {
			return false
		}
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) {
				return false
			}
		}
	}
	return true
}

// basicAuth gives the user and password of a URL as the header they stand for.
func basicAuth(user *url.Userinfo) string {
	password, _ := user.Password()
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth(user.Username(), password)
	return req.Header.Get("Authorization")
}
