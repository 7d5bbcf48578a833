package api_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestDocumentBounds sends documents that are larger than any request.
func TestDocumentBounds(t *testing.T) {
	t.Parallel()
	s := start(t)
	const create, post = "/api/v1/integrations.create", "/api/v1/chat.postMessage"
	many := func(n int, item string) string { return "[" + strings.Repeat(item+",", n-1) + item + "]" }
	outgoing := func(change doc) doc { return changed(newOutgoing(nil), change) }
	long := strings.Repeat("x", 10_001)
	for _, tt := range []struct {
		name     string
		path     string
		document any
		want     string // in the error; empty: no error
	}{
		{"five million items", create, many(5_000_000, "1"), "holds more than 100000 values"},
		{"too many values inside", create, `{"x":` + many(99_999, "{}") + `}`, "holds more than 100000 values"},
		{"nested deeper", create, strings.Repeat("[", 513), "is nested deeper than 512 levels"},
		{"objects nested deeper", create, strings.Repeat(`{"a":`, 513), "is nested deeper than 512 levels"},
		{"a name of megabytes", create, outgoing(doc{"name": strings.Repeat("x", 5<<20)}), `"name" of the request document is longer than 10000 bytes`},
		{"a long alias", create, outgoing(doc{"alias": long}), `"alias" of the request document is longer than 10000 bytes`},
		{"a hundred thousand channels", create, outgoing(doc{"channel": strings.Repeat("#a,", 100_000)}), `"channel" of the request document is longer`},
		{"too many urls", create, outgoing(doc{"urls": strings.Split(strings.Repeat("http://a ", 1000)+"http://a", " ")}), `"urls" of the request document has more than 1000 items`},
		{"a long url", create, outgoing(doc{"urls": []string{"http://" + long}}), `An item of the member "urls"`},
		{"a long name of a member", create, doc{long: long}, "is longer than 10000 bytes"},
		{"a long room's name", "/api/v1/channels.create", doc{"name": long}, `"name" of the request document is longer`},
		{"too many members", "/api/v1/channels.create", `{"name":"x","members":` + many(1001, `"bob"`) + `}`, `"members" of the request document has more than 1000 items`},
		{"a long text deep inside", post, doc{"channel": "#general", "attachments": []any{doc{"text": strings.Repeat("x", 1<<20+1)}}}, "A text in the member \"attachments\""},
		{"too many rooms", post, `{"text":"x","channel":` + many(1001, `"#general"`) + `}`, `"channel" of the request document has more than 1000 items`},
		{"deep attachments", post, `{"channel":"#general","attachments":[{"x":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}]}`, "The message has more than 256 levels of attachments."},
		{"as many as may be", create, outgoing(doc{"name": long[1:], "urls": strings.Split(strings.Repeat("http://a ", 999)+"http://a", " ")}), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := s.in(t).post(s.admin, tt.path, tt.document)
			if tt.want == "" {
				got.is(200)
				return
			}
			if text := got.is(400).text("error"); !strings.Contains(text, tt.want) || len(text) > 300 {
				t.Errorf("error %.400q, want one with %q", text, tt.want)
			}
		})
	}
	t.Run("a form of many fields", func(t *testing.T) {
		s := s.in(t)
		r := request{method: "POST", path: create, as: s.admin, body: strings.Repeat("a&", 100_000), header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}
		s.do(r).fails(400, "The request document holds more than 100000 values.", "")
	})
}

// TestMessageBounds posts through a hook, whose body is a message of anybody's.
func TestMessageBounds(t *testing.T) {
	t.Parallel()
	s := start(t)
	h := s.newHook(doc{"overrideDestinationChannelEnabled": true})
	var rooms []string
	for n := range 1001 {
		rooms = append(rooms, fmt.Sprint("#r", n))
	}
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tt := range []struct {
		name string
		body any
		want string
	}{
		{"rooms", doc{"text": "x", "channel": rooms}, "The message has more than 1000 rooms."},
		{"attachments", doc{"attachments": make([]doc, 1001)}, "The message has more than 1000 attachments."},
		{"attachments' levels", `{"attachments":[` + nested(256) + `]}`, "The message has more than 256 levels of attachments."},
		{"custom fields", `{"text":"x","customFields":{"a":` + nested(256) + `}}`, "The message has more than 256 levels of custom fields."},
		{"alias", doc{"text": "x", "alias": strings.Repeat("x", 10_001)}, "The message's alias is larger than 10000 bytes."},
		{"emoji", doc{"text": "x", "emoji": strings.Repeat("x", 10_001)}, "The message's emoji is larger than 10000 bytes."},
		{"thread", doc{"text": "x", "tmid": strings.Repeat("x", 10_001)}, "The message's thread id is larger than 10000 bytes."},
		{"avatar", doc{"text": "x", "avatar": strings.Repeat("x", 1<<20+1)}, "The message's avatar is larger than 1048576 bytes."},
	} {
		t.Run(tt.name, func(t *testing.T) { h.in(t).post(tt.body).fails(400, tt.want, "") })
	}
	h.post(`{"attachments":[{"text":"\"[[","fields":` + nested(254) + `}]}`).is(200)
	s.get(s.admin, "/api/v1/channels.messages?roomId=GENERAL").is(200)
}
