package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// response is what a receiver answers.
type response struct {
	status            int
	contentType, body string
}

// told is a JSON answer.
func told(status int, body string) response {
	return response{status: status, contentType: "application/json", body: body}
}

// received is a call as a receiver saw it.
type received struct {
	at           time.Time
	method, path string
	header       http.Header
	body         string
}

// receiver is a service that outgoing integrations call.
type receiver struct {
	t     testing.TB
	url   string
	calls chan received
}

// newReceiver answers call after call as it is told, the last answer over and over; told nothing,
// it answers an empty object.
func newReceiver(t testing.TB, answers ...response) *receiver {
	t.Helper()
	if len(answers) == 0 {
		answers = []response{told(200, `{}`)}
	}
	turn := make(chan int, 1)
	turn <- 0
	r := &receiver{t: t, calls: make(chan received, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		n := <-turn
		turn <- n + 1
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Errorf("receiver reads the body: %v", err)
		}
		r.calls <- received{at: time.Now(), method: req.Method, path: req.URL.RequestURI(), header: req.Header, body: string(body)}
		answer := answers[min(n, len(answers)-1)]
		if answer.contentType != "" {
			w.Header().Set("Content-Type", answer.contentType)
		} else {
			w.Header()["Content-Type"] = nil
		}
		w.WriteHeader(answer.status)
		_, _ = io.WriteString(w, answer.body)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// next waits for a call.
func (r *receiver) next() received {
	r.t.Helper()
	select {
	case c := <-r.calls:
		return c
	case <-time.After(30 * time.Second):
		r.t.Fatal("the receiver was not called within 30 s")
		return received{}
	}
}

// quiet holds that there was no further call.
func (r *receiver) quiet() {
	r.t.Helper()
	select {
	case c := <-r.calls:
		r.t.Errorf("the receiver was called once more: %s %s %s", c.method, c.path, c.body)
	default:
	}
}

// listener makes an enabled outgoing integration for messages in #general, but for what change says.
func (s *server) listener(url string, change doc) (id string) {
	s.t.Helper()
	i := s.made(s.admin, newOutgoing(changed(doc{"enabled": true, "urls": []any{url}}, change)))
	return i["_id"].(string)
}

// say posts a message and answers it.
func (s *server) say(as account, channel, text string) doc {
	s.t.Helper()
	m, _ := s.post(as, "/api/v1/chat.postMessage", doc{"channel": channel, "text": text}).is(200).at("message").(doc)
	return m
}

// history answers the deliveries of an integration, the one that changed last in front.
func (s *server) history(id string) []doc {
	s.t.Helper()
	var entries []doc
	list, _ := s.get(s.admin, historyPath+"?count=0&id="+id).is(200).at("history").([]any)
	for _, entry := range list {
		entries = append(entries, entry.(doc))
	}
	return entries
}

// delivered waits for the first attempt of an integration and answers its history.
func (s *server) delivered(id string) doc {
	s.t.Helper()
	s.attempted(id, 1)
	h := s.history(id)
	if len(h) != 1 {
		s.t.Fatalf("history of %s has %d entries, want 1: %v", id, len(h), h)
	}
	return h[0]
}

// quote is a text as JSON.
func quote(t testing.TB, text string) string {
	t.Helper()
	quoted, err := json.Marshal(text)
	must(t, err)
	return string(quoted)
}

// TestOutgoingCall holds the exact request that a receiver gets.
func TestOutgoingCall(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	r := newReceiver(t)

	// Each case makes the event and answers the message and who sent it.
	tests := []struct {
		name   string
		change doc
		event  func(s *server) doc
		want   string // with ID, TS, UID and ROOM standing for what differs from run to run
	}{
		{
			name: "message", change: doc{"token": "t-1"},
			event: func(s *server) doc { return s.say(s.admin, "#general", `quoted "text" <b>&amp; ü ⏱`) },
			want:  `{"token":"t-1","bot":false,"channel_id":"GENERAL","channel_name":"general","message_id":"ID","timestamp":"TS","user_id":"UID","user_name":"admin","text":"quoted \"text\" <b>&amp; ü ⏱","siteUrl":"http://localhost:3000/"}`,
		},
		{
			name: "without a token", change: doc{},
			event: func(s *server) doc { return s.say(bob, "#general", "from bob") },
			want:  `{"bot":false,"channel_id":"GENERAL","channel_name":"general","message_id":"ID","timestamp":"TS","user_id":"UID","user_name":"bob","text":"from bob","siteUrl":"http://localhost:3000/"}`,
		},
		{
			name: "trigger word", change: doc{"token": "t-2", "triggerWords": []any{"restart", "deploy"}},
			event: func(s *server) doc { return s.say(s.admin, "#general", "deploy now") },
			want:  `{"token":"t-2","bot":false,"trigger_word":"deploy","channel_id":"GENERAL","channel_name":"general","message_id":"ID","timestamp":"TS","user_id":"UID","user_name":"admin","text":"deploy now","siteUrl":"http://localhost:3000/"}`,
		},
		{
			name: "posted by a hook", change: doc{},
			event: func(s *server) doc {
				a := s.newHook(doc{"alias": "Builder"}).post(doc{"text": "built", "separateResponse": true, "tmid": "thread"}).is(200)
				return a.at("responses", 0, "message").(doc)
			},
			want: `{"bot":{"i":"HOOK"},"channel_id":"GENERAL","channel_name":"general","message_id":"ID","timestamp":"TS","user_id":"UID","user_name":"rocket.cat","text":"built","siteUrl":"http://localhost:3000/","alias":"Builder","tmid":"thread"}`,
		},
		{
			name: "edited", change: doc{"runOnEdits": true, "triggerWords": []any{"after"}},
			event: func(s *server) doc {
				m := s.say(s.admin, "#general", "before")
				return s.post(s.admin, "/api/v1/chat.update", doc{"roomId": "GENERAL", "msgId": m["_id"], "text": "after all"}).is(200).at("message").(doc)
			},
			want: `{"bot":false,"trigger_word":"after","channel_id":"GENERAL","channel_name":"general","message_id":"ID","timestamp":"TS","user_id":"UID","user_name":"admin","text":"after all","siteUrl":"http://localhost:3000/","isEdited":true}`,
		},
		{
			name: "direct", change: doc{"channel": "all_direct_messages"},
			event: func(s *server) doc { return s.say(bob, "@admin", "hello") },
			want:  `{"bot":false,"channel_id":"ROOM","message_id":"ID","timestamp":"TS","user_id":"UID","user_name":"bob","text":"hello","siteUrl":"http://localhost:3000/"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			id := s.listener(r.url+"/in?key=1", tt.change)
			m := tt.event(s)
			got := r.next()
			u := m["u"].(doc)
			hook, _ := m["bot"].(doc)
			want := strings.NewReplacer(
				`"ID"`, quote(t, m["_id"].(string)), `"TS"`, quote(t, m["ts"].(string)), `"UID"`, quote(t, u["_id"].(string)),
				`"ROOM"`, quote(t, m["rid"].(string)), `"HOOK"`, quote(t, fmt.Sprint(hook["i"])),
			).Replace(tt.want)
			if got.body != want {
				t.Errorf("body of the call:\n%s\nwant\n%s", got.body, want)
			}
			if got.method != "POST" || got.path != "/in?key=1" {
				t.Errorf("called %s %s, want POST /in?key=1", got.method, got.path)
			}
			for name, value := range map[string]string{
				"Content-Type": "application/json", "Content-Length": strconv.Itoa(len(want)),
				"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2227.0 Safari/537.36",
			} {
				if got := got.header.Get(name); got != value {
					t.Errorf("%s of the call = %q, want %q", name, got, value)
				}
			}
			h := s.delivered(id)
			for _, member := range []string{"data", "httpCallData"} {
				var sent any
				must(t, json.Unmarshal([]byte(got.body), &sent))
				if d := cmp.Diff(sent, h[member]); d != "" {
					t.Errorf("%s in history (-sent +got):\n%s", member, d)
				}
			}
			s.post(s.admin, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
			r.quiet()
		})
	}
}

// TestOutgoingRooms holds which integrations run for a message in which room. Deliveries stand in
// the store once the message is answered, so history tells at once.
func TestOutgoingRooms(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := newReceiver(t)
	bob := s.user("bob", "user")
	s.room("channel", "ops")
	crew := s.room("group", "crew", "bob")

	events := []struct {
		name, channel string
		as            account
	}{
		{"general", "#general", s.admin},
		{"ops", "#ops", s.admin},
		{"crew", "#crew", s.admin},
		{"admin to bob", "@bob", s.admin},
		{"bob to admin", "@admin", bob},
	}
	tests := []struct {
		channel string
		change  doc
		runs    string // one mark per event
	}{
		{"all_public_channels", nil, "xx..."},
		{"", nil, "xx..."},
		{"all_private_groups", nil, "..x.."},
		{"all_direct_messages", nil, "...xx"},
		{"all_public_channels,all_private_groups, all_direct_messages", nil, "xxxxx"},
		{"#general", nil, "x...."},
		{"#GENERAL", nil, "x...."},
		{"#ops", nil, ".x..."},
		{"#crew", nil, "..x.."},
		{"#" + crew, nil, "..x.."},
		{"@bob", nil, "...x."},
		{"@" + bob.id, nil, "...x."},
		{"@admin", nil, "....x"},
		{"@" + s.admin.id, nil, "....x"},
		{"#general,#ops,all_public_channels", nil, "xx..."},
		{"#general", doc{"enabled": false}, "....."},
		{"#general", doc{"event": "fileUploaded"}, "....."},
		{"", doc{"event": "roomCreated", "channel": ""}, "....."},
	}
	ids := make([]string, len(tests))
	for n, tt := range tests {
		ids[n] = s.listener(r.url, changed(doc{"channel": tt.channel}, tt.change))
	}
	runs := make([]string, len(tests))
	for _, ev := range events {
		before := make([]int, len(tests))
		for n, id := range ids {
			before[n] = len(s.history(id))
		}
		s.say(ev.as, ev.channel, ev.name)
		for n, id := range ids {
			runs[n] += []string{".", "x", "more than once"}[len(s.history(id))-before[n]]
		}
	}
	for n, tt := range tests {
		if runs[n] != tt.runs {
			t.Errorf("integration for %q %v ran for %q, want %q of %v", tt.channel, tt.change, runs[n], tt.runs, events)
		}
	}
}

func TestOutgoingWords(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := newReceiver(t)
	tests := []struct {
		name   string
		change doc
		text   string
		word   string // the word that was met
		runs   bool
	}{
		{"no words", doc{}, "anything", "", true},
		{"empty list", doc{"triggerWords": []any{}}, "anything", "", true},
		{"at the start", doc{"triggerWords": []any{"deploy"}}, "deploy now", "deploy", true},
		{"at the start of a longer word", doc{"triggerWords": []any{"deploy"}}, "deployed", "deploy", true},
		{"the first that is met", doc{"triggerWords": []any{"de", "deploy"}}, "deploy now", "de", true},
		{"inside", doc{"triggerWords": []any{"deploy"}}, "please deploy", "", false},
		{"inside, anywhere", doc{"triggerWords": []any{"deploy"}, "triggerWordAnywhere": true}, "please deploy", "deploy", true},
		{"in other case", doc{"triggerWords": []any{"deploy"}}, "Deploy now", "", false},
		{"none is met, anywhere", doc{"triggerWords": []any{"deploy"}, "triggerWordAnywhere": true}, "restart", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			id := s.listener(r.url, tt.change)
			s.say(s.admin, "#general", tt.text)
			h := s.history(id)
			if (len(h) == 1) != tt.runs {
				t.Fatalf("%q with %v made %d deliveries, want %t", tt.text, tt.change, len(h), tt.runs)
			}
			if tt.runs {
				word, _ := h[0]["triggerWord"].(string)
				inData, _ := h[0]["data"].(doc)["trigger_word"].(string)
				if word != tt.word || inData != tt.word {
					t.Errorf("%q met the word %q, in data %q, want %q", tt.text, word, inData, tt.word)
				}
			}
			s.post(s.admin, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
		})
	}
	t.Run("edits", func(t *testing.T) {
		s := s.in(t)
		never, always, no := s.listener(r.url, doc{}), s.listener(r.url, doc{"runOnEdits": true}), s.listener(r.url, doc{"runOnEdits": false})
		m := s.say(s.admin, "#general", "before")
		s.post(s.admin, "/api/v1/chat.update", doc{"roomId": "GENERAL", "msgId": m["_id"], "text": "after"}).is(200)
		for _, tt := range []struct {
			name, id string
			want     int
		}{{"left out", never, 1}, {"true", always, 2}, {"false", no, 1}} {
			if got := len(s.history(tt.id)); got != tt.want {
				t.Errorf("runOnEdits %s: %d deliveries for a message and its edit, want %d", tt.name, got, tt.want)
			}
		}
	})
}

func TestOutgoingEachURL(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := newReceiver(t)
	id := s.listener(r.url, doc{"urls": []any{r.url + "/a", " ", r.url + "/b"}})
	s.say(s.admin, "#general", "x")
	paths := []string{r.next().path, r.next().path}
	slices.Sort(paths)
	if want := []string{"/a", "/b"}; !slices.Equal(paths, want) {
		t.Errorf("called %v, want %v", paths, want)
	}
	s.attempted(id, 2)
	var urls []string
	for _, h := range s.history(id) {
		urls = append(urls, h["url"].(string))
	}
	slices.Sort(urls)
	if want := []string{r.url + "/a", r.url + "/b"}; !slices.Equal(urls, want) {
		t.Errorf("history shows %v, want %v", urls, want)
	}
	r.quiet()
}

func TestOutgoingReplies(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	ops := s.room("channel", "ops")
	const replied, called, failed = "url-response-sent-message", "after-http-call", "after-http-call-send-message-failed"
	cat := doc{"_id": "rocket.cat", "username": "rocket.cat", "name": "Rocket.Cat"}
	tests := []struct {
		name   string
		change doc
		answer response
		step   string
		room   string // where it is posted; empty: nowhere
		want   doc
	}{
		{"text", doc{}, told(200, `{"text":"reply"}`), replied, "GENERAL", doc{"msg": "reply", "u": cat, "alias": nil, "groupable": false, "parseUrls": true}},
		{"msg", doc{}, told(200, `{"msg":"reply"}`), replied, "GENERAL", doc{"msg": "reply"}},
		{"attachments", doc{}, told(200, `{"attachments":[{"title":"t","msg":"m"}]}`), replied, "GENERAL", doc{"msg": "", "attachments": []any{doc{"title": "t", "text": "m"}}, "parseUrls": false}},
		{"status 201", doc{}, told(201, `{"text":"reply"}`), replied, "GENERAL", doc{"msg": "reply"}},
		{"status 202", doc{}, told(202, `{"text":"reply"}`), replied, "GENERAL", doc{"msg": "reply"}},
		{"a charset", doc{}, response{200, "application/json; charset=utf-8", `{"text":"ü ⏱"}`}, replied, "GENERAL", doc{"msg": "ü ⏱"}},
		{"text/javascript", doc{}, response{200, "text/javascript", `{"text":"reply"}`}, replied, "GENERAL", doc{"msg": "reply"}},
		{"application/javascript", doc{}, response{200, "application/javascript", `{"text":"reply"}`}, replied, "GENERAL", doc{"msg": "reply"}},
		{"application/x-javascript", doc{}, response{200, "application/x-javascript", `{"text":"reply"}`}, replied, "GENERAL", doc{"msg": "reply"}},
		{"JSON as text", doc{}, response{200, "text/plain", `{"text":"reply"}`}, called, "", nil},
		{"JSON without a type", doc{}, response{200, "", `{"text":"reply"}`}, called, "", nil},
		{"JSON of another type", doc{}, response{200, "application/problem+json", `{"text":"reply"}`}, called, "", nil},
		{"broken JSON", doc{}, told(200, `{"text":`), called, "", nil},
		{"JSON array", doc{}, told(200, `[{"text":"reply"}]`), called, "", nil},
		{"neither text nor attachments", doc{}, told(200, `{"alias":"A"}`), called, "", nil},
		{"empty text", doc{}, told(200, `{"text":""}`), called, "", nil},
		{"prose", doc{}, response{200, "text/plain", "ok"}, called, "", nil},

		{"look of its own", doc{"alias": "I", "emoji": ":i:"}, told(200, `{"text":"x","alias":"A","avatar":"/a.png","tmid":"thread"}`), replied, "GENERAL", doc{"alias": "A", "avatar": "/a.png", "emoji": nil, "tmid": "thread"}},
		{"look of the integration", doc{"alias": "I", "avatar": "/i.png", "emoji": ":i:"}, told(200, `{"text":"x"}`), replied, "GENERAL", doc{"alias": "I", "avatar": "/i.png", "emoji": nil}},
		{"emoji", doc{"avatar": "/i.png"}, told(200, `{"text":"x","emoji":":e:"}`), replied, "GENERAL", doc{"emoji": ":e:", "avatar": nil}},
		{"channel", doc{}, told(200, `{"text":"x","channel":"#ops"}`), replied, ops, doc{"msg": "x"}},
		{"roomId", doc{}, told(200, `{"text":"x","roomId":"`+ops+`"}`), replied, ops, doc{"msg": "x"}},
		{"targetRoom", doc{"targetRoom": "#ops"}, told(200, `{"text":"x"}`), replied, ops, doc{"msg": "x"}},
		{"channel before targetRoom", doc{"targetRoom": "#ops"}, told(200, `{"text":"x","channel":"#general"}`), replied, "GENERAL", doc{"msg": "x"}},
		{"unknown channel", doc{}, told(200, `{"text":"x","channel":"#nowhere"}`), failed, "", nil},
		{"too long", doc{}, told(200, `{"text":"`+strings.Repeat("x", 5001)+`"}`), failed, "", nil},
		{"as another user", doc{"username": "bob"}, told(200, `{"text":"x"}`), replied, "GENERAL", doc{"u": doc{"_id": bob.id, "username": "bob", "name": "bob"}}},
		{"as who fired it", doc{"impersonateUser": true}, told(200, `{"text":"x"}`), replied, "GENERAL", doc{"u": doc{"_id": s.admin.id, "username": "admin", "name": "Admin"}}},
		{"not as whom the receiver names", doc{"impersonateUser": true}, told(200, `{"text":"x","user_name":"bob","user_id":"`+bob.id+`"}`), replied, "GENERAL", doc{"u": doc{"_id": s.admin.id, "username": "admin", "name": "Admin"}}},
		{"a forged mark", doc{}, told(200, `{"text":"x","bot":{"i":"forged"},"_id":"own"}`), replied, "GENERAL", doc{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			r := newReceiver(t, tt.answer)
			id := s.listener(r.url, tt.change)
			count := func() int { return len(s.messages("GENERAL")) + len(s.messages(ops)) }
			s.say(s.admin, "#general", tt.name)
			s.attempted(id, 1)
			before := count()
			h := s.delivered(id)
			want := doc{
				"step": tt.step, "finished": true, "ranPrepareScript": false, "httpResult": quote(t, tt.answer.body), "httpError": nil,
				"type": "outgoing-webhook", "event": "sendMessage", "url": r.url, "prepareSentMessage": nil, "processSentMessage": nil,
			}
			if d := differ(h, want); d != "" {
				t.Errorf("history (-want +got):\n%s", d)
			}
			if got := h["error"] != nil; got != (tt.step == failed) {
				t.Errorf("history has error %v", h["error"])
			}
			if tt.room == "" {
				if h["resultMessage"] != nil || s.newest("GENERAL")["msg"] != tt.name {
					t.Errorf("%s posted %v", tt.answer.body, h["resultMessage"])
				}
			} else {
				m := s.newest(tt.room)
				posted := changed(tt.want, doc{"bot": doc{"i": id}, "rid": tt.room})
				if d := differ(m, posted); d != "" {
					t.Errorf("%s posted (-want +got):\n%s", tt.answer.body, d)
				}
				result := h["resultMessage"].([]any)[0].(doc)
				if d := cmp.Diff(doc{"_id": m["_id"], "rid": tt.room, "msg": m["msg"]}, result["message"]); d != "" {
					t.Errorf("resultMessage in history (-posted +got):\n%s", d)
				}
			}
			if got := count(); got != before {
				t.Errorf("there are %d messages more than right after the attempt", got-before)
			}
			s.post(s.admin, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
		})
	}
	t.Run("into a direct room", func(t *testing.T) {
		s := s.in(t)
		r := newReceiver(t, told(200, `{"text":"psst","channel":"@bob"}`))
		id := s.listener(r.url, doc{})
		s.say(s.admin, "#general", "x")
		sent := s.delivered(id)["resultMessage"].([]any)[0].(doc)
		if sent["channel"] != "@bob" {
			t.Errorf("resultMessage.channel = %v, want @bob", sent["channel"])
		}
		message := sent["message"].(doc)
		if got := s.get(bob, "/api/v1/chat.getMessage?msgId="+message["_id"].(string)).is(200).text("message", "msg"); got != "psst" {
			t.Errorf("bob reads %q, want the reply", got)
		}
	})
}

// outgoingScript is a script with those method bodies; an empty one leaves the method out.
func outgoingScript(prepare, process string) string {
	script := "class Script {\n"
	if prepare != "" {
		script += "  prepare_outgoing_request({ request }) {\n    " + prepare + "\n  }\n"
	}
	if process != "" {
		script += "  process_outgoing_response({ request, response }) {\n    " + process + "\n  }\n"
	}
	return script + "}\n"
}

func TestOutgoingPrepare(t *testing.T) {
	t.Parallel()
	s := start(t)
	const called, noOptions, noURL = "after-http-call", "after-prepare-no-opts", "after-prepare-no-url_or_method"
	const sendFailed, failed = "after-prepare-send-message-failed", "execute-script-error-running-prepare_outgoing_request"
	tests := []struct {
		name, script string
		step         string
		call         func(t *testing.T, c received) // nil: none is made
		posts        string                         // the text of a message; empty: none
		errorText    string
	}{
		{
			name: "the request as it is", script: `return request;`, step: called,
			call: func(t *testing.T, c received) {
				if c.method != "POST" || c.path != "/hook" || !strings.HasPrefix(c.body, `{"bot":false,"channel_id":"GENERAL"`) || c.header.Get("Content-Type") != "application/json" {
					t.Errorf("called %+v", c)
				}
			},
		},
		{
			name: "a request of its own", step: called,
			script: `return { url: request.url + '/own?a=1', method: 'PUT', headers: { 'X-Own': 'yes', 'Content-Type': 'application/vnd.own+json' }, data: { text: request.data.text, n: [1, null] } };`,
			call: func(t *testing.T, c received) {
				if c.method != "PUT" || c.path != "/hook/own?a=1" || c.body != `{"text":"sent","n":[1,null]}` {
					t.Errorf("called %s %s with %s", c.method, c.path, c.body)
				}
				if c.header.Get("X-Own") != "yes" || c.header.Get("Content-Type") != "application/vnd.own+json" || strings.Contains(c.header.Get("User-Agent"), "Chrome") {
					t.Errorf("headers of the call: %v", c.header)
				}
			},
		},
		{
			name: "a changed request", script: `request.headers['X-Own'] = 7; request.data.added = true; delete request.data.timestamp; return request;`, step: called,
			call: func(t *testing.T, c received) {
				if c.header.Get("X-Own") != "7" || !strings.HasSuffix(c.body, `,"added":true}`) || strings.Contains(c.body, "timestamp") {
					t.Errorf("called with %v %s", c.header, c.body)
				}
			},
		},
		{
			name: "a text as data", script: `return { url: request.url, method: 'post', headers: { 'Content-Type': 'text/plain' }, data: 'a=1&b="x"' };`, step: called,
			call: func(t *testing.T, c received) {
				if c.body != `a=1&b="x"` || c.method != "POST" || c.header.Get("Content-Type") != "text/plain" {
					t.Errorf("called %s with %v %q", c.method, c.header, c.body)
				}
			},
		},
		{
			name: "no data", script: `return { url: request.url, method: 'GET' };`, step: called,
			call: func(t *testing.T, c received) {
				if c.body != "" || c.method != "GET" {
					t.Errorf("called %s with %q", c.method, c.body)
				}
			},
		},
		{
			name: "auth", script: `request.auth = 'user:pass:word'; return request;`, step: called,
			call: func(t *testing.T, c received) {
				if got := c.header.Get("Authorization"); got != "Basic dXNlcjpwYXNzOndvcmQ=" {
					t.Errorf("Authorization of the call = %q", got)
				}
			},
		},
		{
			name: "a promise", script: `return Promise.resolve(request);`, step: called,
			call: func(*testing.T, received) {},
		},
		{name: "nothing", script: `return;`, step: noOptions},
		{name: "false", script: `return false;`, step: noOptions},
		{name: "null", script: `return null;`, step: noOptions},
		{name: "empty object", script: `return {};`, step: noOptions},
		{name: "no url", script: `delete request.url; return request;`, step: noURL},
		{name: "no method", script: `return { url: request.url };`, step: noURL},
		{name: "a message alone", script: `return { message: { text: 'asked ' + request.data.user_name } };`, step: noURL, posts: "asked admin"},
		{
			name: "a message and the request", script: `request.message = { text: 'calling' }; return request;`, step: called, posts: "calling",
			call: func(*testing.T, received) {},
		},
		{name: "a message to nowhere", script: `return { message: { text: 'x', channel: '#nowhere' }, url: request.url, method: 'POST' };`, step: sendFailed, errorText: "unknown channel"},
		{name: "throw", script: `throw new TypeError('no way');`, step: failed, errorText: "no way"},
		{name: "runtime error", script: `return requst;`, step: failed, errorText: "ReferenceError: requst is not defined (3:12)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			r := newReceiver(t)
			id := s.listener(r.url+"/hook", doc{"scriptEnabled": true, "script": outgoingScript(tt.script, "")})
			s.say(s.admin, "#general", "sent")
			h := s.delivered(id)
			if d := differ(h, doc{"step": tt.step, "finished": true, "ranPrepareScript": true, "url": r.url + "/hook"}); d != "" {
				t.Errorf("history (-want +got):\n%s", d)
			}
			if tt.call != nil {
				tt.call(t, r.next())
			}
			r.quiet()
			if called := h["httpResult"] != nil; called != (tt.call != nil) {
				t.Errorf("history has httpResult %v, want a call = %t", h["httpResult"], tt.call != nil)
			}
			posted, want := s.newest("GENERAL"), "sent"
			if tt.posts != "" {
				want = tt.posts
				sent := h["prepareSentMessage"].([]any)[0].(doc)["message"].(doc)
				if d := cmp.Diff(doc{"_id": posted["_id"], "rid": "GENERAL", "msg": tt.posts}, sent); d != "" {
					t.Errorf("prepareSentMessage (-posted +got):\n%s", d)
				}
			}
			if posted["msg"] != want {
				t.Errorf("newest message is %q, want %q", posted["msg"], want)
			}
			text, _ := h["error"].(string)
			if (text == "") != (tt.errorText == "") || !strings.Contains(text, tt.errorText) {
				t.Errorf("error in history = %q, want %q", text, tt.errorText)
			}
			if stack, _ := h["errorStack"].(string); (stack != "") != (tt.step == failed) {
				t.Errorf("errorStack in history = %q", stack)
			}
			s.post(s.admin, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
		})
	}

	t.Run("what the method is given", func(t *testing.T) {
		s := s.in(t)
		r := newReceiver(t)
		id := s.listener(r.url, doc{"scriptEnabled": true, "script": outgoingScript(
			`return { message: { text: [request.data.timestamp instanceof Date, request.auth, JSON.stringify(request)].join('|') } };`, "",
		)})
		m := s.say(s.admin, "#general", "sent")
		s.attempted(id, 1)
		data := fmt.Sprintf(`{"bot":false,"channel_id":"GENERAL","channel_name":"general","message_id":%q,"timestamp":%q,"user_id":%q,"user_name":"admin","text":"sent","siteUrl":"http://localhost:3000/"}`,
			m["_id"], m["ts"], s.admin.id)
		want := `{"params":{},"method":"POST","url":"` + r.url + `","data":` + data + `,"headers":{"User-Agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2227.0 Safari/537.36"}}`
		got, _ := s.newest("GENERAL")["msg"].(string)
		parts := strings.SplitN(got, "|", 3)
		if len(parts) != 3 || parts[0] != "true" || parts[1] != "" {
			t.Fatalf("script said %s, want a Date as timestamp and no auth", got)
		}
		if parts[2] != want {
			t.Errorf("request of the script:\n%s\nwant\n%s", parts[2], want)
		}
		s.post(s.admin, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
	})

	t.Run("timeout", func(t *testing.T) {
		s := s.in(t)
		gone := make(chan struct{})
		slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
			close(gone)
		}))
		defer slow.Close()
		id := s.listener(slow.URL, doc{"scriptEnabled": true, "script": outgoingScript(`request.timeout = 150; return request;`, "")})
		s.say(s.admin, "#general", "x")
		if d := differ(s.delivered(id), doc{"httpError": "no complete answer within 150ms", "step": "after-http-call", "httpResult": nil}); d != "" {
			t.Errorf("history (-want +got):\n%s", d)
		}
		<-gone
	})
}

func TestOutgoingProcess(t *testing.T) {
	t.Parallel()
	s := start(t)
	const posted, stopped, failed = "after-process-send-message", "after-process-false-result", "execute-script-error-running-process_outgoing_response"
	reply := told(200, `{"text":"reply"}`)
	tests := []struct {
		name, script string
		answer       response
		step         string
		posts        string // the text of a message; empty: none
		member       string // where history shows it
		errorText    string
	}{
		{name: "content", script: `return { content: { text: 'made of ' + response.content.text } };`, answer: reply, step: posted, posts: "made of reply", member: "processSentMessage"},
		{name: "content of a promise", script: `return Promise.resolve({ content: { text: 'late' } });`, answer: reply, step: posted, posts: "late", member: "processSentMessage"},
		{name: "a text as content", script: `return { content: 'plain' };`, answer: reply, step: posted, posts: "plain", member: "processSentMessage"},
		{name: "content of a failure", script: `return { content: { text: 'status ' + response.status_code } };`, answer: told(500, `{"a":1}`), step: posted, posts: "status 500", member: "processSentMessage"},
		{name: "content of an empty answer", script: `return { content: { text: 'empty' } };`, answer: response{status: 204}, step: posted, posts: "empty", member: "processSentMessage"},
		{name: "false", script: `return false;`, answer: reply, step: stopped},
		{name: "false of a failure", script: `return false;`, answer: told(500, `{"a":1}`), step: stopped},
		{name: "nothing", script: `return;`, answer: reply, step: "url-response-sent-message", posts: "reply", member: "resultMessage"},
		{name: "null", script: `return null;`, answer: reply, step: "url-response-sent-message", posts: "reply", member: "resultMessage"},
		{name: "empty object", script: `return {};`, answer: reply, step: "url-response-sent-message", posts: "reply", member: "resultMessage"},
		{name: "nothing of a failure", script: `return;`, answer: told(404, `{"text":"no"}`), step: "failed-and-not-configured-to-retry", errorText: "the receiver answered 404 Not Found"},
		{name: "content to nowhere", script: `return { content: { text: 'x', channel: '#nowhere' } };`, answer: reply, step: "after-process-send-message-failed", errorText: "unknown channel"},
		{name: "throw", script: `throw new Error('no way');`, answer: reply, step: failed, errorText: "no way"},
		{name: "runtime error", script: `return response.content.a.b;`, answer: reply, step: failed, errorText: "TypeError: Cannot read properties of undefined (reading 'b')"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			r := newReceiver(t, tt.answer)
			id := s.listener(r.url, doc{"scriptEnabled": true, "script": outgoingScript("", tt.script)})
			s.say(s.admin, "#general", "sent")
			h := s.delivered(id)
			want := doc{"step": tt.step, "finished": true, "httpResult": quote(t, tt.answer.body)}
			if tt.answer.body == "" {
				want["httpResult"] = `""`
			}
			if d := differ(h, want); d != "" {
				t.Errorf("history (-want +got):\n%s", d)
			}
			newest, text := s.newest("GENERAL"), "sent"
			if tt.posts != "" {
				text = tt.posts
				sent := h[tt.member].([]any)[0].(doc)["message"].(doc)
				if d := cmp.Diff(doc{"_id": newest["_id"], "rid": "GENERAL", "msg": tt.posts}, sent); d != "" {
					t.Errorf("%s (-posted +got):\n%s", tt.member, d)
				}
			}
			if newest["msg"] != text {
				t.Errorf("newest message is %q, want %q", newest["msg"], text)
			}
			if got, _ := h["error"].(string); (got == "") != (tt.errorText == "") || !strings.Contains(got, tt.errorText) {
				t.Errorf("error in history = %q, want %q", got, tt.errorText)
			}
			if stack, _ := h["errorStack"].(string); (stack != "") != (tt.step == failed) {
				t.Errorf("errorStack in history = %q", stack)
			}
			s.post(s.admin, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
		})
	}

	t.Run("what the method is given", func(t *testing.T) {
		s := s.in(t)
		for _, tt := range []struct {
			name   string
			answer response
			want   string
		}{
			{"JSON", told(200, `{"b": 1, "a": ["x"]}`), `null|200|{"b":1,"a":["x"]}|{"b": 1, "a": ["x"]}|{"b": 1, "a": ["x"]}|application/json|kept|true`},
			{"text", response{201, "text/plain", "fine"}, `null|201|"fine"|fine|fine|text/plain|kept|true`},
			{"JSON as text", response{200, "text/plain", `{"a":1}`}, `null|200|"{\"a\":1}"|{"a":1}|{"a":1}|text/plain|kept|true`},
		} {
			r := newReceiver(t, tt.answer)
			id := s.listener(r.url, doc{"scriptEnabled": true, "script": outgoingScript(
				`request.own = 'kept'; this.seen = request.data.message_id; return request;`,
				`return { content: { text: [JSON.stringify(response.error), response.status_code, JSON.stringify(response.content), String(response.content), response.content_raw, response.headers['content-type'], request.own, this.seen === request.data.message_id].join('|') } };`,
			)})
			s.say(s.admin, "#general", "sent")
			s.attempted(id, 1)
			if got := s.newest("GENERAL")["msg"]; got != tt.want {
				t.Errorf("%s: script said\n%s\nwant\n%s", tt.name, got, tt.want)
			}
			s.post(s.admin, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
		}
	})
}

// TestOutgoingStatuses holds what follows each answer under upstream's rules, with and without
// retries.
func TestOutgoingStatuses(t *testing.T) {
	t.Parallel()
	s := start(t)
	const notConfigured, retry = "failed-and-not-configured-to-retry", "going-to-retry-1"
	tests := []struct {
		name           string
		answer         response
		once, retrying string // the step after the first attempt
		disables       bool
	}{
		{name: "200", answer: told(200, `{}`), once: "after-http-call", retrying: "after-http-call"},
		{name: "200, empty", answer: response{status: 200}, once: notConfigured, retrying: retry},
		{name: "204", answer: response{status: 204}, once: notConfigured, retrying: retry},
		{name: "203", answer: told(203, `{"text":"x"}`), once: notConfigured, retrying: retry},
		{name: "404", answer: told(404, `{"text":"x"}`), once: notConfigured, retrying: retry},
		{name: "503", answer: told(503, `{}`), once: notConfigured, retrying: retry},
		{name: "500", answer: told(500, `{"text":"x"}`), once: "after-process-http-status-500", retrying: "after-process-http-status-500"},
		{name: "500, empty", answer: response{status: 500}, once: notConfigured, retrying: retry},
		{name: "410", answer: told(410, `gone`), once: "after-process-http-status-410", retrying: "after-process-http-status-410", disables: true},
		{name: "410, empty", answer: response{status: 410}, once: notConfigured, retrying: retry},
	}
	for _, tt := range tests {
		for _, retries := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, retries %t", tt.name, retries), func(t *testing.T) {
				s := s.in(t)
				r := newReceiver(t, tt.answer)
				change, want := doc{}, tt.once
				if retries { // in 2 s, when the integration is long gone
					change, want = doc{"retryFailedCalls": true, "retryDelay": "powers-of-two", "retryCount": 3}, tt.retrying
				}
				id := s.listener(r.url, change)
				s.say(s.admin, "#general", "sent")
				h := s.delivered(id)
				if d := differ(h, doc{"step": want, "finished": want != retry, "httpResult": quote(t, tt.answer.body)}); d != "" {
					t.Errorf("history after %d (-want +got):\n%s", tt.answer.status, d)
				}
				if enabled := s.stored(id)["enabled"]; enabled != !tt.disables {
					t.Errorf("enabled is %v after %d", enabled, tt.answer.status)
				}
				if got := s.newest("GENERAL")["msg"]; got != "sent" {
					t.Errorf("a failure posted %q", got)
				}
				if tt.disables {
					s.say(s.admin, "#general", "again")
					if got := len(s.history(id)); got != 1 {
						t.Errorf("a disabled integration has %d deliveries, want 1", got)
					}
				}
				s.post(s.admin, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
			})
		}
	}
}

// TestOutgoingRetries waits for the real delays of 100 ms and 1 s.
func TestOutgoingRetries(t *testing.T) {
	t.Parallel()
	s := start(t)
	busy := told(503, `{"text":"busy"}`)
	steps := func(s *server, id string, n int) (list []string) {
		for _, a := range s.attempted(id, n) {
			list = append(list, string(a.Step))
		}
		return list
	}
	t.Run("until it works", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		r := newReceiver(t, response{status: 200}, busy, told(200, `{"text":"at last"}`))
		id := s.listener(r.url, doc{"retryFailedCalls": true, "triggerWords": []any{"one"}})
		s.say(s.admin, "#general", "one")
		first, second, third := r.next(), r.next(), r.next()
		if first.body != second.body || second.body != third.body {
			t.Errorf("calls differ: %s, %s, %s", first.body, second.body, third.body)
		}
		for _, wait := range []struct{ got, least time.Duration }{
			{second.at.Sub(first.at), 100 * time.Millisecond}, {third.at.Sub(second.at), time.Second},
		} {
			if wait.got < wait.least {
				t.Errorf("waited %v before a retry, want at least %v", wait.got, wait.least)
			}
		}
		want := []string{"going-to-retry-1", "going-to-retry-2", "url-response-sent-message"}
		if d := cmp.Diff(want, steps(s, id, 3)); d != "" {
			t.Errorf("steps (-want +got):\n%s", d)
		}
		h := s.history(id)
		if len(h) != 1 {
			t.Fatalf("history has %d entries, want 1", len(h))
		}
		if d := differ(h[0], doc{"step": want[2], "httpResult": `"{\"text\":\"at last\"}"`, "error": nil, "finished": true}); d != "" {
			t.Errorf("history (-want +got):\n%s", d)
		}
		r.quiet()
	})
	t.Run("until there are too many", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		r := newReceiver(t, busy)
		id := s.listener(r.url, doc{"retryFailedCalls": true, "retryCount": 1, "retryDelay": "Powers-of-Ten", "triggerWords": []any{"two"}})
		s.say(s.admin, "#general", "two")
		if d := cmp.Diff([]string{"going-to-retry-1", "too-many-retries"}, steps(s, id, 2)); d != "" {
			t.Errorf("steps (-want +got):\n%s", d)
		}
		if d := differ(s.history(id)[0], doc{"step": "too-many-retries", "finished": true, "httpResult": `"{\"text\":\"busy\"}"`}); d != "" {
			t.Errorf("history (-want +got):\n%s", d)
		}
		r.next()
		r.next()
		r.quiet()
	})
	t.Run("at a delay that is none", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		r := newReceiver(t, busy)
		id := s.listener(r.url, doc{"retryFailedCalls": true, "retryDelay": "now and then", "triggerWords": []any{"three"}})
		s.say(s.admin, "#general", "three")
		if d := differ(s.delivered(id), doc{"step": "failed-and-retry-delay-is-invalid", "finished": true}); d != "" {
			t.Errorf("history (-want +got):\n%s", d)
		}
	})
	t.Run("when nobody answers", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		closed := httptest.NewServer(http.NotFoundHandler())
		closed.Close()
		id := s.listener(closed.URL+"/secret-path", doc{"retryFailedCalls": true, "retryCount": 1, "triggerWords": []any{"four"}})
		s.setOptions(s.admin, id, doc{"policy": "grapnel"}).is(200)
		s.say(s.admin, "#general", "four")
		if d := cmp.Diff([]string{"going-to-retry-1", "too-many-retries"}, steps(s, id, 2)); d != "" {
			t.Errorf("steps (-want +got):\n%s", d)
		}
		h := s.history(id)[0]
		if got, _ := h["httpError"].(string); !strings.Contains(got, "connection refused") || strings.Contains(got, "secret-path") || h["httpResult"] != nil {
			t.Errorf("httpError = %q, httpResult = %v", got, h["httpResult"])
		}
	})
}

// TestOutgoingHistory holds what history shows before, after and again.
func TestOutgoingHistory(t *testing.T) {
	t.Parallel()
	s := start(t)
	asked, release := make(chan struct{}, 10), make(chan struct{})
	held := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-release
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"alias":"nobody"}`)
	}))
	t.Cleanup(held.Close)
	id := s.listener(held.URL, doc{"token": "t-1", "triggerWords": []any{"deploy"}})
	m := s.say(s.admin, "#general", "deploy now")
	<-asked
	before := s.history(id)[0]
	want := doc{
		"type": "outgoing-webhook", "step": "mapped-args-to-data", "event": "sendMessage", "triggerWord": "deploy", "url": held.URL,
		"ranPrepareScript": false, "finished": false, "httpResult": nil, "error": nil, "replayOf": nil, "_createdAt": m["ts"],
	}
	if d := differ(before, want); d != "" {
		t.Errorf("history before the answer (-want +got):\n%s", d)
	}
	if d := cmp.Diff(s.stored(id), before["integration"]); d != "" {
		t.Errorf("integration in history (-stored +got):\n%s", d)
	}
	if d := differ(before["data"].(doc), doc{"token": "t-1", "message_id": m["_id"], "text": "deploy now"}); d != "" {
		t.Errorf("data in history (-want +got):\n%s", d)
	}
	s.post(s.admin, clearPath, doc{"integrationId": id}).says(200, done)
	if got := len(s.history(id)); got != 1 {
		t.Fatalf("clearing forgot a delivery under way: %d entries, want 1", got)
	}
	close(release)
	after := s.delivered(id)
	if d := differ(after, doc{"_id": before["_id"], "step": "after-http-call", "finished": true, "httpResult": `"{\"alias\":\"nobody\"}"`, "data": before["data"]}); d != "" {
		t.Errorf("history after the answer (-want +got):\n%s", d)
	}
	if after["_updatedAt"].(string) < before["_updatedAt"].(string) {
		t.Errorf("_updatedAt went from %v to %v", before["_updatedAt"], after["_updatedAt"])
	}

	t.Run("replay", func(t *testing.T) {
		s := s.in(t)
		s.post(s.admin, replayPath, doc{"integrationId": id, "historyId": after["_id"]}).says(200, done)
		s.attempted(id, 2)
		h := s.history(id)
		if len(h) != 2 {
			t.Fatalf("history has %d entries after a replay, want 2", len(h))
		}
		again := doc{"replayOf": after["_id"], "data": after["data"], "triggerWord": "deploy", "url": held.URL, "step": "after-http-call"}
		if d := differ(h[0], again); d != "" {
			t.Errorf("history of the replay (-want +got):\n%s", d)
		}
		if d := cmp.Diff(after, h[1]); d != "" {
			t.Errorf("the replay changed what it replayed (-before +after):\n%s", d)
		}
	})
	t.Run("clear", func(t *testing.T) {
		s := s.in(t)
		s.post(s.admin, clearPath, doc{"integrationId": id}).says(200, done)
		if got := s.history(id); len(got) != 0 {
			t.Errorf("cleared history still has %v", got)
		}
	})
}

// TestOutgoingLoops holds that nothing a delivery causes triggers the same integration again.
func TestOutgoingLoops(t *testing.T) {
	t.Parallel()
	s := start(t)
	clean := func(s *server, ids ...string) {
		for _, id := range ids {
			s.post(s.admin, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
		}
	}
	t.Run("a reply with its own trigger word", func(t *testing.T) {
		s := s.in(t)
		r := newReceiver(t, told(200, `{"text":"ping back"}`))
		id := s.listener(r.url, doc{"triggerWords": []any{"ping"}, "impersonateUser": true})
		s.say(s.admin, "#general", "ping")
		s.delivered(id) // one entry although the reply stands in the room
		if got := s.newest("GENERAL")["msg"]; got != "ping back" {
			t.Errorf("newest message is %q, want the reply", got)
		}
		clean(s, id)
	})
	t.Run("messages of its script", func(t *testing.T) {
		s := s.in(t)
		r := newReceiver(t)
		id := s.listener(r.url, doc{"scriptEnabled": true, "script": outgoingScript(
			`request.message = { text: 'before' }; return request;`, `return { content: { text: 'behind' } };`,
		)})
		s.say(s.admin, "#general", "x")
		s.delivered(id)
		clean(s, id)
	})
	t.Run("a chain", func(t *testing.T) {
		s := s.in(t)
		a := s.listener(newReceiver(t, told(200, `{"text":"two"}`)).url, doc{"triggerWords": []any{"one", "three"}})
		b := s.listener(newReceiver(t, told(200, `{"text":"three"}`)).url, doc{"triggerWords": []any{"two"}})
		s.say(s.admin, "#general", "one")
		s.delivered(a)
		if d := differ(s.delivered(b)["data"].(doc), doc{"text": "two", "bot": doc{"i": a}}); d != "" {
			t.Errorf("the second integration was told (-want +got):\n%s", d)
		}
		if got := len(s.history(a)); got != 1 || s.newest("GENERAL")["msg"] != "three" {
			t.Errorf("the first integration ran %d times, want once; newest message is %v", got, s.newest("GENERAL")["msg"])
		}
		s.say(s.admin, "#general", "one") // a new event starts anew
		s.attempted(b, 2)
		if got := len(s.history(a)); got != 2 {
			t.Errorf("the first integration ran %d times, want twice", got)
		}
		clean(s, a, b)
	})
}
