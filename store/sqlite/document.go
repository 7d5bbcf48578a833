package sqlite

import (
	"encoding/json"
	"strings"
	"time"
)

// encode answers the document of a record. Every member of a document has omitzero: what is nil
// stays nil, and what is empty stays empty.
func encode(doc any) (string, error) {
	var text document
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		return "", err
	}
	return strings.TrimSuffix(string(text), "\n"), nil
}

// document is what an encoder has written. It writes all at once, and a compiled script is large: a
// buffer between would be one more copy of it.
type document string

func (d *document) Write(b []byte) (int, error) {
	*d += document(b)
	return len(b), nil
}

func decode(text []byte, doc any) error { return json.Unmarshal(text, doc) }

// millis is how columns keep a time. The zero time stays what it is.
func millis(t time.Time) int64 { return t.UnixMilli() }

func moment(millis int64) time.Time { return time.UnixMilli(millis).UTC() }

// fold makes texts that differ in case only the same.
func fold(text string) string { return strings.ToLower(strings.ToUpper(text)) }

// convert keeps nil and empty apart.
func convert[From, To any](list []From, one func(From) To) []To {
	if list == nil {
		return nil
	}
	converted := make([]To, len(list))
	for i, from := range list {
		converted[i] = one(from)
	}
	return converted
}
