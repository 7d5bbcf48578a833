package integrations

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// stringOf answers a JSON text, and nothing for the other types.
func stringOf(v jsontext.Value) string {
	if v.Kind() != '"' {
		return ""
	}
	plain, _ := jsontext.AppendUnquote(nil, v)
	return string(plain)
}

// headersOf reads an object of texts and numbers.
func headersOf(v jsontext.Value) map[string]string {
	header := map[string]string{}
	if v.Kind() != '{' {
		return header
	}
	_ = workspace.EachMember(v, func(name string, value jsontext.Value) { // part of a document that parses
		switch value.Kind() {
		case '"':
			header[name] = stringOf(value)
		case '0', 't', 'f':
			header[name] = string(value)
		default:
		}
	})
	return header
}
