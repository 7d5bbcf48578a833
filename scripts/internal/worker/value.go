package worker

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// maxNesting is what Go's own JSON reader allows.
const maxNesting = 10000

// builder makes JavaScript values from JSON text, as JSON.parse does: keys keep their order, the
// last of two equal ones wins, and __proto__ is a key like others. It never runs the author's code.
type builder struct {
	runtime *goja.Runtime
	object  *goja.Object // Object.prototype
	names   *names

	layout  layout
	layouts bool // layout may be used

	text  []byte
	at    int
	depth int
	reads *language.Reads // what is read of the value at hand
	*parts
}

// parts are what values are put together from. While one is built, nothing else happens in a
// worker, so that all its realms can share them.
type parts struct {
	items      []any      // of the arrays under construction
	properties []property // of the objects under construction
}

func newBuilder(runtime *goja.Runtime, object *goja.Object, names *names) builder {
	b := builder{runtime: runtime, object: object, names: names, parts: &names.parts}
	b.layout, b.layouts = plainLayout()
	return b
}

// syntaxError words a fault in JSON text as V8 does.
type syntaxError string

func (e syntaxError) Error() string { return string(e) }

type nestedError struct{}

func (nestedError) Error() string {
	return fmt.Sprintf("JSON is nested deeper than %d levels", maxNesting)
}

// build returns the value of a JSON text.
func (b *builder) build(text []byte) (goja.Value, error) { return b.buildRead(text, nil) }

// buildRead returns a value that has what is read of it. Faults in what is not read go unnoticed.
func (b *builder) buildRead(text []byte, reads *language.Reads) (goja.Value, error) {
	b.text, b.at, b.depth, b.items, b.properties = text, 0, 0, b.items[:0], b.properties[:0]
	b.reads = reads
	defer b.forget()
	value, err := b.value()
	if err != nil {
		return nil, b.worded(err)
	}
	if b.skip(); b.at < len(b.text) {
		return nil, b.worded(b.unexpected())
	}
	return value, nil
}

// forget lets go of what the last text was made into; a fault may have left parts of it.
func (b *builder) forget() {
	b.text = nil
	clear(b.items)
	clear(b.properties)
	if cap(b.items) > keptParts {
		b.items = nil
	}
	if cap(b.properties) > keptParts {
		b.properties = nil
	}
}

// Room is kept for so many parts of the next value.
const keptParts = 1024

// worded says of a fault in the text what V8 would.
func (b *builder) worded(err error) error {
	if _, ok := err.(syntaxError); !ok { //nolint:errorlint // our own, never wrapped
		return err
	}
	if message := jsonFault(b.text); message != "" {
		return syntaxError(message)
	}
	return err
}

// skip moves to the next character that is no white space.
func (b *builder) skip() byte {
	for b.at < len(b.text) {
		switch c := b.text[b.at]; c {
		case ' ', '\t', '\n', '\r':
			b.at++
		default:
			return c
		}
	}
	return 0
}

func (b *builder) unexpected() error {
	if b.at >= len(b.text) {
		return syntaxError("Unexpected end of JSON input")
	}
	c, _ := utf8.DecodeRune(b.text[b.at:])
	return syntaxError(fmt.Sprintf("Unexpected token %c in JSON at position %d", c, b.at))
}

func (b *builder) value() (goja.Value, error) {
	switch c := b.skip(); c {
	case '{':
		return b.objectValue()
	case '[':
		return b.arrayValue()
	case '"':
		return b.stringValue()
	case 't':
		return b.literal("true", b.runtime.ToValue(true))
	case 'f':
		return b.literal("false", b.runtime.ToValue(false))
	case 'n':
		return b.literal("null", goja.Null())
	default:
		return b.number()
	}
}

func (b *builder) literal(word string, value goja.Value) (goja.Value, error) {
	for i := range len(word) {
		if b.at >= len(b.text) || b.text[b.at] != word[i] {
			return nil, b.unexpected()
		}
		b.at++
	}
	return value, nil
}

func (b *builder) enter() error {
	b.at++
	if b.depth++; b.depth > maxNesting {
		return nestedError{}
	}
	return nil
}

func (b *builder) objectValue() (goja.Value, error) {
	if err := b.enter(); err != nil {
		return nil, err
	}
	first := len(b.properties)
	if b.skip() == '}' {
		b.at++
	} else if err := b.members(); err != nil {
		return nil, err
	}
	object, err := b.objectOf(b.properties[first:])
	clear(b.properties[first:])
	b.properties = b.properties[:first]
	b.depth--
	return object, err
}

