package integrations

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/schema"
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
	trimmed := bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\uFEFF")))
	switch {
	case len(trimmed) == 0, strings.HasPrefix(contentType, "multipart/form-data"):
		return noMembers(true), nil
	case looksLikeJSON(trimmed):
		if b, ok := readObject(trimmed); ok {
			return b, nil
		}
		if isJSON(trimmed) { // another value, or nested deeper than anybody means
			return noMembers(trimmed[0] != '{'), nil
		}
	}
	declaredForm := strings.HasPrefix(contentType, formType)
	if !declaredForm && !looksLikeForm(trimmed) {
		return noMembers(false), nil
	}
	form := schema.DecodeForm(string(trimmed))
	if payload, ok := payloadOf(form); ok && declaredForm {
		return readPayload(form, payload)
	}
	return formBody(form), nil
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

// formBody writes the form as a JSON object.
func formBody(form *schema.Object) body {
	b, _ := readObject(schema.Encode(form)) // written just now: it parses
	return b
}

// payloadOf answers the one field of senders such as GitHub's and Slack's form mode.
func payloadOf(form *schema.Object) (string, bool) {
	payload, _ := form.Get("payload")
	text, ok := payload.(string)
	return text, ok && form.Len() == 1
}

// readPayload reads that field. One that is no JSON leaves the form as it is.
func readPayload(form *schema.Object, payload string) (body, error) {
	text := bytes.TrimSpace([]byte(payload))
	if !isJSON(text) {
		return formBody(form), nil
	}
	if b, ok := readObject(text); ok {
		return b, nil
	}
	return body{}, ErrPayload
}

// isJSON reports whether a text parses as JavaScript's JSON.parse would have it.
func isJSON(text []byte) bool {
	return jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// appendText writes a JSON string; bytes that are no UTF-8 become replacement characters.
func appendText(out []byte, text string) []byte {
	out, _ = jsontext.AppendQuote(out, strings.ToValidUTF8(text, "\uFFFD"))
	return out
}
