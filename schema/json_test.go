package schema

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// TestDecodeEncode has what JSON.stringify(JSON.parse(text)) prints.
func TestDecodeEncode(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"order", ` { "b" : 1 , "a" : [ true , null ] } `, `{"b":1,"a":[true,null]}`},
		{"duplicate", `{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		{"empty", `{"":[],"o":{}}`, `{"":[],"o":{}}`},
		{"numbers", `[1.0,1e21,1e-7,0.000001,-0,5e-324,123456789012345680000]`, `[1,1e+21,1e-7,0.000001,0,5e-324,123456789012345680000]`},
		{"too large", `[1e999,-1e999]`, `[null,null]`},
		{"no HTML escapes", `"</script>&\u2028\u007f"`, "\"</script>&\u2028\u007f\""},
		{"escapes", `"\u0000\u001f\b\f\n\r\t\"\\\/é"`, `"\u0000\u001f\b\f\n\r\t\"\\/é"`},
		{"surrogate pair", `"\ud83d\ude00"`, `"😀"`},
		{"half a pair", `"\ud83d"`, "\"\ufffd\""},
		{"not UTF-8", "\"a\xffb\"", "\"a\ufffdb\""},
		{"proto", `{"__proto__":{"a":1}}`, `{"__proto__":{"a":1}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := Decode([]byte(tt.text))
			if err != nil {
				t.Fatalf("Decode(%s): %v", tt.text, err)
			}
			if got := string(Encode(doc)); got != tt.want {
				t.Errorf("Encode(Decode(%s)) = %s, want %s", tt.text, got, tt.want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []string{
		``, ` `, `{`, `[`, `{"a"}`, `{"a":}`, `{"a":1,}`, `[1,]`, `{1:2}`, `01`, `1.`, `+1`, `NaN`, `tru`, `'a'`, `"a`,
		"\"\n\"", `1 2`, `{} x`, "\ufeff{}", `"\x"`, `// c`,
	}
	for _, text := range tests {
		if doc, err := Decode([]byte(text)); err == nil {
			t.Errorf("Decode(%q) = %v, want an error", text, doc)
		}
	}
}

func TestDecodeBoundsDepth(t *testing.T) {
	nested := func(n int) []byte {
		return []byte(strings.Repeat(`{"a":[`, n/2) + strings.Repeat(`]}`, n/2))
	}
	if _, err := Decode(nested(maxDepth)); err != nil {
		t.Errorf("Decode of %d levels: %v", maxDepth, err)
	}
	if _, err := Decode(nested(maxDepth + 2)); !errors.Is(err, ErrDepth) {
		t.Errorf("Decode of %d levels: %v, want ErrDepth", maxDepth+2, err)
	}
	if _, err := Decode([]byte(strings.Repeat("[", 1_000_000))); !errors.Is(err, ErrDepth) {
		t.Errorf("Decode of a million levels: %v, want ErrDepth", err)
	}
}

func TestTextNumber(t *testing.T) {
	tests := []struct {
		text string
		want float64
		ok   bool
	}{
		{"4", 4, true},
		{" \t\n\u00a0\ufeff 4.5 \u2028", 4.5, true},
		{" ", 0, true},
		{".5", 0.5, true},
		{"5.", 5, true},
		{"+3", 3, true},
		{"-3e2", -300, true},
		{"0x1F", 31, true},
		{"0B101", 5, true},
		{"0o17", 15, true},
		{"017", 17, true},
		{"0x20000000000001", 9007199254740992, true}, // rounds half to even
		{"Infinity", math.Inf(1), true},
		{"-Infinity", math.Inf(-1), true},
		{"1e999", math.Inf(1), true},
		{"infinity", 0, false},
		{"-0x10", 0, false},
		{"1_000", 0, false},
		{"0x", 0, false},
		{"0x1p3", 0, false},
		{"1e", 0, false},
		{".", 0, false},
		{"NaN", 0, false},
		{"4px", 0, false},
	}
	for _, tt := range tests {
		if got, ok := textNumber(tt.text); got != tt.want || ok != tt.ok {
			t.Errorf("textNumber(%q) = %v, %v, want %v, %v", tt.text, got, ok, tt.want, tt.ok)
		}
	}
}

func TestNumberText(t *testing.T) {
	tests := []struct {
		number float64
		want   string
	}{
		{0, "0"},
		{math.Copysign(0, -1), "0"},
		{1e20, "100000000000000000000"},
		{1e21, "1e+21"},
		{1e-6, "0.000001"},
		{1e-7, "1e-7"},
		{0.30000000000000004, "0.30000000000000004"},
		{math.Inf(1), "Infinity"},
		{math.Inf(-1), "-Infinity"},
	}
	for _, tt := range tests {
		if got := numberText(tt.number); got != tt.want {
			t.Errorf("numberText(%g) = %s, want %s", tt.number, got, tt.want)
		}
	}
}
