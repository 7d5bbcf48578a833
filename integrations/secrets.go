package integrations

import (
	"strings"
)

// secretHeaders are the headers whose values give something away, by their names in lower case.
var secretHeaders = map[string]bool{
	"authorization": true, "proxy-authorization": true, "cookie": true, "set-cookie": true,
	"webhook-signature": true, "www-authenticate": false,
}

// secretParts make a name a secret's, wherever they stand in it.
var secretParts = []string{"token", "secret", "signature", "password", "passwd", "api-key", "apikey", "api_key", "credential", "session", "auth-key", "access-key"}

// isSecretName reports whether what goes by such a name, a header or a parameter, is to be shown to
// nobody: X-Gitlab-Token, X-Hub-Signature-256 or api_key.
func isSecretName(lower string) bool {
	if known, ok := secretHeaders[lower]; ok {
		return known
	}
	for _, part := range secretParts {
		if strings.Contains(lower, part) {
			return true
		}
	}
	return lower == "key" || lower == "sig" || lower == "auth" || strings.HasSuffix(lower, "-auth") || strings.HasSuffix(lower, "-key")
}

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// shortestSecret is how long a value has to be to be struck out wherever it occurs: shorter ones
// are parts of ordinary words.
const shortestSecret = 6

// secrets are values that may stand nowhere in what is shown.
type secrets []string

// add remembers a value. Of an Authorization, what comes behind the scheme is secret on its own, too.
func (s *secrets) add(value string) {
	if len(value) < shortestSecret {
		return
	}
	*s = append(*s, value)
	if _, behind, ok := strings.Cut(value, " "); ok && len(behind) >= shortestSecret {
		*s = append(*s, behind)
	}
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
		if found && value != "" && isSecretName(strings.ToLower(name)) {
			hidden.add(value)
			parts[n] = name + "=" + Redacted
		}
	}
	return strings.Join(parts, "&"), hidden
}
