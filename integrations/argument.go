package integrations

import (
	"maps"
	"net/url"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// incomingArgument is the argument of process_incoming_request, without the contents.
func incomingArgument(poster workspace.User, r HookRequest) []byte {
	search := ""
	if r.RawQuery != "" {
		search = "?" + r.RawQuery
	}
	address := r.Path + search
	out := make([]byte, 0, 1024)
	out = append(out, `{"request":{"url":{"hash":"","search":`...)
	out = appendQuoted(out, search)
	out = append(out, `,"query":`...)
	out = appendTexts(out, firstValues(r.RawQuery))
	out = append(out, `,"pathname":`...)
	out = appendQuoted(out, r.Path)
	out = append(out, `,"path":`...)
	out = appendQuoted(out, address)
	out = append(out, `},"url_raw":`...)
	out = appendQuoted(out, address)
	out = append(out, `,"url_params":{"integrationId":`...)
	out = appendQuoted(out, r.IntegrationID)
	out = append(out, `,"token":`...)
	out = appendQuoted(out, r.Token)
	if r.UserID != "" {
		out = append(out, `,"userId":`...)
		out = appendQuoted(out, r.UserID)
	}
	out = append(out, `},"headers":`...)
	out = appendTexts(out, r.Header)
	out = append(out, `,"user":{"_id":`...)
	out = appendQuoted(out, poster.ID)
	out = append(out, `,"name":`...)
	out = appendQuoted(out, poster.Name)
	out = append(out, `,"username":`...)
	out = appendQuoted(out, poster.Username)
	return append(out, `}}}`...)
}

// appendTexts writes an object, its members by name.
func appendTexts(out []byte, texts map[string]string) []byte {
	out = append(out, '{')
	for n, name := range slices.Sorted(maps.Keys(texts)) {
		if n > 0 {
			out = append(out, ',')
		}
		out = appendQuoted(out, name)
		out = append(out, ':')
		out = appendQuoted(out, texts[name])
	}
	return append(out, '}')
}

// appendQuoted writes a JSON string; each byte that is no UTF-8 becomes a replacement character.
func appendQuoted(out []byte, text string) []byte {
	out, _ = jsontext.AppendQuote(out, text) // the error tells of such bytes
	return out
}

// firstValues reads a query string; of parameters that come twice the first one counts.
func firstValues(rawQuery string) map[string]string {
	if rawQuery == "" {
		return nil
	}
	values, _ := url.ParseQuery(rawQuery) // what could be read is enough
	first := make(map[string]string, len(values))
	for name := range values {
		first[name] = values.Get(name)
	}
	return first
}
