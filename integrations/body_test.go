package integrations

import (
	"errors"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestReadBody(t *testing.T) {
	const jsonType, plainForm = "application/json", "application/x-www-form-urlencoded"
	tests := []struct {
		name, contentType, body string
		want                    string
		unreadable              bool
	}{
		{"JSON", jsonType, `{"text":"a"}`, `{"text":"a"}`, false},
		{"JSON with charset", "application/json; charset=utf-8", ` {"text":"a"} `, `{"text":"a"}`, false},
		{"key order is kept", jsonType, `{"b":1,"a":2}`, `{"b":1,"a":2}`, false},
		{"array", jsonType, `[1]`, `{}`, false},
		{"primitive", jsonType, `"text"`, `{}`, false},
		{"broken JSON", jsonType, `{"text":`, `{}`, true},
		{"nothing", jsonType, ``, `{}`, false},
		{"spaces", "", "  \n", `{}`, false},
		{"form", plainForm, `text=a+b&x=%3C1%3E`, `{"text":"a b","x":"<1>"}`, false},
		{"form field twice", plainForm, `a=1&b=2&a=3`, `{"a":"3","b":"2"}`, false},
		{"form with broken escapes", plainForm, `text=100%+s%75re`, `{"text":"100% sure"}`, false},
		{"form without values", plainForm, `text`, `{"text":""}`, false},
		{"payload", plainForm, `payload=%7B%22text%22%3A%22a%22%7D`, `{"text":"a"}`, false},
		{"payload that is no JSON", plainForm, `payload=hello`, `{"payload":"hello"}`, false},
		{"payload beside others", plainForm, `payload=%7B%7D&a=1`, `{"payload":"{}","a":"1"}`, false},
		{"payload as JSON", jsonType, `{"payload":"{}"}`, `{"payload":"{}"}`, false},
		{"JSON sent as a form, as curl -d does", plainForm, `{"text":"a=b&c"}`, `{"text":"a=b&c"}`, false},
		{"JSON without type", "", `{"text":"a"}`, `{"text":"a"}`, false},
		{"JSON as text", "text/plain", `{"text":"a"}`, `{"text":"a"}`, false},
		{"form without type", "", `text=a&b=c`, `{"text":"a","b":"c"}`, false},
		{"form sent as JSON", jsonType, `text=a`, `{"text":"a"}`, false},
		{"prose", "text/plain", `disk full: a = b`, `{}`, true},
		{"XML", "application/xml", `<a b="c"/>`, `{}`, true},
		{"multipart", "multipart/form-data; boundary=x", "--x\r\n", `{}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := readBody(tt.contentType, []byte(tt.body))
			if err != nil {
				t.Fatalf("readBody: %v", err)
			}
			if string(b.content) != tt.want || b.readable == tt.unreadable {
				t.Errorf("readBody(%q, %q) = %s, readable %v; want %s, %v", tt.contentType, tt.body, b.content, b.readable, tt.want, !tt.unreadable)
			}
		})
	}
}

func TestReadBodyRefusesOtherPayloads(t *testing.T) {
	for _, payload := range []string{"%5B1%5D", "1", "null", "%22a%22"} {
		_, err := readBody(formType, []byte("payload="+payload))
		if !errors.Is(err, ErrPayload) {
			t.Errorf("readBody of payload %s = %v, want ErrPayload", payload, err)
		}
	}
}

func FuzzReadBody(f *testing.F) {
	f.Add("application/json", []byte(`{"text":"a","channel":["#a"]}`))
	f.Add(formType, []byte(`payload=%7B%22text%22%3A%22a%22%7D`))
	f.Add("", []byte(`a=1&b=%zz&a=\xff`))
	f.Fuzz(func(t *testing.T, contentType string, raw []byte) {
		b, err := readBody(contentType, raw)
		if err != nil {
			if !errors.Is(err, ErrPayload) {
				t.Fatalf("readBody: %v", err)
			}
			return
		}
		content := jsontext.Value(b.content)
		if content.Kind() != '{' || !content.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
			t.Errorf("content of %q is no JSON object: %s", raw, content)
		}
	})
}
