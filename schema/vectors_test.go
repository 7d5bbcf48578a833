package schema

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"testing"
)

// A row is one recorded answer of AJV.
type row struct {
	schema  any // its name, or the schema itself
	input   any
	ok      bool
	err     string
	coerced any // what an accepted document looks like afterwards
}

// TestAJVRows compares with what AJV 8.20 answered for Rocket.Chat's own integration schemas.
func TestAJVRows(t *testing.T) {
	set := load(t)
	compareRows(t, "testdata/request-validation.jsonl", 2500, func(r row) (*Schema, bool) {
		s, ok := set.Lookup("integrations." + textOf(r.schema))
		if !ok {
			t.Fatalf("Lookup(integrations.%s) found nothing", r.schema)
		}
		return s, true
	})
}

// TestAJVWorkspaceRows compares with what AJV answered for the files in this folder
// (testdata/record.js writes the rows).
func TestAJVWorkspaceRows(t *testing.T) {
	set := load(t)
	compareRows(t, "testdata/workspace-validation.jsonl", 2500, func(r row) (*Schema, bool) {
		s, ok := set.Lookup(textOf(r.schema))
		if !ok {
			t.Fatalf("Lookup(%s) found nothing", r.schema)
		}
		return s, true
	})
}

// TestAJVKeywordRows compares with what AJV answered for random schemas, stranger than any in this
// folder. The judge is not asked: in such schemas AJV coerces one branch of a oneOf into matching
// after it has counted it as failed.
func TestAJVKeywordRows(t *testing.T) {
	var s *Schema
	var last []byte // rows with the same schema stand together, and compiling it is slow
	compareRows(t, "testdata/keyword-validation.jsonl", 1000, func(r row) (*Schema, bool) {
		text := Encode(r.schema)
		if bytes.Equal(text, last) {
			return s, false
		}
		var err error
		if s, err = parse("row", text); err != nil {
			t.Fatalf("parse(%s): %v", text, err)
		}
		last = text
		return s, false
	})
}

// compareRows counts the rows that agree. The function schema also says whether the judge must agree.
func compareRows(t *testing.T, file string, want int, schema func(row) (s *Schema, judged bool)) {
	agree := 0
	rows := readRows(t, file)
	for i, r := range rows {
		s, judged := schema(r)
		err := ajvAgrees(s, r)
		if err == nil && judged {
			err = judgeAgrees(s, r.input)
		}
		if err != nil {
			t.Errorf("row %d: %s: input %s: %v", i+1, Encode(r.schema), Encode(r.input), err)
			continue
		}
		agree++
	}
	t.Logf("%d of %d rows agree", agree, len(rows))
	if agree != want {
		t.Errorf("%s: %d rows agree, want %d", file, agree, want)
	}
}

// ajvAgrees compares verdict, words, and the coerced document with the order of its keys.
func ajvAgrees(s *Schema, r row) error {
	before := Encode(r.input)
	coerced, text := s.walk(r.input)
	if after := Encode(r.input); !bytes.Equal(before, after) {
		return fmt.Errorf("walk changed its input to %s", after)
	}
	if text != r.err || (text == "") != r.ok {
		return fmt.Errorf("walk says %q, AJV %q", text, r.err)
	}
	if got, want := Encode(coerced), Encode(r.coerced); r.ok && !bytes.Equal(got, want) {
		return fmt.Errorf("walk coerced to %s, AJV to %s", got, want)
	}
	return nil
}

// judgeAgrees asks the standard validator about the document as the walker left it: the same schema
// read without coercion sees in "-3" a string, in -3 none. A document that was accepted must also be
// settled, that is accepted again and not changed any more.
//
// Documents with infinite numbers are left out: to AJV "1e999" is a number, but what it becomes is none.
func judgeAgrees(s *Schema, doc any) error {
	left, text := s.walk(doc)
	v, finite := plain(left)
	if !finite {
		return nil
	}
	if err := s.judge.schema.Validate(v); (err == nil) != (text == "") {
		return fmt.Errorf("jsonschema says of %s: %w, the walker says %q", Encode(left), err, text)
	}
	if text != "" {
		return nil
	}
	again, err := s.Validate(left)
	if err != nil {
		return fmt.Errorf("second Validate: %w", err)
	}
	if got, want := Encode(again), Encode(left); !bytes.Equal(got, want) {
		return fmt.Errorf("second Validate changed %s to %s", want, got)
	}
	return nil
}

func readRows(t testing.TB, file string) []row {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows []row
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		doc, err := Decode(lines.Bytes())
		if err != nil {
			t.Fatalf("%s:%d: %v", file, len(rows)+1, err)
		}
		rows = append(rows, newRow(doc.(*Object)))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// newRow reads a line. A row without "coerced" is a document that AJV accepted as it was.
func newRow(o *Object) row {
	var r row
	r.schema, _ = o.Get("schema")
	r.input, _ = o.Get("input")
	verdict, _ := o.Get("ok")
	r.ok, _ = verdict.(bool)
	text, _ := o.Get("error")
	r.err, _ = text.(string)
	if coerced, changed := o.Get("coerced"); changed {
		r.coerced = coerced
	} else {
		r.coerced = r.input
	}
	return r
}

func load(t testing.TB) *Set {
	t.Helper()
	set, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return set
}
