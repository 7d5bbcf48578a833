package api

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// queries have what qs 6.17.1 answers with arrayLimit 500 and throwOnLimitExceeded.
var queries = []struct{ query, want string }{
	{"", `{}`},
	{"a", `{"a":""}`},
	{"a=", `{"a":""}`},
	{"a=1", `{"a":"1"}`},
	{"a=1=2", `{"a":"1=2"}`},
	{"b=1&a=2", `{"b":"1","a":"2"}`},
	{"&&a=1&&", `{"a":"1"}`},
	{"=1", `{}`},
	{"=", `{}`},
	{"a;b=1", `{"a;b":"1"}`},

	{"a+b=c+d", `{"a b":"c d"}`},
	{"%61=%62", `{"a":"b"}`},
	{"a=%E2%82%AC", `{"a":"€"}`},
	{"a=%zz+%41", `{"a":"%zz %41"}`},
	{"a=%ff", `{"a":"%ff"}`},
	{"a=%", `{"a":"%"}`},
	{"a=\xff", `{"a":"` + "\uFFFD" + `"}`},
	{"a=%26%3D", `{"a":"&="}`},
	{"é=ü", `{"é":"ü"}`},

	{"a=1&a=2", `{"a":["1","2"]}`},
	{"a=1&b=2&a=3", `{"a":["1","3"],"b":"2"}`},
	{"a&a", `{"a":["",""]}`},
	{"a[]=1", `{"a":["1"]}`},
	{"a[]=1&a[]=2", `{"a":["1","2"]}`},
	{"a[]", `{"a":[""]}`},
	{"a[]=1&a=2", `{"a":["1","2"]}`},
	{"a=1&a[]=2", `{"a":["1","2"]}`},
	{"a[]=1&a=", `{"a":["1"]}`},
	{"a%5B%5D=1", `{"a":["1"]}`},
	{"a%5b%5d=1", `{"a":["1"]}`},
	{"a[0]=x", `{"a":["x"]}`},
	{"a[1]=x&a[0]=y", `{"a":["y","x"]}`},
	{"a[7]=x&a[3]=y", `{"a":["y","x"]}`},
	{"a[0]=x&a[0]=y", `{"a":[["x","y"]]}`},
	{"a[0]=x&a[]=y", `{"a":["x","y"]}`},
	{"a[01]=x", `{"a":{"01":"x"}}`},
	{"a[-1]=x", `{"a":{"-1":"x"}}`},
	{"a[1e2]=x", `{"a":{"1e2":"x"}}`},
	{"[]=1", `{"0":"1"}`},

	{"a[b]=1", `{"a":{"b":"1"}}`},
	{"a[b]=1&a[c]=2", `{"a":{"b":"1","c":"2"}}`},
	{"a[b]=1&a[b]=2", `{"a":{"b":["1","2"]}}`},
	{"a[b][]=1&a[b][]=2", `{"a":{"b":["1","2"]}}`},
	{"a[][b]=1&a[][b]=2", `{"a":[{"b":["1","2"]}]}`},
	{"a[0][b]=1&a[1][b]=2", `{"a":[{"b":"1"},{"b":"2"}]}`},
	{"a[0][b]=1&a[0][c]=2", `{"a":[{"b":"1","c":"2"}]}`},
	{"a[b]=1&a=2", `{"a":[{"b":"1"},"2"]}`},
	{"a=2&a[b]=1", `{"a":["2",{"b":"1"}]}`},
	{"a[0]=1&a[b]=2", `{"a":{"0":"1","b":"2"}}`},
	{"a[b]=2&a[0]=1", `{"a":{"b":"2","0":"1"}}`},
	{"a[b]=2&a[]=1", `{"a":{"b":"2","0":"1"}}`},
	{"a=1&a=2&a[b]=3", `{"a":{"0":"1","1":"2","b":"3"}}`},
	{"[a]=1", `{"a":"1"}`},
	{"[a][b]=1", `{"a":{"b":"1"}}`},
	{"a[b=c]=d", `{"a":{"b=c":"d"}}`},
	{"a[b]c=1", `{"a":{"b":"1"}}`},
	{"a[b]c[d]=1", `{"a":{"b":{"d":"1"}}}`},
	{"a[b]]=1", `{"a":{"b":"1"}}`},
	{"a]=1", `{"a]":"1"}`},
	{"a[[b]]=1", `{"a":{"[b]":"1"}}`},
	{"a[b", `{"a":{"[b":""}}`},
	{"a[b=1", `{"a":{"[b":"1"}}`},
	{"a[b][c][d][e][f]=1", `{"a":{"b":{"c":{"d":{"e":{"f":"1"}}}}}}`},
	{"a[b][c][d][e][f][g][h]=1", `{"a":{"b":{"c":{"d":{"e":{"f":{"[g][h]":"1"}}}}}}}`},

	{"toString=1", `{}`},
	{"__proto__[a]=1", `{}`},
	{"a[constructor]=1", `{}`},
	{"a[b][__proto__]=1&c=2", `{"c":"2"}`},
	{"prototype=1", `{"prototype":"1"}`},
}

