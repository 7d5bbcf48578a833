package worker

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"
	"golang.org/x/text/encoding/charmap"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// btoaFunction makes what writes a text of bytes as base64.
func (r *realm) btoaFunction() goja.Value {
	return r.native("btoa", 1, func(c goja.FunctionCall) goja.Value {
		r.needs(c, "input")
		text := r.text(c.Argument(0))
		r.bounded(int64(len(text)) * 4)
		b := make([]byte, 0, len(text))
		for _, u := range text {
			if u > 0xff {
				panic(r.newDOMException("InvalidCharacterError", "Invalid character"))
			}
			b = append(b, byte(u)) //nolint:gosec // it is no more than 255
		}
		return r.runtime.ToValue(base64.StdEncoding.EncodeToString(b))
	})
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// atobFunction makes the way back.
func (r *realm) atobFunction() goja.Value {
	return r.native("atob", 1, func(c goja.FunctionCall) goja.Value {
		r.needs(c, "input")
		text := strings.Map(func(u rune) rune {
			if strings.ContainsRune(" \t\n\f\r", u) {
				return -1
			}
			return u
		}, r.text(c.Argument(0)))
		if len(text)%4 == 0 {
			text = strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
		}
		if strings.Trim(text, base64Alphabet) != "" {
			panic(r.newDOMException("InvalidCharacterError", "Invalid character"))
		}
		b, err := base64.RawStdEncoding.DecodeString(text)
		if err != nil {
			panic(r.newDOMException("InvalidCharacterError", "The string to be decoded is not correctly encoded."))
		}
		return latin1Text(b, 0xff)
	})
}

// needs throws where a function gets fewer arguments than it has names for.
func (r *realm) needs(c goja.FunctionCall, names ...string) {
	switch missing := len(names) - len(c.Arguments); {
	case missing > 0 && len(names) == 1:
		r.throw("TypeError", "ERR_MISSING_ARGS", `The "%s" argument must be specified`, names[0])
	case missing > 0:
		r.throw("TypeError", "ERR_MISSING_ARGS", `The "%s" arguments must be specified`, strings.Join(names, `" and "`))
	}
}

func (r *realm) textEncoderClass() goja.Value {
	type textEncoder struct{}
	c := r.newClass("TextEncoder", 0, func(goja.ConstructorCall) any { return &textEncoder{} })
	c.getter("encoding", func(goja.Value) goja.Value { return r.runtime.ToValue("utf-8") })
	c.method("encode", 0, func(call goja.FunctionCall) goja.Value {
		receiver[*textEncoder](c, call.This)
		if goja.IsUndefined(call.Argument(0)) {
			return r.uint8Array(nil)
		}
		return r.uint8Array([]byte(call.Argument(0).String()))
	})
	c.method("encodeInto", 2, func(call goja.FunctionCall) goja.Value {
		receiver[*textEncoder](c, call.This)
		into, ok := exported[[]byte](call.Argument(1))
		if !ok {
			r.throw("TypeError", "ERR_INVALID_ARG_TYPE", `The "dest" argument must be an instance of Uint8Array`)
		}
		read, written := 0, 0
		for _, u := range call.Argument(0).String() {
			size := utf8.RuneLen(u)
			if written+size > len(into) {
				break
			}
			utf8.EncodeRune(into[written:], u)
			read += utf16.RuneLen(u)
			written += size
		}
		result := r.runtime.NewObject()
		define(result, "read", r.runtime.ToValue(read))
		define(result, "written", r.runtime.ToValue(written))
		return result
	})
	return c.constructor
}

// textDecoder is the state of a TextDecoder.
type textDecoder struct {
	encoding         string
	fatal, ignoreBOM bool
	// rest are bytes of a character whose end is to come with the next piece.
	rest []byte
	// begun is a stream whose first piece has been read.
	begun bool
}

// decoderLabels are the names of the encodings that a TextDecoder reads.
var decoderLabels = map[string][]string{
	"utf-8":        {"unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "utf-8", "utf8", "x-unicode20utf8"},
	"utf-16le":     {"csunicode", "iso-10646-ucs-2", "ucs-2", "unicode", "unicodefeff", "utf-16", "utf-16le"},
	"windows-1252": {"ansi_x3.4-1968", "ascii", "cp1252", "cp819", "csisolatin1", "ibm819", "iso-8859-1", "iso-ir-100", "iso8859-1", "iso88591", "iso_8859-1", "iso_8859-1:1987", "l1", "latin1", "us-ascii", "windows-1252", "x-cp1252"},
}

func (r *realm) textDecoderClass() goja.Value {
	c := r.newClass("TextDecoder", 0, func(call goja.ConstructorCall) any {
		d := &textDecoder{encoding: "utf-8"}
		if label := call.Argument(0); !goja.IsUndefined(label) {
			d.encoding = r.decoderEncoding(label.String())
		}
		if fatal := option(call.Argument(1), "fatal"); fatal != nil {
			d.fatal = fatal.ToBoolean()
		}
		if ignore := option(call.Argument(1), "ignoreBOM"); ignore != nil {
			d.ignoreBOM = ignore.ToBoolean()
		}
		return d
	})
	of := func(this goja.Value) *textDecoder { return receiver[*textDecoder](c, this) }
	c.getter("encoding", func(this goja.Value) goja.Value { return r.runtime.ToValue(of(this).encoding) })
	c.getter("fatal", func(this goja.Value) goja.Value { return r.runtime.ToValue(of(this).fatal) })
	c.getter("ignoreBOM", func(this goja.Value) goja.Value { return r.runtime.ToValue(of(this).ignoreBOM) })
	c.method("decode", 0, func(call goja.FunctionCall) goja.Value {
		d := of(call.This)
		var piece []byte
		if input := call.Argument(0); !goja.IsUndefined(input) {
			var ok bool
			if piece, ok = r.bytesOf(input); !ok {
				r.throw("TypeError", "ERR_INVALID_ARG_TYPE",
					`The "list" argument must be an instance of SharedArrayBuffer, ArrayBuffer or ArrayBufferView.`)
			}
		}
		streams := option(call.Argument(1), "stream")
		units, ok := d.decode(piece, streams != nil && streams.ToBoolean())
		if !ok {
			r.throw("TypeError", "ERR_ENCODING_INVALID_ENCODED_DATA", "The encoded data was not valid for encoding %s", d.encoding)
		}
		return goja.StringFromUTF16(units)
	})
	return c.constructor
}

func (r *realm) decoderEncoding(label string) string {
	wanted := strings.ToLower(strings.Trim(label, " \t\n\f\r"))
	for name, labels := range decoderLabels {
		if slices.Contains(labels, wanted) {
			return name
		}
	}
	r.throw("RangeError", "ERR_ENCODING_NOT_SUPPORTED", `The "%s" encoding is not supported`, language.Shorten(label, language.LongestName))
	return ""
}

// decode returns the text of one piece. Where more is to come, what its end leaves open waits for that.
func (d *textDecoder) decode(piece []byte, more bool) (units []uint16, ok bool) {
	b := slices.Concat(d.rest, piece)
	d.rest = nil
	whole := len(b)
	if more {
		whole -= d.open(b)
		d.rest = slices.Clone(b[whole:])
		b = b[:whole]
	}
	switch d.encoding {
	case "utf-8":
		if d.fatal && !utf8.Valid(b) {
			d.begun, d.rest = false, nil
			return nil, false
		}
		units = utf8Units(b)
	case "utf-16le":
		units, ok = wellFormed(utf16Units(b), len(b)%2 == 1)
		if d.fatal && !ok {
			d.begun, d.rest = false, nil
			return nil, false
		}
	default:
		text, _ := charmap.Windows1252.NewDecoder().Bytes(bytes.Clone(b)) // every byte is a character
		return utf16.Encode([]rune(string(text))), true
	}
	if !d.begun && !d.ignoreBOM && len(units) > 0 && units[0] == 0xfeff {
		units = units[1:]
	}
	d.begun = more && (d.begun || whole > 0)
	return units, true
}

// open counts the bytes at the end that may be the beginning of a character.
func (d *textDecoder) open(b []byte) int {
	switch d.encoding {
	case "utf-8":
		for n := 1; n <= min(3, len(b)); n++ {
			if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
				if !utf8.FullRune(tail) {
					return n
				}
				return 0
			}
		}
	case "utf-16le":
		n := len(b) % 2
		if at := len(b) - n - 2; at >= 0 && b[at+1]&0xfc == 0xd8 {
			n += 2
		}
		return n
	}
	return 0
}

// wellFormed puts U+FFFD in place of half surrogate pairs, and of half a code unit at the end.
func wellFormed(units []uint16, half bool) (out []uint16, ok bool) {
	ok = !half
	for i := 0; i < len(units); i++ {
		c := rune(units[i])
		if utf16.IsSurrogate(c) {
			pair := rune(utf8.RuneError)
			if i+1 < len(units) {
				pair = utf16.DecodeRune(c, rune(units[i+1]))
			}
			if pair == utf8.RuneError {
				ok, units[i] = false, utf8.RuneError
			} else {
				i++
			}
		}
	}
	if half {
		units = append(units, utf8.RuneError)
	}
	return units, ok
}
