package schema

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/go-json-experiment/json/jsontext"
)

// maxScan is how deeply a text may nest that is only looked over.
const maxScan = 10000

var (
	errNoObject = errors.New("read JSON: no object")
	errNoArray  = errors.New("read JSON: no array")
	errSyntax   = errors.New("read JSON: the text does not parse")
)

// EachMember calls visit for each member of a JSON object in source order, with the name and the
// text of the value. Both are valid as long as the object is; of names that come twice both are
// visited. The object is looked over to its end, so a text that does not parse is an error, but
// members before the fault have been visited by then. Bytes that are no UTF-8 are no fault.
func EachMember(object []byte, visit func(name, value []byte)) error {
	s := scanner{text: object}
	if s.skip() != '{' {
		return errNoObject
	}
	if !s.members(0, visit) {
		return errSyntax
	}
	return s.end()
}

// EachItem calls visit for the text of each item of a JSON array, as EachMember does for members.
func EachItem(array []byte, visit func(value []byte)) error {
	s := scanner{text: array}
	if s.skip() != '[' {
		return errNoArray
	}
	if !s.items(0, visit) {
		return errSyntax
	}
	return s.end()
}

// scanner moves over a JSON text and keeps nothing of it. Its methods report whether the text
// parses as far as they have moved.
type scanner struct {
	text []byte
	at   int
}

func (s *scanner) end() error {
	if s.skip(); s.at < len(s.text) {
		return errors.New("read JSON: more text after the end")
	}
	return nil
}

// skip moves to the next character that is no white space, and answers it; 0 at the end.
func (s *scanner) skip() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// value moves behind the value that begins with c.
func (s *scanner) value(c byte, depth int) bool {
	switch c {
	case '"':
		return s.quoted()
	case '{':
		return s.members(depth, nil)
	case '[':
		return s.items(depth, nil)
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	default:
		return s.number()
	}
}

func (s *scanner) members(depth int, visit func(name, value []byte)) bool {
	if depth++; depth > maxScan {
		return false
	}
	s.at++
	c := s.skip()
	if c == '}' {
		s.at++
		return true
	}
	for {
		name := s.at
		if c != '"' || !s.quoted() {
			return false
		}
		behind := s.at
		if s.skip() != ':' {
			return false
		}
		s.at++
		c = s.skip()
		value := s.at
		if !s.value(c, depth) {
			return false
		}
		if visit != nil {
			visit(unquoted(s.text[name:behind]), s.text[value:s.at:s.at])
		}
		if c = s.skip(); c != ',' {
			s.at++
			return c == '}'
		}
		s.at++
		c = s.skip()
	}
}

func (s *scanner) items(depth int, visit func(value []byte)) bool {
	if depth++; depth > maxScan {
		return false
	}
	s.at++
	c := s.skip()
	if c == ']' {
		s.at++
		return true
	}
	for {
		value := s.at
		if !s.value(c, depth) {
			return false
		}
		if visit != nil {
			visit(s.text[value:s.at:s.at])
		}
		if c = s.skip(); c != ',' {
			s.at++
			return c == ']'
		}
		s.at++
		c = s.skip()
	}
}

// quoted moves behind a string, eight bytes at a time where they have no meaning of their own.
func (s *scanner) quoted() bool {
	for s.at++; s.at < len(s.text); {
		s.at += Ordinary(s.text[s.at:])
		if s.at >= len(s.text) {
			return false
		}
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return true
		case c == '\\':
			if !s.escape() {
				return false
			}
		case c < ' ':
			return false
		default:
			s.at++
		}
	}
	return false
}

// Ordinary counts bytes of a JSON string that mean themselves: those before a quote, a backslash or
// a control character. Of the last seven bytes of the text it counts none.
func Ordinary(text []byte) int {
	const each, high = 0x0101010101010101, 0x8080808080808080
	n := 0
	for ; n+8 <= len(text); n += 8 {
		eight := binary.LittleEndian.Uint64(text[n:])
		quote, slash := eight^each*'"', eight^each*'\\'
		// A byte's highest bit tells that the byte is below what is subtracted. A borrow makes
		// mistakes only above a byte that is found, and the lowest one is what counts.
		found := ((eight-each*' ')&^eight | (quote-each)&^quote | (slash-each)&^slash) & high
		if found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	return n
}

func (s *scanner) escape() bool {
	s.at++
	if s.at >= len(s.text) {
		return false
	}
	switch s.text[s.at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at++
		return true
	case 'u':
		for range 4 {
			if s.at++; s.at >= len(s.text) || !isHex(s.text[s.at]) {
				return false
			}
		}
		s.at++
		return true
	}
	return false
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func (s *scanner) word(word string) bool {
	if len(s.text)-s.at < len(word) || string(s.text[s.at:s.at+len(word)]) != word {
		return false
	}
	s.at += len(word)
	return true
}

func (s *scanner) number() bool {
	if s.peek() == '-' {
		s.at++
	}
	whole := s.at
	if !s.digits() || s.text[whole] == '0' && s.at > whole+1 {
		return false
	}
	if s.peek() == '.' {
		s.at++
		if !s.digits() {
			return false
		}
	}
	if c := s.peek(); c != 'e' && c != 'E' {
		return true
	}
	s.at++
	if c := s.peek(); c == '+' || c == '-' {
		s.at++
	}
	return s.digits()
}

func (s *scanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *scanner) digits() bool {
	start := s.at
	for s.at < len(s.text) && '0' <= s.text[s.at] && s.text[s.at] <= '9' {
		s.at++
	}
	return s.at > start
}

// unquoted answers what a string literal means: its own bytes where they mean themselves.
func unquoted(literal []byte) []byte {
	for _, c := range literal {
		if c == '\\' || c >= 0x80 {
			plain, _ := jsontext.AppendUnquote(nil, literal) // well formed but for its UTF-8, which is mended
			return plain
		}
	}
	return literal[1 : len(literal)-1]
}

// Deeper reports whether a JSON text nests deeper than so many levels.
func Deeper(text []byte, levels int) bool {
	if bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) <= levels {
		return false // as for nearly all; those within texts do no harm
	}
	depth, inText := 0, false
	for n := 0; n < len(text); n++ {
		if inText {
			n += Ordinary(text[n:])
			if n == len(text) {
				break
			}
		}
		switch c := text[n]; {
		case inText && c == '\\':
			n++
		case c == '"':
			inText = !inText
		case inText:
		case c == '[', c == '{':
			if depth++; depth > levels {
				return true
			}
		case c == ']', c == '}':
			depth--
		}
	}
	return false
}