func TestParseQuery(t *testing.T) {
	for _, tt := range queries {
		got, err := parseQuery(tt.query)
		if err != nil {
			t.Errorf("parseQuery(%q): %v", tt.query, err)
			continue
		}
		if text := string(schema.Encode(got)); text != tt.want {
			t.Errorf("parseQuery(%q) = %s, want %s", tt.query, text, tt.want)
		}
	}
}

func TestParseQueryLimits(t *testing.T) {
	times := func(n int, pair string) string { return strings.TrimSuffix(strings.Repeat(pair+"&", n), "&") }
	indices := func(n int) string {
		pairs := make([]string, n)
		for i := range pairs {
			pairs[i] = fmt.Sprintf("a[%d]=x", i)
		}
		return strings.Join(pairs, "&")
	}
	tests := []struct {
		name, query string
		items       int // of a; less than zero: refused
	}{
		{"500 times one name", times(500, "a=x"), 500},
		{"501 times one name", times(501, "a=x"), -1},
		{"500 items", times(500, "a[]=x"), 500},
		{"501 items", times(501, "a[]=x"), -1},
		{"500 items and one more by name", times(500, "a[]=x") + "&a=x", -1},
		{"500 indices", indices(500), 500},
		{"500 indices and an item", indices(500) + "&a[]=x", -1},
		{"one name and 500 items", "a=x&" + times(500, "a[]=x"), -1},
		{"the last index", "a[499]=x", 1},
		{"an index too large", "a[500]=x", -1},
		{"an index beyond numbers", "a[99999999999999999999]=x", 0},
		{"1000 parameters", times(500, "a=x") + "&" + times(500, "b=x"), 500},
		{"1001 parameters", times(500, "a=x") + "&" + times(501, "b"), -1},
		{"empty parameters count", strings.Repeat("&", 1000), -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseQuery(tt.query)
			if tt.items < 0 {
				if !errors.Is(err, errQuery) {
					t.Errorf("parseQuery = %v, %v, want errQuery", got, err)
				}
				return
			}
			if err != nil {
				t.Fatalf("parseQuery: %v", err)
			}
			a, _ := got.(*schema.Object).Get("a")
			if list, _ := a.([]any); len(list) != tt.items {
				t.Errorf("parseQuery: a has %d items, want %d", len(list), tt.items)
			}
		})
	}
}

func TestParseForm(t *testing.T) {
	tests := []struct{ form, want string }{
		{"", `{}`},
		{"a=1&b=2", `{"a":"1","b":"2"}`},
		{"a=1&a=2", `{"a":"2"}`},
		{"a=1&b=2&a=3", `{"a":"3","b":"2"}`},
		{"a", `{"a":""}`},
		{"=1", `{"":"1"}`},
		{"&&a=1&", `{"a":"1"}`},
		{"a=1=2", `{"a":"1=2"}`},
		{"a[b]=1&a[]=2", `{"a[b]":"1","a[]":"2"}`},
		{"a+b=%7B%22c%22%3A+1%7D", `{"a b":"{\"c\": 1}"}`},
		{"a=100%+%41%4", `{"a":"100% A%4"}`},
		{"a=%ff", `{"a":"` + "\uFFFD" + `"}`},
		{"__proto__=1", `{"__proto__":"1"}`},
		{"a=1;b=2", `{"a":"1;b=2"}`},
	}
	for _, tt := range tests {
		if got := string(schema.Encode(schema.DecodeForm(tt.form))); got != tt.want {
			t.Errorf("schema.DecodeForm(%q) = %s, want %s", tt.form, got, tt.want)
		}
	}
}

func TestParseBody(t *testing.T) {
	tests := []struct{ contentType, body, want string }{
		{"application/json", `{"b":1,"a":[null]}`, `{"b":1,"a":[null]}`},
		{"application/json", ` [1] `, `[1]`},
		{"application/json", `7`, `7`},
		{"application/json", ``, `{}`},
		{"application/json", `{"a":`, `{}`},
		{"application/json", strings.Repeat("[", 500), `{}`},
		{"application/vnd.x+application/json", `{"a":1}`, `{"a":1}`},
		{"application/x-www-form-urlencoded", `a=1`, `{"a":"1"}`},
		{"application/x-www-form-urlencoded", ``, `{}`},
		{"multipart/form-data", `{"a":1}`, `{}`},
		{"text/plain", `ab`, `{"0":"a","1":"b"}`},
		{"", ``, `{}`},
		{"", `{}`, `{"0":"{","1":"}"}`},
	}
	for _, tt := range tests {
		value, err := parseBody(tt.contentType, []byte(tt.body))
		if got := string(schema.Encode(value)); got != tt.want || err != nil {
			t.Errorf("parseBody(%q, %.40q) = %s, %v, want %s", tt.contentType, tt.body, got, err, tt.want)
		}
	}
}

