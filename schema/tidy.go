package schema

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// Tidy answers the text as Encode prints what Decode reads in it: each name once, no spaces, valid
// UTF-8, numbers as ECMAScript writes them. A text that stands so already is only copied.
func Tidy(text []byte) ([]byte, error) {
	if isTidy(text) {
		return bytes.Clone(text), nil
	}
	value, err := Decode(text)
	if err != nil {
		return nil, err
	}
	return Encode(value), nil
}

// isTidy answers true only for what Encode could have printed; false may be a mistake.
func isTidy(text []byte) bool {
	t := tidy{scanner{text: text}}
	return utf8.Valid(text) && t.value(0) && t.at == len(text)
}

type tidy struct{ scanner }

func (t *tidy) value(depth int) bool {
	start := t.at
	switch c := t.peek(); c {
	case '"':
		return t.string()
	case '{':
		return t.object(depth + 1)
	case '[':
		return t.array(depth + 1)
	case 't', 'f', 'n':
		return t.scanner.value(c, 0)
	default:
		return t.number() && isTidyNumber(t.text[start:t.at])
	}
}

// string moves behind a string with no escape but the short ones.
func (t *tidy) string() bool {
	start := t.at
	if !t.quoted() {
		return false
	}
	literal := t.text[start:t.at]
	for {
		slash := bytes.IndexByte(literal, '\\')
		if slash < 0 {
			return true
		}
		if c := literal[slash+1]; c == 'u' || c == '/' {
			return false
		}
		literal = literal[slash+2:]
	}
}

func (t *tidy) object(depth int) bool {
	if depth > maxDepth {
		return false
	}
	t.at++
	if t.peek() == '}' {
		t.at++
		return true
	}
	var known [indexFrom][]byte
	for n := 0; ; n++ {
		start := t.at
		if t.peek() != '"' || n == len(known) || !t.string() {
			return false
		}
		known[n] = t.text[start:t.at]
		for _, name := range known[:n] {
			if bytes.Equal(name, known[n]) {
				return false
			}
		}
		if t.peek() != ':' {
			return false
		}
		t.at++
		if !t.value(depth) {
			return false
		}
		c := t.peek()
		t.at++
		if c != ',' {
			return c == '}'
		}
	}
}

func (t *tidy) array(depth int) bool {
	if depth > maxDepth {
		return false
	}
	t.at++
	if t.peek() == ']' {
		t.at++
		return true
	}
	for {
		if !t.value(depth) {
			return false
		}
		c := t.peek()
		t.at++
		if c != ',' {
			return c == ']'
		}
	}
}

// isTidyNumber takes whole numbers of up to 15 digits at a glance.
func isTidyNumber(literal []byte) bool {
	if len(literal) <= 15 && literal[0] != '-' && !bytes.ContainsAny(literal, ".eE") {
		return true
	}
	f, err := strconv.ParseFloat(string(literal), 64)
	return err == nil && numberText(f) == string(literal)
}
