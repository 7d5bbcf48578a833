package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// hook is an incoming integration to post to.
type hook struct {
	s         *server
	id, token string
}

// newHook makes an integration that posts in #general as rocket.cat, but for what change says.
func (s *server) newHook(change doc) hook {
	s.t.Helper()
	i := s.made(s.admin, newIncoming(changed(doc{"enabled": true}, change)))
	return hook{s: s, id: i["_id"].(string), token: i["token"].(string)}
}

// plant keeps a record as no request could make it.
func (s *server) plant(i integrations.Integration) {
	s.t.Helper()
	must(s.t, s.store.AddIntegration(context.Background(), i))
	s.index.Put(i)
}

func (h hook) in(t testing.TB) hook {
	h.s = h.s.in(t)
	return h
}

func (h hook) path() string { return "/hooks/" + h.id + "/" + h.token }

// post sends a document as JSON.
func (h hook) post(document any) answer {
	h.s.t.Helper()
	return h.s.post(account{}, h.path(), document)
}

// send sends a body as it is; an empty content type sends none.
func (h hook) send(contentType, body string) answer {
	h.s.t.Helper()
	r := request{method: http.MethodPost, path: h.path(), body: body, header: map[string]string{}}
	if contentType != "" {
		r.header["Content-Type"] = contentType
	}
	return h.s.do(r)
}

// messages answers what people and integrations wrote in a channel, the newest first.
func (s *server) messages(roomID string) []any {
	s.t.Helper()
	list, _ := s.get(s.admin, "/api/v1/channels.messages?count=0&roomId="+roomID).is(200).at("messages").([]any)
	return slices.DeleteFunc(list, func(m any) bool { return m.(doc)["t"] != nil })
}

// newest answers the last message in a channel.
func (s *server) newest(roomID string) doc {
	s.t.Helper()
	m, ok := s.get(s.admin, "/api/v1/channels.messages?count=1&roomId="+roomID).is(200).at("messages", 0).(doc)
	if !ok {
		s.t.Fatalf("there is no message in %s", roomID)
	}
	return m
}

// room makes a channel or a group of the administrator's.
func (s *server) room(kind, name string, members ...string) (id string) {
	s.t.Helper()
	in := doc{"name": name}
	if members != nil {
		in["members"] = members
	}
	return s.post(s.admin, "/api/v1/"+kind+"s.create", in).is(200).text(kind, "_id")
}

// differ compares the members that want names; nil there means that the member is missing.
func differ(got, want doc) string {
	shown := doc{}
	for name := range want {
		shown[name] = got[name]
	}
	return cmp.Diff(want, shown)
}

// logBuffer holds the log of a test's server.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// lines answers the lines with that message.
func (b *logBuffer) lines(t testing.TB, message string) []doc {
	t.Helper()
	var found []doc
	for line := range strings.Lines(b.String()) {
		var d doc
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatalf("log line is no JSON: %v: %s", err, line)
		}
		if d["msg"] == message {
			found = append(found, d)
		}
	}
	return found
}

const done = `{"success":true}`

func TestHookURLs(t *testing.T) {
	t.Parallel()
	s := start(t)
	h := s.newHook(nil)
	two, three := h.path(), "/hooks/"+h.id+"/anybody/"+h.token
	tests := []struct {
		name, method, path string
		posts              bool
	}{
		{"post, two parts", "POST", two, true},
		{"post, three parts", "POST", three, true},
		{"post with a query", "POST", two + "?text=query", true},
		{"get, two parts", "GET", two, false},
		{"get, three parts", "GET", three, false},
		{"get with a query, which is no content", "GET", two + "?text=query", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			before := len(s.messages("GENERAL"))
			r := request{method: tt.method, path: tt.path}
			if tt.posts {
				r.body, r.header = `{"text":"`+tt.name+`"}`, map[string]string{"Content-Type": "application/json"}
			}
			a := s.do(r).says(200, done)
			for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache"} {
				if got := a.header.Get(name); got != want {
					t.Errorf("%s of the answer = %q, want %q", name, got, want)
				}
			}
			if got := len(s.messages("GENERAL")) - before; (got == 1) != tt.posts {
				t.Fatalf("%s %s posted %d messages, want posts = %t", tt.method, tt.path, got, tt.posts)
			}
			if tt.posts {
				want := doc{
					"msg": tt.name, "rid": "GENERAL", "u": doc{"_id": "rocket.cat", "username": "rocket.cat", "name": "Rocket.Cat"},
					"bot": doc{"i": h.id}, "groupable": false, "parseUrls": true, "alias": nil, "avatar": nil, "emoji": nil, "attachments": nil,
				}
				if d := differ(s.newest("GENERAL"), want); d != "" {
					t.Errorf("posted message (-want +got):\n%s", d)
				}
			}
		})
	}
}