func TestSpread(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", `{}`},
		{"aé€", `{"0":"a","1":"é","2":"€"}`},
		{"😀b", `{"0":"` + "\uFFFD" + `","1":"` + "\uFFFD" + `","2":"b"}`},
		{"\xff", `{"0":"` + "\uFFFD" + `"}`},
	}
	for _, tt := range tests {
		if got := string(schema.Encode(spread(tt.text))); got != tt.want {
			t.Errorf("spread(%q) = %s, want %s", tt.text, got, tt.want)
		}
	}
	if n := spread(strings.Repeat("€", 1<<20)).Len(); n == 0 || n > 1000 {
		t.Errorf("spread of a long text has %d members, want a thousand at the most", n)
	}
}

func TestSorting(t *testing.T) {
	tests := []struct {
		raw  string
		want []workspace.Order
		bad  bool
	}{
		{raw: ""},
		{raw: "{}"},
		{raw: `{"name":1}`, want: []workspace.Order{{Field: "name"}}},
		{raw: ` {"b":-1,"a":1.0} `, want: []workspace.Order{{Field: "b", Descending: true}, {Field: "a"}}},
		{raw: `{"a":1,"a":-1}`, want: []workspace.Order{{Field: "a", Descending: true}}},
		{raw: " ", bad: true},
		{raw: "x", bad: true},
		{raw: "[]", bad: true},
		{raw: "null", bad: true},
		{raw: "1", bad: true},
		{raw: `{"a":0}`, bad: true},
		{raw: `{"a":2}`, bad: true},
		{raw: `{"a":"1"}`, bad: true},
		{raw: `{"a":true}`, bad: true},
		{raw: `{"a":null}`, bad: true},
		{raw: `{"a":{}}`, bad: true},
		{raw: `{"a":1e999}`, bad: true},
		{raw: `{"a":1} {}`, bad: true},
	}
	for _, tt := range tests {
		got, err := sorting(tt.raw)
		bad, isBad := errors.AsType[*badSort](err)
		if isBad != tt.bad || isBad && bad.raw != tt.raw || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("sorting(%q) = %v, %v, want %v, refused: %v", tt.raw, got, err, tt.want, tt.bad)
		}
	}
}

func TestNumber(t *testing.T) {
	tests := []struct {
		value any
		want  int
	}{
		{nil, 9},
		{true, 9},
		{0.0, 0},
		{7.9, 7},
		{-7.9, -7},
		{math.Inf(1), math.MaxInt32},
		{math.Inf(-1), math.MinInt32},
		{1e300, math.MaxInt32},
		{"", 9},
		{" ", 9},
		{"x", 9},
		{"NaN", 9},
		{"12", 12},
		{" 12 ", 12},
		{"-3", -3},
		{"1e2", 100},
		{"Infinity", math.MaxInt32},
		{"-Infinity", math.MinInt32},
		{"1e999", math.MaxInt32},
		{"-1e999", math.MinInt32},
		{"99999999999999999999", math.MaxInt32},
	}
	for _, tt := range tests {
		o := schema.NewObject()
		o.Set("n", tt.value)
		if got := number(o, "n", 9); got != tt.want {
			t.Errorf("number(%#v) = %d, want %d", tt.value, got, tt.want)
		}
	}
	if got := number(schema.NewObject(), "n", 9); got != 9 {
		t.Errorf("number of a member that is missing = %d, want 9", got)
	}
}

// FuzzParseQuery asks that any query string is either refused for its size or makes a JSON object.
func FuzzParseQuery(f *testing.F) {
	for _, tt := range queries {
		f.Add(tt.query)
	}
	f.Add("a[499]=1&a[498][499]=2&a=3&a[]=4&a[b]=5")
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := parseQuery(raw)
		if err != nil {
			if !errors.Is(err, errQuery) {
				t.Fatalf("parseQuery(%q): %v, want errQuery or none", raw, err)
			}
			return
		}
		checkEncodes(t, raw, got)
	})
}

// FuzzParseForm asks that any form makes a JSON object of texts.
func FuzzParseForm(f *testing.F) {
	for _, text := range []string{"", "a=1&b=%41+c&a=2", "a=%", "a=%ff&=&&%00", "payload=%7B%22a%22%3A1%7D", "a[b]=c", "é=%C3%A9"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		form := schema.DecodeForm(raw)
		for name, value := range form.All() {
			if !isText(value) {
				t.Fatalf("schema.DecodeForm(%q): %q is a %T, want a text", raw, name, value)
			}
		}
		checkEncodes(t, raw, form)
	})
}

// checkEncodes asks that a document is an object which reads back from its JSON as it was.
func checkEncodes(t *testing.T, raw string, document any) {
	t.Helper()
	if _, ok := document.(*schema.Object); !ok {
		t.Fatalf("%q makes a %T, want an object", raw, document)
	}
	text := schema.Encode(document)
	again, err := schema.Decode(text)
	if err != nil {
		t.Fatalf("%q makes %s, which is no JSON: %v", raw, text, err)
	}
	if second := schema.Encode(again); string(second) != string(text) {
		t.Fatalf("%q makes %s, which reads back as %s", raw, text, second)
	}
}