func (b *builder) members() error {
	reads := b.reads
	for {
		if b.skip() != '"' {
			return b.unexpected()
		}
		name, read, err := b.name()
		if err != nil {
			return err
		}
		if b.skip() != ':' {
			return b.unexpected()
		}
		b.at++
		if read {
			value, err := b.value()
			if err != nil {
				return err
			}
			b.properties = append(b.properties, property{name, value})
		} else if err := b.pass(); err != nil {
			return err
		}
		b.reads = reads
		c := b.skip()
		if c != ',' && c != '}' {
			return b.unexpected()
		}
		b.at++
		if c == '}' {
			return nil
		}
	}
}

// objectOf makes an object. Where its properties have to be set, it has no prototype meanwhile, so
// that a name such as __proto__ or a setter on Object.prototype means nothing.
func (b *builder) objectOf(properties []property) (*goja.Object, error) {
	if b.layouts {
		object := b.runtime.CreateObject(b.object)
		if len(properties) > 0 {
			b.layout.fill(object, properties)
		}
		return object, nil
	}
	object := b.runtime.CreateObject(nil)
	for _, p := range properties {
		if err := object.Set(p.name.String(), p.value); err != nil {
			return nil, err
		}
	}
	return object, object.SetPrototype(b.object)
}

// isPlain says whether layout may be used on an object.
func (b *builder) isPlain(object *goja.Object) bool { return b.layouts && b.layout.holds(object) }

func (b *builder) arrayValue() (goja.Value, error) {
	if err := b.enter(); err != nil {
		return nil, err
	}
	first := len(b.items)
	if b.skip() == ']' {
		b.at++
	} else if err := b.elements(); err != nil {
		return nil, err
	}
	array := b.runtime.NewArray(b.items[first:]...)
	clear(b.items[first:])
	b.items = b.items[:first]
	b.depth--
	return array, nil
}

func (b *builder) elements() error {
	for {
		value, err := b.value()
		if err != nil {
			return err
		}
		b.items = append(b.items, value)
		c := b.skip()
		if c != ',' && c != ']' {
			return b.unexpected()
		}
		b.at++
		if c == ']' {
			return nil
		}
	}
}

// number reads an integer of up to 15 digits, as nearly all are, without the general parser.
func (b *builder) number() (goja.Value, error) {
	start := b.at
	if b.at < len(b.text) && b.text[b.at] == '-' {
		b.at++
	}
	var whole int64
	digits := b.at
	for b.at < len(b.text) && isDigit(b.text[b.at]) {
		if b.at-digits < 15 {
			whole = whole*10 + int64(b.text[b.at]-'0')
		}
		b.at++
	}
	switch count := b.at - digits; {
	case count == 0:
		return nil, b.unexpected()
	case count > 1 && b.text[digits] == '0':
		b.at = digits + 1
		return nil, b.unexpected()
	case count <= 15 && !b.isFraction():
		if digits > start {
			if whole == 0 {
				return b.runtime.ToValue(math.Copysign(0, -1)), nil
			}
			whole = -whole
		}
		return b.runtime.ToValue(whole), nil
	}
	if err := b.fraction(); err != nil {
		return nil, err
	}
	f, _ := strconv.ParseFloat(string(b.text[start:b.at]), 64) // beyond the range it is infinite, as in JavaScript
	return b.runtime.ToValue(f), nil
}

func (b *builder) isFraction() bool {
	if b.at >= len(b.text) {
		return false
	}
	c := b.text[b.at]
	return c == '.' || c == 'e' || c == 'E'
}

// fraction moves behind what follows a number's whole part.
func (b *builder) fraction() error {
	if b.at < len(b.text) && b.text[b.at] == '.' {
		b.at++
		if err := b.digits(); err != nil {
			return err
		}
	}
	if b.at < len(b.text) && (b.text[b.at] == 'e' || b.text[b.at] == 'E') {
		b.at++
		if b.at < len(b.text) && (b.text[b.at] == '+' || b.text[b.at] == '-') {
			b.at++
		}
		return b.digits()
	}
	return nil
}

func (b *builder) digits() error {
	start := b.at
	for b.at < len(b.text) && isDigit(b.text[b.at]) {
		b.at++
	}
	if b.at == start {
		return b.unexpected()
	}
	return nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