// TestHookTokenIsDecodedTwice holds that a token may hold characters that a path escapes.
func TestHookTokenIsDecodedTwice(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := []struct {
		name, token, path string
		found             bool
	}{
		{"escaped twice", "two words", "two%2520words", true},
		{"escaped once", "two words", "two%20words", true},
		{"a slash", "a/b", "a%252Fb", true},
		{"a slash, escaped once", "a/b", "a%2Fb", true},
		{"a percent sign of its own", "100%", "100%25", true},
		{"another token", "two words", "two%2520word", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			i := plain(s.admin)
			i.Token = &tt.token
			s.plant(i)
			for _, path := range []string{"/hooks/" + i.ID + "/" + tt.path, "/hooks/" + i.ID + "/legacy/" + tt.path} {
				a := s.post(account{}, path, doc{"text": tt.name})
				if tt.found {
					a.says(200, done)
				} else {
					a.says(500, "Internal Server Error")
				}
			}
		})
	}
}

// plain is an incoming integration as the store keeps it.
func plain(creator account) integrations.Integration {
	at := time.Now().UTC().Truncate(time.Millisecond)
	token := workspace.RandomText(48)
	return integrations.Integration{
		ID: workspace.NewHexID(), Kind: integrations.Incoming, Name: "planted", Enabled: true, Username: "rocket.cat",
		UserID: "rocket.cat", Channels: []string{"#general"}, Token: &token, ScriptEngine: integrations.Engine,
		CreatedAt: at, UpdatedAt: at, CreatedBy: integrations.Actor{ID: creator.id, Username: creator.username},
	}
}

func TestHookRefusals(t *testing.T) {
	t.Parallel()
	loggedIn := map[int]string{
		7: `{"status":"error","message":"You must be logged in to do this."}`,
		8: `{"success":false,"error":"You must be logged in to do this.","status":"error","message":"You must be logged in to do this."}`,
	}
	levels(t, func(t *testing.T, level int, s *server) {
		h := s.newHook(nil)
		for _, path := range []string{
			"/hooks/" + h.id + "/wrong", "/hooks/" + h.id + "/u/wrong", "/hooks/wrong/" + h.token, "/hooks/wrong/u/" + h.token,
			"/hooks/" + h.id + "/" + h.token + "x", "/hooks/" + h.id + "/" + h.token[1:],
		} {
			for _, method := range []string{"GET", "POST"} {
				a := s.do(request{method: method, path: path, body: `{"text":"x"}`}).says(500, "Internal Server Error")
				if got := a.header.Get("Content-Type"); got != "text/plain; charset=UTF-8" {
					t.Errorf("Content-Type of %s = %q, want plain text", a.what, got)
				}
			}
		}
		off := s.newHook(doc{"enabled": false})
		off.post(doc{"text": "x"}).says(503, `{"success":false,"error":"Service Unavailable"}`)
		s.get(account{}, off.path()).says(503, `{"success":false,"error":"Service Unavailable"}`)

		orphan := plain(s.admin)
		orphan.UserID, orphan.Enabled = "gone", false // the missing user is told first
		s.plant(orphan)
		s.post(account{}, "/hooks/"+orphan.ID+"/"+*orphan.Token, doc{"text": "x"}).says(401, loggedIn[level])

		if got := s.messages("GENERAL"); len(got) != 0 {
			t.Errorf("refused requests posted %v", got)
		}
	})
}

