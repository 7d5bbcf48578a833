package integrations

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// secretHeaders are the headers whose values give something away, by their names in lower case.
var secretHeaders = map[string]bool{
	"authorization": true, "proxy-authorization": true, "cookie": true, "set-cookie": true,
}

// secretParts make a name a secret's, wherever they stand in it.
var secretParts = []string{
	"token", "secret", "signature", "hmac", "password", "passwd", "credential", "session",
	"api-key", "apikey", "api_key", "auth-key", "access-key",
}

// isSecretName reports whether what goes by such a name, a header or a parameter, is to be shown to
// nobody: X-Gitlab-Token, X-Hub-Signature-256 or api_key.
func isSecretName(lower string) bool {
	if secretHeaders[lower] {
		return true
	}
	for _, part := range secretParts {
		if strings.Contains(lower, part) {
			return true
		}
	}
	return lower == "key" || lower == "sig" || lower == "auth" || strings.HasSuffix(lower, "-auth")
}

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// shortestSecret is how long a value has to be to be struck out wherever it occurs: shorter ones
// are parts of ordinary words.
const shortestSecret = 6

// secrets are values that may stand nowhere in what is shown.
type secrets []string

// add remembers a value, also as it stands inside a JSON text.
func (s *secrets) add(value string) {
	if len(value) < shortestSecret {
		return
	}
	*s = append(*s, value)
	if strings.ContainsAny(value, `"\`) {
		quoted := appendText(nil, value)
		*s = append(*s, string(quoted[1:len(quoted)-1]))
	}
}

// addHeader remembers a secret header's value. Of an Authorization, what comes behind the scheme is
// secret on its own, too, and of Basic the password; of cookies those that go by a secret's name.
func (s *secrets) addHeader(name, value string) {
	s.add(value)
	switch name {
	case "cookie", "set-cookie":
		for part := range strings.SplitSeq(value, ";") {
			if cookie, value, ok := strings.Cut(strings.TrimSpace(part), "="); ok && isSecretName(strings.ToLower(cookie)) {
				s.add(value)
			}
		}
	default:
		scheme, behind, _ := strings.Cut(value, " ")
		s.add(behind)
		if strings.EqualFold(scheme, "basic") {
			s.addPassword(behind)
		}
	}
}

// addPassword remembers the password in what Basic authorization sends.
func (s *secrets) addPassword(encoded string) {
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if _, password, ok := strings.Cut(string(plain), ":"); ok && err == nil {
		s.add(password)
	}
}

// addEncoded remembers a part of a URL, also as those see it who decode it.
func (s *secrets) addEncoded(part string) {
	s.add(part)
	if plain := decoded(part); plain != part {
		s.add(plain)
	}
}

// decoded reads a part of a query; one that is not encoded as it should be stays as it is.
func decoded(part string) string {
	if plain, err := url.QueryUnescape(part); err == nil {
		return plain
	}
	return part
}

// in reports whether a secret occurs in the text.
func (s secrets) in(text string) bool {
	for _, secret := range s {
		if strings.Contains(text, secret) {
			return true
		}
	}
	return false
}

// strike puts Redacted in the place of the secrets.
func (s secrets) strike(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, Redacted)
	}
	return text
}

// strikeQuery hides the values of parameters that go by a secret's name, and keeps the order.
func strikeQuery(raw string) (shown string, hidden secrets) {
	if raw == "" {
		return "", nil
	}
	parts := strings.Split(raw, "&")
	for n, part := range parts {
		name, value, found := strings.Cut(part, "=")
		if found && value != "" && isSecretName(strings.ToLower(decoded(name))) {
			hidden.addEncoded(value)
			parts[n] = name + "=" + Redacted
		}
	}
	return strings.Join(parts, "&"), hidden
}

// shownURL is an address of a receiver without the password in it and without the values of
// parameters that go by a secret's name.
func shownURL(raw string, hidden *secrets) string {
	before, query, found := strings.Cut(raw, "?")
	if scheme, rest, ok := strings.Cut(before, "://"); ok {
		host, path, _ := strings.Cut(rest, "/")
		if at := strings.LastIndex(host, "@"); at >= 0 {
			_, password, _ := strings.Cut(host[:at], ":")
			hidden.addEncoded(host[:at])
			hidden.addEncoded(password)
			before = scheme + "://" + Redacted + host[at:]
			if len(rest) > len(host) {
				before += "/" + path
			}
		}
	}
	if !found {
		return before
	}
	shown, more := strikeQuery(query)
	*hidden = append(*hidden, more...)
	return before + "?" + shown
}

// lowerNames answers a header with its names in lower case.
func lowerNames(header map[string]string) map[string]string {
	lower := make(map[string]string, len(header))
	for name, value := range header {
		lower[strings.ToLower(name)] = value
	}
	return lower
}
