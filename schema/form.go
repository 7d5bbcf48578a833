package schema

import (
	"strconv"
	"strings"
)

// DecodeForm reads a form (application/x-www-form-urlencoded) as a flat object of texts. It reads
// as browsers do: of fields that come twice the last one counts, and a broken escape stands for
// itself.
func DecodeForm(text string) *Object {
	form := NewObject()
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		form.Set(formText(name), formText(value))
	}
	return form
}

// formText decodes what can be decoded.
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