// TestHookImpersonation holds that level 8 asks at every call what level 7 never does.
func TestHookImpersonation(t *testing.T) {
	t.Parallel()
	const refused = `{"success":false,"error":"error-user-lacks-message-impersonate-permission"}`
	levels(t, func(_ *testing.T, level int, s *server) {
		h, off := s.newHook(nil), s.newHook(doc{"enabled": false})
		h.post(doc{"text": "allowed"}).says(200, done)
		s.grant("message-impersonate")
		if level == 7 {
			h.post(doc{"text": "allowed"}).says(200, done)
			return
		}
		h.post(doc{"text": "x"}).says(400, refused)
		s.get(account{}, h.path()).says(400, refused)
		h.send("application/x-www-form-urlencoded", "payload=1").says(400, refused) // before the body is looked at
		off.post(doc{"text": "x"}).is(503)                                          // after the switch
		s.grant("message-impersonate", "bot")
		h.post(doc{"text": "allowed"}).says(200, done)
	})
}

func TestHookBodies(t *testing.T) {
	t.Parallel()
	log := &logBuffer{}
	s := start(t, func(o *options) { o.log = log })
	h := s.newHook(nil)
	const (
		asJSON  = "application/json"
		asForm  = "application/x-www-form-urlencoded"
		payload = "Integration payload must be a JSON object, not an array or primitive"
		nothing = "\x00"
	)
	tests := []struct {
		name, contentType, body string
		want                    string // the message's text; nothing: none is posted
		refused                 string
		unreadable              bool
	}{
		{name: "JSON", contentType: asJSON, body: `{"text":"one"}`, want: "one"},
		{name: "JSON with a charset", contentType: asJSON + "; charset=utf-8", body: `{"text":"two ⏱ € 𝄞"}`, want: "two ⏱ € 𝄞"},
		{name: "JSON with space around", contentType: asJSON, body: " \r\n{\"text\":\"three\"}\n", want: "three"},
		{name: "msg", contentType: asJSON, body: `{"msg":"four"}`, want: "four"},
		{name: "text before msg", contentType: asJSON, body: `{"msg":"no","text":"five"}`, want: "five"},
		{name: "empty text before msg", contentType: asJSON, body: `{"text":"","msg":"six"}`, want: "six"},
		{name: "text is trimmed", contentType: asJSON, body: `{"text":" \n seven\t "}`, want: "seven"},
		{name: "object without text", contentType: asJSON, body: `{"other":1}`, want: ""},
		{name: "empty object", contentType: asJSON, body: `{}`, want: nothing},
		{name: "array", contentType: asJSON, body: `[{"text":"x"}]`, want: nothing},
		{name: "text in JSON", contentType: asJSON, body: `"x"`, want: nothing},
		{name: "number", contentType: asJSON, body: `12`, want: nothing},
		{name: "null", contentType: asJSON, body: `null`, want: nothing},
		{name: "no body", contentType: asJSON, body: ``, want: nothing},
		{name: "space alone", contentType: asJSON, body: " \n ", want: nothing},

		{name: "form", contentType: asForm, body: "text=a+form%21&other=1", want: "a form!"},
		{name: "form with a charset", contentType: asForm + "; charset=UTF-8", body: "text=a+second%20form", want: "a second form"},
		{name: "form with upper case type", contentType: "Application/X-WWW-Form-Urlencoded", body: "text=a+third", want: "a third"},
		{name: "payload", contentType: asForm, body: "payload=%7B%22text%22%3A%22inside%22%7D", want: "inside"},
		{name: "payload with a charset", contentType: asForm + ";charset=utf-8", body: "payload=%7B%22text%22%3A%22inside+two%22%7D", want: "inside two"},
		{name: "payload beside another field", contentType: asForm, body: "payload=%7B%22text%22%3A%22no%22%7D&text=outside", want: "outside"},
		{name: "payload that is no JSON", contentType: asForm, body: "payload=nothing+like+it", want: ""},
		{name: "payload that is broken JSON", contentType: asForm, body: "payload=%7B%22text%22%3A", want: ""},
		{name: "payload that is empty", contentType: asForm, body: "payload=", want: ""},
		{name: "payload that is an array", contentType: asForm, body: "payload=%5B1%5D", refused: payload},
		{name: "payload that is a number", contentType: asForm, body: "payload=1", refused: payload},
		{name: "payload that is a text", contentType: asForm, body: "payload=%22x%22", refused: payload},
		{name: "payload that is null", contentType: asForm, body: "payload=null", refused: payload},
		{name: "payload that is true", contentType: asForm, body: "payload=true", refused: payload},
		{name: "payload in JSON", contentType: asJSON, body: `{"payload":"{\"text\":\"no\"}"}`, want: ""},
		{name: "payload array in JSON", contentType: asJSON, body: `{"payload":[1],"text":"array beside"}`, want: "array beside"},

		{name: "curl -d with JSON", contentType: asForm, body: `{"text":"curl"}`, want: "curl"},
		{name: "JSON without a type", contentType: "", body: `{"text":"untyped"}`, want: "untyped"},
		{name: "JSON as text", contentType: "text/plain", body: `{"text":"plain"}`, want: "plain"},
		{name: "JSON of another type", contentType: "application/vnd.acme+json", body: `{"text":"vendor"}`, want: "vendor"},
		{name: "form without a type", contentType: "", body: "text=untyped+form", want: "untyped form"},
		{name: "form as JSON", contentType: asJSON, body: "text=mistyped+form", want: "mistyped form"},
		{name: "multipart", contentType: "multipart/form-data; boundary=x", body: "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nno\r\n--x--\r\n", want: nothing},

		{name: "XML", contentType: "application/xml", body: `<event text="x"/>`, want: nothing, unreadable: true},
		{name: "prose", contentType: "text/plain", body: "deploy failed", want: nothing, unreadable: true},
		{name: "broken JSON", contentType: asJSON, body: `{"text":"cut`, want: nothing, unreadable: true},
		{name: "prose as JSON", contentType: asJSON, body: "deploy failed: a=b", want: nothing, unreadable: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, s := h.in(t), s.in(t)
			before, logged := len(s.messages("GENERAL")), len(log.lines(t, "hook body is neither JSON nor a form"))
			a := h.send(tt.contentType, tt.body)
			switch {
			case tt.refused != "":
				a.says(400, `{"success":false,"error":"`+tt.refused+`"}`)
				tt.want = nothing
			default:
				a.says(200, done)
			}
			posted := len(s.messages("GENERAL")) - before
			switch {
			case tt.want == nothing && posted != 0, tt.want != nothing && posted != 1:
				t.Fatalf("%s %q posted %d messages, want %q", tt.contentType, tt.body, posted, tt.want)
			case posted == 1:
				if got := s.newest("GENERAL")["msg"]; got != tt.want {
					t.Errorf("%s %q posted %q, want %q", tt.contentType, tt.body, got, tt.want)
				}
			}
			lines := log.lines(t, "hook body is neither JSON nor a form")[logged:]
			if (len(lines) == 1) != tt.unreadable {
				t.Fatalf("%s %q logged %d lines about an unreadable body, want %t", tt.contentType, tt.body, len(lines), tt.unreadable)
			}
			if tt.unreadable {
				want := doc{
					"integration_id": h.id, "content_type": tt.contentType, "bytes": float64(len(tt.body)),
					"request_id": a.header.Get("X-Request-Id"),
				}
				if d := differ(lines[0], want); d != "" {
					t.Errorf("log line of an unreadable body (-want +got):\n%s", d)
				}
			}
		})
	}
	if strings.Contains(log.String(), "deploy failed") {
		t.Error("the log holds a body")
	}
}

