package language

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// unexpected says in V8's words that a text should not begin here as it does.
func unexpected(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	switch {
	case text == "":
		return "Unexpected end of input"
	case first == '"' || first == '\'':
		return "Unexpected string"
	case first == '`':
		return "Unexpected template string"
	case first >= '0' && first <= '9':
		return "Unexpected number"
	case first == '@' || first == '#' || first == '\\':
		return "Invalid or unexpected token"
	case isIdentifierPart(first):
		word := text[:len(text)-len(strings.TrimLeftFunc(text, isIdentifierPart))]
		if strings.Contains(" "+reservedWords+" ", " "+word+" ") {
			return "Unexpected token '" + word + "'"
		}
		return "Unexpected identifier '" + Shorten(word, LongestName) + "'"
	}
	for _, punctuator := range punctuators {
		if strings.HasPrefix(text, punctuator) {
			return "Unexpected token '" + punctuator + "'"
		}
	}
	if first < utf8.RuneSelf {
		return "Unexpected token '" + string(first) + "'"
	}
	return "Invalid or unexpected token"
}

const reservedWords = "break case catch class const continue debugger default delete do else export extends false finally for function if " +
	"import in instanceof new null return super switch this throw true try typeof var void while with"

// punctuators of more than one character, the longest first.
var punctuators = strings.Fields(">>>= ... === !== **= <<= >>= >>> &&= ||= ??= => == != <= >= && || ?? ?. ++ -- += -= *= /= %= &= |= ^= << >> **")

func isIdentifierPart(r rune) bool {
	return r == '$' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// isWordAt tells whether a text begins with a word, and not with a longer one.
func isWordAt(text, word string) bool {
	rest, ok := strings.CutPrefix(text, word)
	next, _ := utf8.DecodeRuneInString(rest)
	return ok && (rest == "" || !isIdentifierPart(next))
}
