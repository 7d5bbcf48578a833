package worker

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	encodinghex "encoding/hex"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// bytesOf returns the bytes of an ArrayBuffer or of a view of one. They may be the buffer's own.
func (r *realm) bytesOf(value goja.Value) (b []byte, ok bool) {
	object, ok := value.(*goja.Object)
	if !ok {
		return nil, false
	}
	if b, ok := exported[[]byte](object); ok {
		return b, true
	}
	if buffer, ok := exported[goja.ArrayBuffer](object); ok {
		return buffer.Bytes(), true
	}
	if !r.isView(object) {
		return nil, false
	}
	return r.viewed(object)
}

// isView asks the engine itself: an object that only looks like a view has no buffer.
func (r *realm) isView(object *goja.Object) bool {
	if r.natives.isView == nil {
		r.natives.isView = r.function(r.builtin("ArrayBuffer"), "isView")
	}
	return must(r.natives.isView(goja.Undefined(), object)).ToBoolean()
}

// viewed returns what a view other than of bytes shows.
func (r *realm) viewed(view *goja.Object) ([]byte, bool) {
	content, ok := exported[goja.ArrayBuffer](member(view, "buffer"))
	if !ok {
		return nil, false
	}
	all := content.Bytes()
	from, size := member(view, "byteOffset").ToInteger(), member(view, "byteLength").ToInteger()
	if from < 0 || size < 0 || from > int64(len(all)) || size > int64(len(all))-from {
		return nil, false
	}
	return all[from : from+size], true
}

// arrayBuffer makes an ArrayBuffer of bytes, which are its own from then on.
func (r *realm) arrayBuffer(b []byte) goja.Value {
	if b == nil {
		b = []byte{}
	}
	return r.runtime.ToValue(r.runtime.NewArrayBuffer(b))
}

// uint8Array makes one of bytes, which are its own from then on.
func (r *realm) uint8Array(b []byte) *goja.Object {
	array, err := r.runtime.New(r.builtin("Uint8Array"), r.arrayBuffer(b))
	if err != nil {
		panic(err)
	}
	return array
}

// An encoding turns text into bytes and back, by the names that Node knows.
type encoding struct {
	encode func(text string) []byte
	decode func(b []byte) goja.Value
}

var encodings = map[string]encoding{
	"utf8":      {func(text string) []byte { return []byte(text) }, func(b []byte) goja.Value { return goja.StringFromUTF16(utf8Units(b)) }},
	"utf16le":   {utf16Bytes, func(b []byte) goja.Value { return goja.StringFromUTF16(utf16Units(b)) }},
	"latin1":    {latin1Bytes, func(b []byte) goja.Value { return latin1Text(b, 0xff) }},
	"ascii":     {latin1Bytes, func(b []byte) goja.Value { return latin1Text(b, 0x7f) }},
	"hex":       {hexBytes, func(b []byte) goja.Value { return ascii(encodinghex.EncodeToString(b)) }},
	"base64":    {base64Bytes, func(b []byte) goja.Value { return ascii(base64.StdEncoding.EncodeToString(b)) }},
	"base64url": {base64Bytes, func(b []byte) goja.Value { return ascii(base64.RawURLEncoding.EncodeToString(b)) }},
}

// encodingOf finds an encoding by one of its names; nothing means UTF-8.
func (r *realm) encodingOf(name goja.Value) encoding {
	e, ok := findEncoding(name)
	if !ok {
		r.throw("TypeError", "ERR_UNKNOWN_ENCODING", "Unknown encoding: %s", language.Shorten(name.String(), language.LongestName))
	}
	return e
}

func findEncoding(name goja.Value) (encoding, bool) {
	if isNothing(name) {
		return encodings["utf8"], true
	}
	label := strings.ToLower(name.String())
	switch label {
	case "utf-8", "":
		label = "utf8"
	case "utf-16le", "ucs2", "ucs-2":
		label = "utf16le"
	case "binary":
		label = "latin1"
	}
	e, ok := encodings[label]
	return e, ok
}

// textOrBytes takes a text in the given encoding, or bytes as they are.
func (r *realm) textOrBytes(value, name goja.Value) ([]byte, bool) {
	if goja.IsString(value) {
		return r.encodingOf(name).encode(value.String()), true
	}
	return r.bytesOf(value)
}

func ascii(text string) goja.Value { return goja.StringFromUTF16(latin1Units([]byte(text), 0x7f)) }

func latin1Text(b []byte, mask byte) goja.Value { return goja.StringFromUTF16(latin1Units(b, mask)) }

func latin1Units(b []byte, mask byte) []uint16 {
	units := make([]uint16, len(b))
	for i, c := range b {
		units[i] = uint16(c & mask)
	}
	return units
}

func latin1Bytes(text string) []byte {
	units := utf16.Encode([]rune(text))
	b := make([]byte, len(units))
	for i, u := range units {
		b[i] = byte(u) //nolint:gosec // the low byte, says Node
	}
	return b
}

func utf16Bytes(text string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func utf16Units(b []byte) []uint16 {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return units
}

// hexBytes decodes up to the first thing that is no pair of digits.
func hexBytes(text string) []byte {
	b := make([]byte, len(text)/2)
	n, _ := encodinghex.Decode(b, []byte(text[:len(text)/2*2])) // what came before a fault counts
	return b[:n]
}

// base64Bytes decodes both alphabets and passes over what belongs to neither.
func base64Bytes(text string) []byte {
	clean := make([]byte, 0, len(text))
	text, _, _ = strings.Cut(text, "=")
	for i := range len(text) {
		switch c := text[i]; {
		case c == '-':
			clean = append(clean, '+')
		case c == '_':
			clean = append(clean, '/')
		case c == '+' || c == '/' || isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
			clean = append(clean, c)
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	b, _ := base64.RawStdEncoding.DecodeString(string(clean)) // nothing else is left in it
	return b
}

// utf8Units decodes UTF-8 as browsers do: of a sequence that breaks off, all that was read becomes
// one U+FFFD.
func utf8Units(b []byte) []uint16 {
	units := make([]uint16, 0, len(b))
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			units = append(units, uint16(b[0]))
			b = b[1:]
			continue
		}
		c, size := utf8.DecodeRune(b)
		if c == utf8.RuneError && size == 1 {
			size = brokenSize(b)
		}
		units = utf16.AppendRune(units, c)
		b = b[size:]
	}
	return units
}

// brokenSize is how many bytes of a faulty sequence could have begun a good one.
func brokenSize(b []byte) int {
	low, high := byte(0x80), byte(0xbf)
	var more int
	switch c := b[0]; {
	case 0xc2 <= c && c <= 0xdf:
		more = 1
	case 0xe0 <= c && c <= 0xef:
		more = 2
		switch c {
		case 0xe0:
			low = 0xa0
		case 0xed:
			high = 0x9f
		}
	case 0xf0 <= c && c <= 0xf4:
		more = 3
		switch c {
		case 0xf0:
			low = 0x90
		case 0xf4:
			high = 0x8f
		}
	}
	for i := range more {
		if i+1 >= len(b) || b[i+1] < low || b[i+1] > high {
			return i + 1
		}
		low, high = 0x80, 0xbf
	}
	return 1
}

// utf8Text decodes a body: a byte order mark in front is no part of its text.
func utf8Text(b []byte) goja.Value {
	return goja.StringFromUTF16(utf8Units(bytes.TrimPrefix(b, []byte("\ufeff"))))
}