// TestHookWithoutBody holds that an integration with scripts posts even when nothing was sent.
func TestHookWithoutBody(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := []struct {
		name, method, body string
		scripts            bool
		posts              bool
	}{
		{"get", "GET", "", false, false},
		{"post", "POST", "", false, false},
		{"empty object", "POST", "{}", false, false},
		{"get, scripts on", "GET", "", true, true},
		{"post, scripts on", "POST", "", true, true},
		{"empty object, scripts on", "POST", "{}", true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			h := s.newHook(doc{"scriptEnabled": tt.scripts, "alias": tt.name})
			before := len(s.messages("GENERAL"))
			s.do(request{method: tt.method, path: h.path(), body: tt.body, header: map[string]string{"Content-Type": "application/json"}}).says(200, done)
			if got := len(s.messages("GENERAL")) - before; (got == 1) != tt.posts {
				t.Fatalf("%s with %q posted %d messages, want posts = %t", tt.method, tt.body, got, tt.posts)
			}
			if tt.posts {
				if d := differ(s.newest("GENERAL"), doc{"msg": "", "alias": tt.name}); d != "" {
					t.Errorf("posted message (-want +got):\n%s", d)
				}
			}
		})
	}
}

func TestHookMessage(t *testing.T) {
	t.Parallel()
	s := start(t)
	bare := s.newHook(nil)
	avatar := s.newHook(doc{"alias": "Own Alias", "avatar": "https://example.com/own.png", "emoji": ":own:"})
	emoji := s.newHook(doc{"emoji": ":own:"})
	tests := []struct {
		name string
		hook hook
		body string
		want doc
	}{
		{"username before alias", avatar, `{"text":"x","username":"U","alias":"A"}`, doc{"alias": "U"}},
		{"alias", avatar, `{"text":"x","alias":"A"}`, doc{"alias": "A"}},
		{"own alias", avatar, `{"text":"x"}`, doc{"alias": "Own Alias"}},
		{"empty alias", avatar, `{"text":"x","alias":"","username":""}`, doc{"alias": "Own Alias"}},
		{"no alias at all", bare, `{"text":"x"}`, doc{"alias": nil, "avatar": nil, "emoji": nil}},

		{"icon_url before avatar", avatar, `{"icon_url":"/i.png","avatar":"/a.png","icon_emoji":":i:","emoji":":e:"}`, doc{"avatar": "/i.png", "emoji": nil}},
		{"avatar before emoji", avatar, `{"avatar":"/a.png","icon_emoji":":i:","emoji":":e:"}`, doc{"avatar": "/a.png", "emoji": nil}},
		{"icon_emoji before emoji", avatar, `{"icon_emoji":":i:","emoji":":e:"}`, doc{"avatar": nil, "emoji": ":i:"}},
		{"emoji before own avatar", avatar, `{"emoji":":e:"}`, doc{"avatar": nil, "emoji": ":e:"}},
		{"own avatar before own emoji", avatar, `{"text":"x"}`, doc{"avatar": "https://example.com/own.png", "emoji": nil}},
		{"own emoji", emoji, `{"text":"x"}`, doc{"avatar": nil, "emoji": ":own:"}},
		{"avatar before own emoji", emoji, `{"avatar":"/a.png"}`, doc{"avatar": "/a.png", "emoji": nil}},

		{
			"attachments", bare, `{"attachments":[{"title":"t","msg":"moved"},{"text":"kept","fields":[{"title":"a","value":"b","short":true}]}]}`,
			doc{
				"attachments": []any{
					doc{"title": "t", "text": "moved"},
					doc{"text": "kept", "fields": []any{doc{"title": "a", "value": "b", "short": true}}},
				}, "parseUrls": false, "msg": "",
			},
		},
		{"an attachment's msg replaces its text", bare, `{"attachments":[{"text":"no","msg":"yes"}]}`, doc{"attachments": []any{doc{"text": "yes"}}}},
		{"attachments that are no array", bare, `{"text":"x","attachments":{"text":"no"}}`, doc{"attachments": nil, "parseUrls": true}},
		{"attachments that are a text", bare, `{"text":"x","attachments":"no"}`, doc{"attachments": nil, "parseUrls": true}},
		{"parseUrls given, with attachments", bare, `{"attachments":[{"text":"x"}],"parseUrls":true}`, doc{"parseUrls": true}},
		{"parseUrls given", bare, `{"text":"x","parseUrls":false}`, doc{"parseUrls": false}},
		{"groupable", bare, `{"text":"x","groupable":true}`, doc{"groupable": true}},
		{"not groupable", bare, `{"text":"x"}`, doc{"groupable": false}},
		{"thread", bare, `{"text":"x","tmid":"thread-id"}`, doc{"tmid": "thread-id"}},
		{"custom fields", bare, `{"text":"x","customFields":{"a":1}}`, doc{"customFields": doc{"a": 1.0}}},
		{"numbers as texts", bare, `{"text":5,"alias":7}`, doc{"msg": "5", "alias": "7"}},
		{"unknown members", bare, `{"text":"x","bot":{"i":"forged"},"_id":"own","u":{"_id":"x"},"ts":1}`, doc{"bot": doc{"i": bare.id}, "u": doc{"_id": "rocket.cat", "username": "rocket.cat", "name": "Rocket.Cat"}}},
		{"form", bare, `text=x&alias=A&icon_url=%2Fi.png`, doc{"msg": "x", "alias": "A", "avatar": "/i.png"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.hook.in(t).send("", tt.body).says(200, done)
			got := s.in(t).newest("GENERAL")
			if d := differ(got, tt.want); d != "" {
				t.Errorf("%s posted (-want +got):\n%s", tt.body, d)
			}
			if got["_id"] == "own" {
				t.Errorf("%s chose the message's id", tt.body)
			}
		})
	}
}

