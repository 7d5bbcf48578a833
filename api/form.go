package api

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/grapnel-chat/grapnel/schema"
)

// parseForm reads a form as a flat object. Of fields that come twice the last one counts.
func parseForm(raw string) *schema.Object {
	form := schema.NewObject()
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		form.Set(formText(name), formText(value))
	}
	return form
}

// formText decodes what can be decoded; a broken escape stays as it is.
func formText(text string) string {
	plain := make([]byte, 0, len(text))
	for n := 0; n < len(text); n++ {
		switch c := text[n]; c {
		case '+':
			plain = append(plain, ' ')
		case '%':
			if n+2 < len(text) {
				if code, err := strconv.ParseUint(text[n+1:n+3], 16, 8); err == nil {
					plain = append(plain, byte(code))
					n += 2
					continue
				}
			}
			plain = append(plain, c)
		default:
			plain = append(plain, c)
		}
	}
	return strings.ToValidUTF8(string(plain), "\uFFFD")
}

// spread makes an object of a text's UTF-16 units, one member each, as JavaScript spreads a string.
// Nobody sends a document that way, so of a long text the beginning is enough to refuse it.
func spread(text string) *schema.Object {
	const enough = 1000
	o := schema.NewObject()
	for n, unit := range utf16.Encode([]rune(text[:min(len(text), enough)])) {
		o.Set(strconv.Itoa(n), string(rune(unit))) // half of a pair becomes U+FFFD
	}
	return o
}
