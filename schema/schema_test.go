package schema

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestSetNames(t *testing.T) {
	set := load(t)
	all := set.Names()
	if !slices.IsSorted(all) || len(all) < 40 {
		t.Errorf("Names() = %v, want 40 or more, sorted", all)
	}
	for _, name := range all {
		if _, ok := set.Lookup(name); !ok {
			t.Errorf("Lookup(%q) found nothing", name)
		}
	}
	if _, ok := set.Lookup("integrations.nothing"); ok {
		t.Error("Lookup(integrations.nothing) found a schema")
	}
}

func TestLocations(t *testing.T) {
	set := load(t)
	tests := []struct {
		name string
		want Location
	}{
		{"integrations.create", Body},
		{"integrations.remove", Body},
		{"integrations.get", Query},
		{"integrations.list", Query},
		{"integrations.history", Query},
		{"users.create", Body},
		{"users.info", Query},
		{"chat.getMessage", Query},
		{"chat.postMessage", Body},
	}
	for _, tt := range tests {
		s, _ := set.Lookup(tt.name)
		if got := s.Location(); got != tt.want {
			t.Errorf("%s: Location() = %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestValidate shows the words of each keyword once; the AJV rows have the rest.
func TestValidate(t *testing.T) {
	set := load(t)
	tests := []struct{ name, input, want, text string }{
		{"login", `{"user":5}`, `{"user":5}`, ""},
		{"login", `[]`, "", "must be object"},
		{"permissions.update", `{"permissions":[{"_id":"a","roles":[1,true,null]}]}`, `{"permissions":[{"_id":"a","roles":["1","true",""]}]}`, ""},
		{"permissions.update", `{"permissions":[{"_id":"a","roles":["x","1",1]}]}`, "", "must NOT have duplicate items (items ## 2 and 1 are identical)"},
		{"permissions.update", `{"permissions":[{"_id":"a","roles":[],"x":1}]}`, "", "must NOT have additional properties"},
		{"users.create", `{"email":"e","name":"n","username":"u"}`, "", "must have required property 'password'"},
		{
			"users.create", `{"username":"u","active":"true","bio":null,"email":"e","password":1,"name":"n","verified":""}`,
			`{"username":"u","active":true,"bio":null,"email":"e","password":"1","name":"n","verified":null}`, "",
		},
		{"users.info", `{"username":["u"],"x":["y"]}`, `{"username":"u","x":["y"]}`, ""},
		{"users.info", `{}`, "", "must have required property 'userId'\n must have required property 'username'\n must match a schema in anyOf"},
		{"teams.create", `{"name":"t","type":"2"}`, "", "must be equal to one of the allowed values"},
		{"teams.delete", `{"teamId":"t","roomsToRemove":[]}`, "", "must NOT have fewer than 1 items\n must have required property 'teamName'\n must match exactly one schema in oneOf"},
		{"hooks.add", `{"event":"x","name":"n","target_url":"u"}`, "", "must be equal to one of the allowed values"},
		{"chat.postMessage", `{"channel":["#a",5],"text":7}`, `{"channel":["#a","5"],"text":"7"}`, ""},
		{"chat.postMessage", `{"roomId":"a","channel":"#a"}`, "", "must match exactly one schema in oneOf"},
		{"chat.getMessage", `{"msgId":""}`, "", "must NOT have fewer than 1 characters"},
		{"groups.members", `{"roomId":"r","status":"online"}`, `{"roomId":"r","status":["online"]}`, ""},
		{"integrations.list", `{"count":["5"]}`, `{"count":5}`, ""},
		{"integrations.list", `{"sort":["a"]}`, "", "must be string"},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.input, func(t *testing.T) {
			s, ok := set.Lookup(tt.name)
			if !ok {
				t.Fatalf("Lookup(%q) found nothing", tt.name)
			}
			doc, err := Decode([]byte(tt.input))
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Validate(doc)
			if tt.text != "" {
				if invalid, ok := errors.AsType[*Invalid](err); !ok || invalid.Text != tt.text {
					t.Errorf("Validate = %v, want %q", err, tt.text)
				}
				return
			}
			if err != nil || string(Encode(got)) != tt.want {
				t.Errorf("Validate = %s, %v, want %s", Encode(got), err, tt.want)
			}
		})
	}
}

// TestValidateLargeDocument keeps a body of very many members from taking quadratic time: it would
// run into the test's time limit.
func TestValidateLargeDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"user":"u"`)
	for i := range 200_000 {
		b.WriteString(`,"k` + numberText(float64(i)) + `":[]`)
	}
	b.WriteString(`}`)
	doc, err := Decode([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	s, _ := load(t).Lookup("login")
	if _, err := s.Validate(doc); err != nil {
		t.Errorf("Validate of %d bytes: %v", b.Len(), err)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"not JSON", `{`, "decode JSON"},
		{"not an object", `[]`, "not an object"},
		{"no location", `{"type":"object"}`, "neither body nor query"},
		{"unknown keyword", `{"location":"body","properties":{"a":{"maxLength":1}}}`, "maxLength: keyword not supported"},
		{"unknown type", `{"location":"body","type":"integer"}`, `type "integer" not supported`},
		{"schema instead of boolean", `{"location":"body","additionalProperties":{}}`, "not a boolean"},
		{"empty list", `{"location":"body","oneOf":[]}`, "not a list with items"},
		{"list of numbers", `{"location":"body","required":[1]}`, "not a list of strings"},
		{"negative count", `{"location":"body","minItems":-1}`, "not a count"},
		{"bad pattern", `{"location":"body","pattern":"("}`, "missing closing )"},
		{"enum of objects", `{"location":"body","enum":[{}]}`, "only scalars"},
		{"unique objects", `{"location":"body","uniqueItems":true,"items":{"type":"object"}}`, "uniqueItems"},
		{"branch that is no schema", `{"location":"body","anyOf":[true]}`, "subschema is not an object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := parse("x", []byte(tt.file)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("parse(%s) = %v, want an error with %q", tt.file, err, tt.want)
			}
		})
	}
}