func TestHookTargets(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	ops, closed, crew := s.room("channel", "ops"), s.room("group", "closed"), s.room("group", "crew", "rocket.cat")
	direct := workspace.DirectID("rocket.cat", bob.id)
	h := s.newHook(doc{"overrideDestinationChannelEnabled": true})
	tests := []struct {
		name, target string // JSON members
		room         string
		refused      string
	}{
		{"channel by name", `"channel":"#ops"`, ops, ""},
		{"channel by id", `"channel":"#` + ops + `"`, ops, ""},
		{"bare name", `"channel":"ops"`, ops, ""},
		{"bare id", `"channel":"` + ops + `"`, ops, ""},
		{"list of one", `"channel":["#ops"]`, ops, ""},
		{"roomId", `"roomId":"` + ops + `"`, ops, ""},
		{"channel before roomId", `"channel":"#ops","roomId":"GENERAL"`, ops, ""},
		{"empty channel, roomId", `"channel":"","roomId":"` + ops + `"`, ops, ""},
		{"neither", `"channel":"","roomId":""`, "GENERAL", ""},
		{"null", `"channel":null`, "GENERAL", ""},
		{"group by name", `"channel":"#crew"`, crew, ""},
		{"group by id", `"roomId":"` + crew + `"`, crew, ""},
		{"user by name", `"channel":"@bob"`, direct, ""},
		{"user by id", `"channel":"@` + bob.id + `"`, direct, ""},
		{"user by bare id", `"channel":"` + bob.id + `"`, direct, ""},
		{"direct room by id", `"roomId":"` + direct + `"`, direct, ""},
		{"user by bare name", `"channel":"bob"`, "", "invalid-channel"},
		{"unknown channel", `"channel":"#nowhere"`, "", "invalid-channel"},
		{"unknown user", `"channel":"@nobody"`, "", "invalid-channel"},
		{"unknown bare name", `"channel":"nowhere"`, "", "invalid-channel"},
		{"group of others", `"channel":"#closed"`, "", "error-not-allowed"},
		{"group of others by id", `"roomId":"` + closed + `"`, "", "error-not-allowed"},
		{"channel of a user's name", `"channel":"#bob"`, "", "invalid-channel"},
		{"empty list", `"channel":[]`, "GENERAL", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := h.in(t)
			if tt.refused != "" {
				h.post(`{"text":"x",`+tt.target+`}`).says(400, `{"success":false,"error":"`+tt.refused+`"}`)
				return
			}
			a := h.post(`{"text":"` + tt.name + `","separateResponse":true,` + tt.target + `}`).is(200)
			if got := a.text("responses", 0, "message", "rid"); got != tt.room {
				t.Errorf("%s posted in room %s, want %s", tt.target, got, tt.room)
			}
			if got := a.text("responses", 0, "message", "msg"); got != tt.name {
				t.Errorf("%s posted %q, want %q", tt.target, got, tt.name)
			}
		})
	}
	t.Run("the poster joined the channel", func(t *testing.T) {
		s := s.in(t)
		if a := s.get(s.admin, "/api/v1/channels.members?roomId="+ops+"&filter=rocket").is(200); a.text("members", 0, "username") != "rocket.cat" {
			t.Errorf("members of #ops: %s", a.body)
		}
	})
	t.Run("the direct room is bob's, too", func(t *testing.T) {
		s, h := s.in(t), h.in(t)
		id := h.post(doc{"text": "for bob", "channel": "@bob", "separateResponse": true}).is(200).text("responses", 0, "message", "_id")
		if got := s.get(bob, "/api/v1/chat.getMessage?msgId="+id).is(200).text("message", "msg"); got != "for bob" {
			t.Errorf("bob reads %q", got)
		}
		s.get(s.admin, "/api/v1/chat.getMessage?msgId="+id).is(400)
	})
}

