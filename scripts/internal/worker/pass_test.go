package worker

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// FuzzBuildRead holds a value of which only some is read against the whole of it.
func FuzzBuildRead(f *testing.F) {
	for _, text := range []string{
		`{"a":{"x":[1]},"b":{"a":1,"b":{"a":"\"}","c":2},"d":[]},"c":[[{}],{"a":"]"}],"d":null}`, `[{"b":{"d":1}},{"c":1,"a":2}]`, `{"d":"\\","a":1}`,
		`{"\u0061":1,"\u0064":{"a":[]},"\ud800":{"d":1},"":1,"0":{"d":1}}`, `{"a":1,"d":2,"a":{"d":3}}`, `{"__proto__":{"x":1},"b":{"__proto__":2}}`,
		` { "d" : [ 1 , { } , "" ] , "a" : -1.5e3 } `, `{"d":}`, `{"d":[}`, `{"d"`, `{"d":[`, `{"d":1 2}`, `{"d":tru,"a":1}`, `{"d":"\x"}`, "{\"d\":\x00}", `{"d":,"a":1}`, `{"d"]`,
	} {
		f.Add(text)
	}
	reads := language.ReadsOf(language.TraitsMark + "reads:a,b(a(),b(c))\n")
	engine := newEngine()
	f.Fuzz(func(t *testing.T, text string) {
		some, err := engine.realm.builder.buildRead([]byte(text), reads)
		if !json.Valid([]byte(text)) {
			return // faults in what nobody reads go unnoticed
		}
		if err != nil {
			t.Fatalf("buildRead(%q) = %v", text, err)
		}
		all, err := engine.realm.builder.build([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		sameRead(t, all, some, reads)
	})
}

func sameRead(t *testing.T, all, some goja.Value, reads *language.Reads) {
	t.Helper()
	whole, ok := all.(*goja.Object)
	if !ok {
		if !all.StrictEquals(some) && !goja.IsNaN(all) {
			t.Errorf("%v in place of %v", some, all)
		}
		return
	}
	part, ok := some.(*goja.Object)
	if !ok || part.ClassName() != whole.ClassName() || part.Prototype().ClassName() != whole.Prototype().ClassName() {
		t.Fatalf("%v in place of %v", some, all)
	}
	inner := func(name string) (of *language.Reads, read bool) {
		if reads == nil || whole.ClassName() == "Array" {
			return reads, true
		}
		if strings.Contains(name, "\ufffd") { // half a surrogate pair, perhaps, and that is never passed over
			return nil, hasOwn(part, name)
		}
		return reads.Member([]byte(name))
	}
	want := slices.DeleteFunc(whole.GetOwnPropertyNames(), func(name string) bool { _, read := inner(name); return !read })
	if got := part.GetOwnPropertyNames(); !slices.Equal(got, want) {
		t.Fatalf("members %q, want %q", got, want)
	}
	for _, name := range want {
		of, _ := inner(name)
		if own := ownValue(whole, name); own != nil {
			sameRead(t, own, ownValue(part, name), of)
		}
	}
}

// ownValue is that of a property, also of one whose name objects inherit; nil where only the engine
// can name it.
func ownValue(object *goja.Object, name string) goja.Value {
	if name == "__proto__" {
		return nil
	}
	return object.Get(name)
}
