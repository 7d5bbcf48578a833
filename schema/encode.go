package schema

import (
	"math"

	"github.com/go-json-experiment/json/jsontext"
)

// Encode prints v as JSON.stringify does: no spaces, members in order, numbers as ECMAScript writes
// them (an infinite one as null), and nothing escaped that JSON does not require.
func Encode(v any) []byte {
	return appendValue(nil, v)
}

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return append(b, "null"...)
		}
		return append(b, numberText(v)...)
	case string:
		return appendString(b, v)
	case []any:
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, item)
		}
		return append(b, ']')
	case *Object:
		b = append(b, '{')
		for i, m := range v.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, m.key), ':')
			b = appendValue(b, m.value)
		}
		return append(b, '}')
	default:
		return append(b, "null"...)
	}
}

// appendString quotes s. Invalid UTF-8 becomes U+FFFD and is reported after the fact, so the error
// says nothing that matters here.
func appendString(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