func TestHookOverride(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.room("channel", "ops")
	h := s.newHook(nil)
	const refused = `{"success":false,"error":"overriding destination channel is disabled for this integration"}`
	h.post(doc{"text": "x", "channel": "#ops"}).says(400, refused)
	h.post(doc{"text": "x", "roomId": "GENERAL"}).says(400, refused) // even its own
	h.post(doc{"text": "x", "channel": []string{"#ops"}}).says(400, refused)
	h.send("application/x-www-form-urlencoded", "channel=%23ops&text=x").says(400, refused)
	if got := s.messages("GENERAL"); len(got) != 0 {
		t.Fatalf("refused requests posted %v", got)
	}
	h.post(doc{"text": "x", "channel": ""}).says(200, done)
}

func TestHookSeveralRooms(t *testing.T) {
	t.Parallel()
	s := start(t)
	ops := s.room("channel", "ops")
	s.room("group", "closed")
	count := func(room string) int { return len(s.messages(room)) }

	t.Run("configured rooms, each once", func(t *testing.T) {
		h := s.in(t).newHook(doc{"channel": "#general, #ops,#general"})
		h.post(doc{"text": "x"}).says(200, done)
		if count("GENERAL") != 1 || count(ops) != 1 {
			t.Errorf("posted %d and %d messages, want one in each room", count("GENERAL"), count(ops))
		}
	})
	h := s.newHook(doc{"overrideDestinationChannelEnabled": true})
	t.Run("named rooms, each once", func(t *testing.T) {
		before := count("GENERAL") + count(ops)
		h.in(t).post(doc{"text": "x", "channel": []string{"#ops", "#general", "#ops"}}).says(200, done)
		if got := count("GENERAL") + count(ops) - before; got != 2 {
			t.Errorf("posted %d messages, want 2", got)
		}
	})
	t.Run("all are checked before any is sent", func(t *testing.T) {
		s, h := s.in(t), h.in(t)
		late := s.room("channel", "late")
		before := count("GENERAL")
		for _, refusal := range []struct{ target, err string }{{"#nowhere", "invalid-channel"}, {"#closed", "error-not-allowed"}} {
			h.post(doc{"text": "x", "channel": []string{"#general", "#late", refusal.target}}).says(400, `{"success":false,"error":"`+refusal.err+`"}`)
		}
		if got := count("GENERAL") + count(late) - before; got != 0 {
			t.Errorf("posted %d messages, want none", got)
		}
		if a := s.get(s.admin, "/api/v1/channels.members?roomId="+late+"&filter=rocket").is(200); a.at("total") != 1.0 {
			t.Errorf("the poster who joined on the way is not in #late: %s", a.body)
		}
	})
	t.Run("separateResponse", func(t *testing.T) {
		h := h.in(t)
		rooms := []string{"#general", "#nowhere", "#closed", "@admin"}
		a := h.post(doc{"text": "apart", "separateResponse": true, "channel": rooms}).is(200)
		list, _ := a.at("responses").([]any)
		if len(list) != len(rooms) || a.at("success") != true || a.header.Get("Content-Type") != "application/json" {
			t.Fatalf("answer %s, want %d responses and success", a.body, len(rooms))
		}
		for n, want := range []doc{
			{"channel": "#general", "error": nil},
			{"channel": "#nowhere", "error": "invalid-channel", "message": nil},
			{"channel": "#closed", "error": "error-not-allowed", "message": nil},
			{"channel": "@admin", "error": nil},
		} {
			if d := differ(list[n].(doc), want); d != "" {
				t.Errorf("response %d (-want +got):\n%s", n, d)
			}
		}
		want := doc{"rid": "GENERAL", "msg": "apart", "alias": nil, "bot": doc{"i": h.id}, "groupable": false, "parseUrls": true}
		if d := differ(list[0].(doc)["message"].(doc), want); d != "" {
			t.Errorf("message of the first response (-want +got):\n%s", d)
		}
	})
	t.Run("separateResponse, none succeeds", func(t *testing.T) {
		h.in(t).post(doc{"text": "x", "separateResponse": true, "channel": []string{"#nowhere", "#closed"}}).says(400,
			`{"responses":[{"channel":"#nowhere","error":"invalid-channel"},{"channel":"#closed","error":"error-not-allowed"}],"success":false}`)
	})
	t.Run("separateResponse is exactly true", func(t *testing.T) {
		h := h.in(t)
		for _, flag := range []any{"true", 1, doc{}, false, nil} {
			h.post(doc{"text": "x", "separateResponse": flag}).says(200, done)
		}
		h.send("application/x-www-form-urlencoded", "text=x&separateResponse=true").says(200, done)
	})
}

