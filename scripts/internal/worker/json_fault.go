package worker

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonFault words what is wrong with a text that is no JSON, as V8 does. Only such texts are
// looked at here, so it may take its time.
func jsonFault(text []byte) string {
	f := fault{text: text}
	if message := f.value(); message != "" {
		return message
	}
	if f.skip() < len(f.text) {
		return f.expected("Unexpected non-whitespace character after JSON")
	}
	return ""
}

// fault reads JSON up to the first mistake. Its methods return the message for that, or nothing.
type fault struct {
	text []byte
	at   int
}

// skip moves to what is no white space, and returns where that is.
func (f *fault) skip() int {
	for f.at < len(f.text) && bytes.IndexByte([]byte(" \t\n\r"), f.text[f.at]) >= 0 {
		f.at++
	}
	return f.at
}

// next is the byte at hand; at the end it is 0, which is no JSON either.
func (f *fault) next() byte {
	if f.at < len(f.text) {
		return f.text[f.at]
	}
	return 0
}

func (f *fault) value() string {
	f.skip()
	switch c := f.next(); {
	case c == '{':
		return f.object()
	case c == '[':
		return f.array()
	case c == '"':
		return f.string()
	case c == '-' || isDigit(c):
		return f.number()
	case c == 't':
		return f.literal("true")
	case c == 'f':
		return f.literal("false")
	case c == 'n':
		return f.literal("null")
	}
	return f.unexpected()
}

func (f *fault) object() string {
	f.at++
	for first := true; ; first = false {
		f.skip()
		switch {
		case f.next() == '}' && first:
			f.at++
			return ""
		case f.next() != '"' && first:
			return f.expected("Expected property name or '}' in JSON")
		case f.next() != '"':
			return f.expected("Expected double-quoted property name in JSON")
		}
		if message := f.string(); message != "" {
			return message
		}
		f.skip()
		switch {
		case f.next() == ':':
			f.at++
		case first:
			return f.expected("Expected ':' after property name in JSON")
		default:
			return f.unexpected()
		}
		if message := f.value(); message != "" {
			return message
		}
		if more, message := f.more('}', "Expected ',' or '}' after property value in JSON"); !more {
			return message
		}
	}
}

func (f *fault) array() string {
	f.at++
	if f.skip(); f.next() == ']' {
		f.at++
		return ""
	}
	for {
		if message := f.value(); message != "" {
			return message
		}
		if more, message := f.more(']', "Expected ',' or ']' after array element in JSON"); !more {
			return message
		}
	}
}

// more moves behind a comma or the end of a list.
func (f *fault) more(end byte, otherwise string) (more bool, message string) {
	f.skip()
	switch f.next() {
	case ',':
		f.at++
		return true, ""
	case end:
		f.at++
		return false, ""
	}
	return false, f.expected(otherwise)
}

func (f *fault) literal(word string) string {
	for i := range len(word) {
		if f.next() != word[i] {
			return f.unexpected()
		}
		f.at++
	}
	return ""
}

func (f *fault) string() string {
	f.at++
	for f.at < len(f.text) {
		switch c := f.text[f.at]; {
		case c == '"':
			f.at++
			return ""
		case c < ' ':
			return f.expected("Bad control character in string literal in JSON")
		case c == '\\':
			f.at++
			if message := f.escape(); message != "" {
				return message
			}
		default:
			f.at++
		}
	}
	return f.expected("Unterminated string in JSON")
}

func (f *fault) escape() string {
	if f.at == len(f.text) {
		return f.unexpected()
	}
	switch f.next() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		f.at++
		return ""
	case 'u':
		f.at++
		for range 4 {
			if !isHex(f.next()) {
				return f.expected("Bad Unicode escape in JSON")
			}
			f.at++
		}
		return ""
	}
	return f.expected("Bad escaped character in JSON")
}

func (f *fault) number() string {
	if f.next() == '-' {
		if f.at++; !isDigit(f.next()) {
			return f.expected("No number after minus sign in JSON")
		}
	}
	if f.next() == '0' {
		if f.at++; isDigit(f.next()) {
			return f.unexpected()
		}
	}
	f.digits()
	if f.next() == '.' {
		f.at++
		if !f.digits() {
			return f.expected("Unterminated fractional number in JSON")
		}
	}
	if c := f.next(); c == 'e' || c == 'E' {
		f.at++
		if c := f.next(); c == '+' || c == '-' {
			f.at++
		}
		if !f.digits() {
			return f.expected("Exponent part is missing a number in JSON")
		}
	}
	return ""
}

func (f *fault) digits() bool {
	start := f.at
	for isDigit(f.next()) {
		f.at++
	}
	return f.at > start
}

func (f *fault) expected(what string) string {
	return fmt.Sprintf("%s at position %d", what, f.position())
}

// position counts as JavaScript does, in UTF-16 units.
func (f *fault) position() int { return len(units(f.text[:f.at])) }

func units(text []byte) []uint16 { return utf16.Encode([]rune(string(text))) }

// unexpected is for what could not be foreseen at this place.
func (f *fault) unexpected() string {
	switch c := f.next(); {
	case f.at >= len(f.text):
		return "Unexpected end of JSON input"
	case c == '-' || isDigit(c):
		return f.expected("Unexpected number in JSON")
	case c == '"':
		return f.expected("Unexpected string in JSON")
	}
	// These four come of values that became text by mistake.
	switch string(f.text) {
	case "NaN", "Infinity", "undefined", "[object Object]":
		return fmt.Sprintf(`"%s" is not valid JSON`, f.text)
	}
	token, _ := utf8.DecodeRune(f.text[f.at:])
	return fmt.Sprintf("Unexpected token '%c', %s is not valid JSON", token, f.surroundings())
}

// surroundings quotes the text near the mistake, all of it where that is short.
func (f *fault) surroundings() string {
	const around = 10
	text, at := units(f.text), f.position()
	start, end := max(at-around, 0), min(at+around, len(text))
	if len(text) <= 2*around {
		start, end = 0, len(text)
	}
	var before, after string
	if len(text) > 2*around && at >= around {
		before = "..."
	}
	if end < len(text) {
		after = "..."
	}
	return before + `"` + string(utf16.Decode(text[start:end])) + `"` + after
}
