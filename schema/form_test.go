package schema_test

import (
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/schema"
)

func TestDecodeForm(t *testing.T) {
	for text, want := range map[string]string{
		"":                     `{}`,
		"a=1&b=2&a=3":          `{"a":"3","b":"2"}`,
		"a=x+y%20z&%62=%C3%A4": `{"a":"x y z","b":"ä"}`,
		"a=100%+%zz%4":         `{"a":"100% %zz%4"}`,
		"a&=b&&":               `{"a":"","":"b"}`,
		"a=%FF":                "{\"a\":\"\uFFFD\"}",
	} {
		if got := string(schema.Encode(schema.DecodeForm(text))); got != want {
			t.Errorf("DecodeForm(%q) = %s, want %s", text, got, want)
		}
	}
}

// BenchmarkDecodeForm reads a form of many fields, whose time must grow with its size alone.
func BenchmarkDecodeForm(b *testing.B) {
	for name, fields := range map[string]int{"100 fields": 100, "10000 fields": 10_000} {
		var text strings.Builder
		for n := range fields {
			text.WriteString("&field")
			text.WriteString(strings.Repeat("x", n%7))
			text.WriteString(string(rune('a' + n%26)))
			text.WriteString(strings.Repeat("9", n/7%50))
			text.WriteString("=value")
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				schema.DecodeForm(text.String())
			}
		})
	}
}

func FuzzDecodeForm(f *testing.F) {
	f.Add("a=1&b=2&a=3")
	f.Add("payload=%5B%5D&&=&%")
	f.Fuzz(func(t *testing.T, text string) {
		form := schema.DecodeForm(text)
		again, err := schema.Decode(schema.Encode(form))
		if err != nil {
			t.Fatalf("form %q makes no JSON: %v", text, err)
		}
		if o, ok := again.(*schema.Object); !ok || o.Len() != form.Len() {
			t.Errorf("form %q reads back as %v", text, again)
		}
	})
}