// TestHookMayPost holds the rules of rooms, each by its own text, in their order.
func TestHookMayPost(t *testing.T) {
	t.Parallel()
	s := start(t)
	poster := s.user("poster", "user")
	at := time.Now().UTC().Truncate(time.Millisecond)
	keep := func(r workspace.Room, subs ...workspace.Subscription) {
		r.CreatedAt, r.UpdatedAt = at, at
		for n := range subs {
			subs[n].ID, subs[n].RoomID, subs[n].CreatedAt = workspace.NewID(), r.ID, at
		}
		must(t, s.store.AddRoom(t.Context(), r, subs, nil))
	}
	member := workspace.Subscription{UserID: poster.id}
	keep(workspace.Room{ID: "readonly-id", Type: workspace.Channel, Name: "readonly", ReadOnly: true}, member)
	keep(workspace.Room{ID: "muted-id", Type: workspace.Channel, Name: "muted", Muted: []string{"poster"}}, member)
	keep(workspace.Room{ID: "both-id", Type: workspace.Channel, Name: "both", ReadOnly: true, Muted: []string{"poster"}}, member)
	keep(workspace.Room{ID: "owned-id", Type: workspace.Channel, Name: "owned", ReadOnly: true}, workspace.Subscription{UserID: poster.id, Roles: []string{"owner"}})
	blocked := workspace.Room{ID: workspace.DirectID(poster.id, s.admin.id), Type: workspace.Direct, ReadOnly: true}
	keep(blocked, workspace.Subscription{UserID: poster.id, Blocked: true}, workspace.Subscription{UserID: s.admin.id})

	h := s.newHook(doc{"username": "poster", "overrideDestinationChannelEnabled": true})
	const readOnly = "You can't send messages because the room is readonly."
	tests := []struct{ name, channel, text, refused string }{
		{"read-only", "#readonly", "x", readOnly},
		{"muted", "#muted", "x", "You_have_been_muted"},
		{"read-only before muted", "#both", "x", readOnly},
		{"blocked before read-only", "@admin", "x", "room_is_blocked"},
		{"read-only for its owner", "#owned", "x", ""},
		{"as long as may be", "#general", strings.Repeat("x", 5000), ""},
		{"too long", "#general", strings.Repeat("x", 5001), "error-message-size-exceeded"},
		{"long in bytes", "#general", strings.Repeat("é", 5000), ""},
		{"long in UTF-16", "#general", strings.Repeat("😀", 2500), ""},
		{"too long in UTF-16", "#general", strings.Repeat("😀", 2500) + "x", "error-message-size-exceeded"},
		{"muted before too long", "#muted", strings.Repeat("x", 5001), "You_have_been_muted"},
		{"space around does not count", "#general", " " + strings.Repeat("x", 5000) + "\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := h.in(t)
			if tt.refused == "" {
				h.post(doc{"text": tt.text, "channel": tt.channel}).says(200, done)
				return
			}
			h.post(doc{"text": tt.text, "channel": tt.channel}).says(400, `{"success":false,"error":"`+tt.refused+`"}`)
			h.post(doc{"text": tt.text, "channel": tt.channel, "separateResponse": true}).says(400,
				`{"responses":[{"channel":"`+tt.channel+`","error":"`+tt.refused+`"}],"success":false}`)
		})
	}
}

func TestHookBodyLimit(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.maxBody = 600 })
	h := s.newHook(nil)
	const refused = `{"success":false,"error":"Request body is larger than the limit of 600 bytes (HOOK_MAX_BODY)."}`
	fits := `{"text":"` + strings.Repeat("x", 600-len(`{"text":""}`)) + `"}`
	for _, chunked := range []bool{false, true} {
		send := func(body string) answer {
			return s.do(request{method: "POST", path: h.path(), body: body, chunked: chunked, header: map[string]string{"Content-Type": "application/json"}})
		}
		send(fits).says(200, done)
		send(fits+" ").says(413, refused)
		send(strings.Repeat(fits, 100)).says(413, refused)
	}
	if got := len(s.messages("GENERAL")); got != 2 {
		t.Errorf("%d messages were posted, want 2", got)
	}
	s.do(request{
		method: "POST", path: "/api/v1/integrations.create", as: s.admin, body: fits + " ",
		header: map[string]string{"Content-Type": "application/json"},
	}).says(413, refused)
}
