package worker

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
	"github.com/dop251/goja/unistring"

	"github.com/grapnel-chat/grapnel/schema"
)

// stringValue reads a string literal. Its bytes are copied, so that a script that keeps one word of
// a request does not keep the whole.
func (b *builder) stringValue() (goja.Value, error) {
	span, plain, err := b.span()
	if err != nil {
		return nil, err
	}
	if plain {
		return b.names.value(b.runtime, span), nil
	}
	text, lone := unescape(span)
	if lone {
		// Half a surrogate pair cannot be told in UTF-8.
		return goja.StringFromUTF16(unescape16(span)), nil
	}
	return b.runtime.ToValue(text), nil
}

// name reads a property's name and whether it is read; b.reads is then what is read of its value. The
// same few names come again with every call.
func (b *builder) name() (name unistring.String, read bool, err error) {
	span, plain, err := b.span()
	if err != nil {
		return "", false, err
	}
	if plain {
		if b.reads != nil && !b.follow(span) {
			return "", false, nil
		}
		return b.names.of(span), true, nil
	}
	text, lone := unescape(span)
	if lone {
		b.reads = nil
		return unistring.FromUtf16(append([]uint16{unistring.BOM}, unescape16(span)...)), true, nil
	}
	if b.reads != nil && !b.follow([]byte(text)) {
		return "", false, nil
	}
	return unistring.NewFromString(text), true, nil
}

// follow goes on with what is read of a member, if it is read.
func (b *builder) follow(name []byte) (read bool) {
	of, read := b.reads.Member(name)
	if !read && !utf8.Valid(name) {
		of, read = b.reads.Member([]byte(validText(name))) // as a script sees it
	}
	b.reads = of
	return read
}

// span moves behind a string literal and returns what stands between its quotes, and whether that
// can be taken as it stands.
func (b *builder) span() (span []byte, plain bool, err error) {
	b.at++
	start, plain := b.at, true
	for b.at < len(b.text) {
		if b.at += schema.Ordinary(b.text[b.at:]); b.at == len(b.text) {
			break
		}
		switch c := b.text[b.at]; {
		case c == '"':
			span = b.text[start:b.at]
			b.at++
			return span, plain, nil
		case c == '\\':
			plain = false
			b.at++
			if err := b.escape(); err != nil {
				return nil, false, err
			}
		case c < ' ':
			return nil, false, b.unexpected()
		default:
			b.at++
		}
	}
	return nil, false, b.unexpected()
}

// escape moves behind what follows a backslash, if it is well formed.
func (b *builder) escape() error {
	if b.at >= len(b.text) {
		return b.unexpected()
	}
	switch b.text[b.at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		b.at++
		return nil
	case 'u':
		b.at++
		for range 4 {
			if b.at >= len(b.text) || !isHex(b.text[b.at]) {
				return b.unexpected()
			}
			b.at++
		}
		return nil
	}
	return b.unexpected()
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// unescape decodes a well-formed span. lone tells that it holds half a surrogate pair, which the
// text shows as U+FFFD.
func unescape(span []byte) (text string, lone bool) {
	out := make([]byte, 0, len(span))
	for i := 0; i < len(span); {
		if span[i] != '\\' {
			next := bytes.IndexByte(span[i:], '\\')
			if next < 0 {
				next = len(span) - i
			}
			out = append(out, span[i:i+next]...)
			i += next
			continue
		}
		if span[i+1] != 'u' {
			out = append(out, unescaped(span[i+1]))
			i += 2
			continue
		}
		unit := codeUnit(span[i+2:])
		i += 6
		if utf16.IsSurrogate(unit) {
			pair := rune(utf8.RuneError)
			if i+6 <= len(span) && span[i] == '\\' && span[i+1] == 'u' {
				pair = utf16.DecodeRune(unit, codeUnit(span[i+2:]))
			}
			if pair == utf8.RuneError {
				lone = true
			} else {
				i += 6
			}
			unit = pair
		}
		out = utf8.AppendRune(out, unit)
	}
	return validText(out), lone
}

// unescape16 decodes a span that has half a surrogate pair somewhere.
func unescape16(span []byte) []uint16 {
	var out []uint16
	for len(span) > 0 {
		switch {
		case span[0] != '\\':
			r, size := utf8.DecodeRune(span)
			out = utf16.AppendRune(out, r)
			span = span[size:]
		case span[1] == 'u':
			out = append(out, uint16(codeUnit(span[2:]))) //nolint:gosec // four hexadecimal digits
			span = span[6:]
		default:
			out = append(out, uint16(unescaped(span[1])))
			span = span[2:]
		}
	}
	return out
}

func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

func codeUnit(hex []byte) rune {
	n, _ := strconv.ParseUint(string(hex[:4]), 16, 16) // escape has checked the digits
	return rune(n)
}

// validText copies bytes into a string; what is no UTF-8 becomes U+FFFD, byte by byte.
func validText(b []byte) string { return mended(string(b)) }

func mended(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}
