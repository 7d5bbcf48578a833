package schema

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

var scanned = []string{
	`{"b":1,"a":[true,false,null,"x"],"b":2}`, `{ "a" : { } , "b" : [ ] }`, `{"a\u0062\n":"\ud800 \u00e9 \n\/"}`, "{\"\xff\":\"\xc3\"}",
	`{"a":-0,"b":1e999,"c":1E+2,"d":0.50,"e":123456789012345678}`, `[[[[]]]]`, `[1,"\"",[2,{"a":[3]}]]`, `{"":{"__proto__":{}}}`,
	`{"a":1,}`, `{"a"}`, `{"a":}`, `{,}`, `[1,]`, `[01]`, `[1.]`, `[-]`, `[.5]`, `[1e]`, `["\x"]`, `["\u12g4"]`, "[\"\x01\"]", `["abcdefgh\"ijklmnop\\"]`,
	`{"a":1}{`, `[1] 2`, `[tru]`, `[nullx]`, `"a"`, ``, ` `, `[`, `{"a`, "\ufeff{}", "[1\u00a0]", `{"abcdefghijklm":"nopqrstuvwxyz0123456789"}`,
	"{\"a\":\"12345678901234567\x1f\"}", `{"x":"é"}`, "[\"\x7f\u2028\"]", `["\b\f\n\r\t\"\\"]`, `["\u0000"]`, `{"a":1,"\u0061":2}`,
	`{"a":` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `}`,
}

// part is a member or, without a name, an item.
type part struct{ name, value string }

// FuzzScan holds the scanner against the reader of the JSON library.
func FuzzScan(f *testing.F) {
	for _, text := range scanned {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, open := range []jsontext.Kind{'{', '['} {
			want, wantErr := libraryParts(text, open)
			got, gotErr := scannerParts(text, open)
			if (gotErr == nil) != (wantErr == nil) {
				t.Fatalf("%q as %v: %v, want %v", text, open, gotErr, wantErr)
			}
			if gotErr == nil && !equalParts(got, want) {
				t.Fatalf("%q as %v: %q, want %q", text, open, got, want)
			}
		}
	})
}

func scannerParts(text []byte, open jsontext.Kind) (parts []part, err error) {
	if open == '{' {
		err = EachMember(text, func(name, value []byte) { parts = append(parts, part{string(name), string(value)}) })
	} else {
		err = EachItem(text, func(value []byte) { parts = append(parts, part{"", string(value)}) })
	}
	return parts, err
}

func libraryParts(text []byte, open jsontext.Kind) (parts []part, err error) {
	d := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	start, err := d.ReadToken()
	if err != nil || start.Kind() != open {
		return nil, errors.Join(err, errSyntax)
	}
	for d.PeekKind() != '}' && d.PeekKind() != ']' {
		var p part
		if open == '{' {
			name, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			p.name = name.String()
		}
		value, err := d.ReadValue()
		if err != nil {
			return nil, err
		}
		p.value = string(value)
		parts = append(parts, p)
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errSyntax
	}
	return parts, nil
}

func equalParts(a, b []part) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// FuzzTidy holds Tidy against the way it shortens.
func FuzzTidy(f *testing.F) {
	for _, text := range scanned {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, wantErr := Decode(text)
		got, err := Tidy(text)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("Tidy(%q): %v, want %v", text, err, wantErr)
		}
		if err != nil {
			return
		}
		if want := Encode(value); !bytes.Equal(got, want) {
			t.Fatalf("Tidy(%q) = %s, want %s", text, got, want)
		}
	})
}

func TestTidyTakesWhatEncodePrints(t *testing.T) {
	for _, text := range []string{
		`[{"color":"#2de0a5","fields":[{"title":"added","value":"a\nb","short":true}],"ts":"2026"}]`,
		`{"a":1,"b":-2.5,"c":null,"d":[],"e":{},"f":"ä\"\\","g":1e+21}`,
	} {
		if !isTidy([]byte(text)) {
			t.Errorf("isTidy(%s) = false", text)
		}
	}
}

func TestScanDepth(t *testing.T) {
	for depth, ok := range map[int]bool{maxScan: true, maxScan + 1: false} {
		text := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		_, err := scannerParts([]byte(text), '[')
		_, libraryErr := libraryParts([]byte(text), '[')
		if (err == nil) != ok || (libraryErr == nil) != ok {
			t.Errorf("%d levels: %v, by the library %v", depth, err, libraryErr)
		}
	}
}

func TestDeeper(t *testing.T) {
	for _, tt := range []struct {
		text   string
		levels int
		want   bool
	}{
		{"", 0, false},
		{"1", 0, false},
		{"[]", 0, true},
		{"[]", 1, false},
		{"[[]]", 1, true},
		{"[[]]", 2, false},
		{`[{"a":[]}]`, 2, true},
		{`[{"a":[]}]`, 3, false},
		{`[[],[],[]]`, 2, false},
		{`["[[[\"[[[\\"]`, 1, false},
		{`["\\",[[]]]`, 2, true},
	} {
		if got := Deeper([]byte(tt.text), tt.levels); got != tt.want {
			t.Errorf("Deeper(%s, %d) = %v, want %v", tt.text, tt.levels, got, tt.want)
		}
	}
}
