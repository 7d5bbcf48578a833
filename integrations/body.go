package integrations

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// body is a request's body as the rules and scripts see it.
type body struct {
	content  []byte // JSON object
	members  workspace.Content
	readable bool // the body was JSON or a form, or there was none
}

const formType = "application/x-www-form-urlencoded"

// readBody makes a JSON object of a body. Senders often name the wrong content type or none, so a
// body that is not what its type says is taken for what it looks like; a body that is neither JSON
// nor a form is an empty object. JSON other than an object is an empty object, too.
func readBody(contentType string, raw []byte) (body, error) {
	contentType = strings.ToLower(strings.TrimSpace(contentType))
	trimmed := bytes.TrimSpace(raw)
	switch {
	case len(trimmed) == 0, strings.HasPrefix(contentType, "multipart/form-data"):
		return noMembers(true), nil
	case looksLikeJSON(trimmed):
		if b, ok := readObject(trimmed); ok {
			return b, nil
		}
		if jsontext.Value(trimmed).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
			return noMembers(true), nil
		}
	}
	declaredForm := strings.HasPrefix(contentType, formType)
	if !declaredForm && !looksLikeForm(trimmed) {
		return noMembers(false), nil
	}
	fields := readForm(string(trimmed))
	if declaredForm && len(fields) == 1 && fields[0].name == "payload" {
		return fields.payload()
	}
	return fields.body(), nil
}

func noMembers(readable bool) body {
	return body{content: []byte("{}"), members: workspace.Content{Empty: true}, readable: readable}
}

// readObject reads the text as a JSON object, if it is one.
func readObject(text []byte) (body, bool) {
	if text[0] != '{' {
		return body{}, false
	}
	members, err := workspace.ReadContent(text)
	return body{content: text, members: members, readable: true}, err == nil
}

func looksLikeJSON(text []byte) bool {
	return bytes.IndexByte([]byte(`{["-0123456789tfn`), text[0]) >= 0
}

// looksLikeForm reports whether a text without a content type reads as name=value pairs.
func looksLikeForm(text []byte) bool {
	name, _, found := bytes.Cut(text, []byte("="))
	return found && len(name) > 0 && !bytes.ContainsAny(name, " \t\r\n<>{}\"&") && !bytes.ContainsAny(text, "\n<")
}

// formField is one field of a form; a form keeps the order of its fields.
type formField struct{ name, value string }

type form []formField

// readForm reads a form as browsers do: text that is not escaped properly stands for itself, and
// of fields that come twice the last one counts.
func readForm(text string) form {
	var f form
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		f = f.with(formField{name: unescape(name), value: unescape(value)})
	}
	return f
}

func (f form) with(field formField) form {
	for n := range f {
		if f[n].name == field.name {
			f[n].value = field.value
			return f
		}
	}
	return append(f, field)
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return strings.ReplaceAll(text, "+", " ")
}

// body writes the form as a JSON object.
func (f form) body() body {
	content := []byte{'{'}
	for n, field := range f {
		if n > 0 {
			content = append(content, ',')
		}
		content = appendText(content, field.name)
		content = append(content, ':')
		content = appendText(content, field.value)
	}
	b, _ := readObject(append(content, '}')) // written just now: it parses
	return b
}

// payload reads the one field of senders such as GitHub's and Slack's form mode. A payload that is
// no JSON leaves the form as it is.
func (f form) payload() (body, error) {
	text := bytes.TrimSpace([]byte(f[0].value))
	if !jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		return f.body(), nil
	}
	if b, ok := readObject(text); ok {
		return b, nil
	}
	return body{}, ErrPayload
}

// appendText writes a JSON string; bytes that are no UTF-8 become replacement characters.
func appendText(out []byte, text string) []byte {
	out, _ = jsontext.AppendQuote(out, strings.ToValidUTF8(text, "\uFFFD"))
	return out
}
