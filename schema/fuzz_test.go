package schema

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzValidate feeds any JSON to any schema. No document panics or is changed, and judgeAgrees holds.
func FuzzValidate(f *testing.F) {
	set := load(f)
	all := set.Names()
	rows := seedRows(f)
	for i, name := range all {
		for _, r := range rows {
			if r.schema == name {
				f.Add(uint8(i), Encode(r.input))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		doc, err := Decode(data)
		if err != nil {
			return
		}
		s, _ := set.Lookup(all[int(which)%len(all)])
		before := Encode(doc)
		_, err = s.Validate(doc)
		if _, refused := errors.AsType[*Invalid](err); err != nil && !refused {
			t.Fatalf("%s: Validate(%s): %v", s.name, before, err)
		}
		if after := Encode(doc); !bytes.Equal(before, after) {
			t.Fatalf("%s: Validate changed its input from %s to %s", s.name, before, after)
		}
		if err := judgeAgrees(s, doc); err != nil {
			t.Fatalf("%s: %s: %v", s.name, before, err)
		}
	})
}

// seedRows returns a document or so of every kind, in the names of the Set.
func seedRows(f *testing.F) []row {
	f.Helper()
	rows := readRows(f, "testdata/request-validation.jsonl")[:250]
	for i := range rows {
		rows[i].schema = "integrations." + textOf(rows[i].schema)
	}
	return append(rows, readRows(f, "testdata/workspace-validation.jsonl")[:250]...)
}

// FuzzDecode checks that what Encode prints, Decode reads back, and that neither panics. An infinite
// number comes back as null, because JSON has no other word for it.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		`{"b":1,"a":[true,false,null,"x"],"b":2}`, `"\ud800 \u00e9 \n"`, "\"\xff\"", `-0`, `1e999`, `1e21`, `5e-324`,
		`[[[[]]]]`, `{"":{"__proto__":{}}}`, ` 1 `, `1 2`, `{"a":1,}`, "\ufeff1", `"` + "\u2028" + `</script>"`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Decode(data)
		if err != nil {
			return
		}
		text := Encode(doc)
		again, err := Decode(text)
		if err != nil {
			t.Fatalf("Decode(Encode(Decode(%q))): %v", data, err)
		}
		if got := Encode(again); !bytes.Equal(got, text) {
			t.Fatalf("Encode printed %s, then %s", text, got)
		}
	})
}
