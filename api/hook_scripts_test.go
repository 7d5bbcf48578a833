package api_test

import (
	"encoding/json"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// newScript makes a hook with a script.
func (s *server) newScript(source string, change ...doc) hook {
	s.t.Helper()
	fields := doc{"scriptEnabled": true, "script": source}
	for _, c := range change {
		fields = changed(fields, c)
	}
	return s.newHook(fields)
}

// incoming is a script whose method for incoming requests has that body.
func incoming(body string) string {
	return "class Script {\n  process_incoming_request({ request }) {\n    " + body + "\n  }\n}\n"
}

// lastRun answers what a client is told of the hook's script.
func (h hook) lastRun() doc {
	h.s.t.Helper()
	return h.s.get(h.s.admin, "/api/v1/integrations.lastRun?integrationId="+h.id).is(200).doc()
}

// lastError answers what a client is told of the last failure of the hook's script, nil if nothing.
func (h hook) lastError() doc {
	h.s.t.Helper()
	d, _ := h.s.get(h.s.admin, "/api/v1/integrations.lastRun?integrationId="+h.id).is(200).at("lastError").(doc)
	return d
}

// TestScriptRequest holds what a script sees of a request.
func TestScriptRequest(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	h := s.newScript(incoming(`return { content: { text: JSON.stringify(request) } };`), doc{"username": "bob"})
	user := doc{"_id": bob.id, "name": "bob", "username": "bob"}
	tests := []struct {
		name, path, query, contentType, body string
		content                              any
	}{
		{"JSON", h.path(), "?a=1&b=two%20words&empty=", "application/json", `{"b": [1, null], "a": {"text": "ü ⏱"}}`, doc{"b": []any{1.0, nil}, "a": doc{"text": "ü ⏱"}}},
		{"three parts", "/hooks/" + h.id + "/someone/" + h.token, "", "application/json", `{}`, doc{}},
		{"form", h.path(), "", "application/x-www-form-urlencoded", "a=1&b=two+words", doc{"a": "1", "b": "two words"}},
		{"payload", h.path(), "", "application/x-www-form-urlencoded", "payload=%7B%22a%22%3A1%7D", doc{"a": 1.0}},
		{"array", h.path(), "", "application/json", `[1]`, doc{}},
		{"prose", h.path(), "?x", "text/plain", "deploy failed", doc{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			s.do(request{method: "POST", path: tt.path + tt.query, body: tt.body, header: map[string]string{
				"Content-Type": tt.contentType, "X-GitHub-Event": "push", "X-Two": "a",
			}}).says(200, done)
			var got doc
			must(t, json.Unmarshal([]byte(s.newest("GENERAL")["msg"].(string)), &got))
			params := doc{"integrationId": h.id, "token": h.token}
			if strings.Contains(tt.path, "someone") {
				params["userId"] = "someone"
			}
			query := doc{}
			values, err := url.ParseQuery(strings.TrimPrefix(tt.query, "?"))
			must(t, err)
			for name := range values {
				query[name] = values.Get(name)
			}
			want := doc{
				"url":     doc{"hash": "", "search": tt.query, "query": query, "pathname": tt.path, "path": tt.path + tt.query},
				"url_raw": tt.path + tt.query, "url_params": params, "user": user,
				"headers": doc{"content-type": tt.contentType, "x-github-event": "push", "x-two": "a", "host": "example.com"},
				"content": tt.content, "body": tt.content, "content_raw": tt.body,
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("request (-want +got):\n%s", d)
			}
		})
	}
	t.Run("members keep their order", func(t *testing.T) {
		h := s.in(t).newScript(incoming(`return { content: { text: JSON.stringify(request.content, null, 1) + (request.body === request.content) } };`))
		h.post(`{"z":1,"a":{"toString":"x","b":[{}]},"m":null}`).says(200, done)
		want := "{\n \"z\": 1,\n \"a\": {\n  \"toString\": \"x\",\n  \"b\": [\n   {}\n  ]\n },\n \"m\": null\n}true"
		if got := s.in(t).newest("GENERAL")["msg"]; got != want {
			t.Errorf("script printed %s, want %s", got, want)
		}
	})
}

func TestScriptResults(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	const (
		running    = `{"success":false,"error":"error-running-script"}`
		evaluating = `{"success":false,"error":"error-evaluating-script"}`
	)
	tests := []struct {
		name, script string
		status       int
		answer       string
		posts        doc // nil: nothing
	}{
		{"nothing", incoming(``), 200, done, nil},
		{"undefined", incoming(`return undefined;`), 200, done, nil},
		{"null", incoming(`return null;`), 200, done, nil},
		{"false", incoming(`return false;`), 200, done, nil},
		{"zero", incoming(`return 0;`), 200, done, nil},
		{"not a number", incoming(`return NaN;`), 200, done, nil},
		{"empty text", incoming(`return '';`), 200, done, nil},
		{"empty object", incoming(`return {};`), 200, done, nil},
		{"true", incoming(`return true;`), 200, done, nil},
		{"a promise of nothing", "class Script { async process_incoming_request() {} }", 200, done, nil},
		{"method absent", "class Script {}", 200, done, nil},
		{"only other methods", "class Script { prepare_outgoing_request() { throw 1 } }", 200, done, nil},

		{"content", incoming(`return { content: { text: 'made' } };`), 200, done, doc{"msg": "made"}},
		{"content, own text moved", incoming(`request.content.text += '!'; return { content: request.content };`), 200, done, doc{"msg": "sent!"}},
		{"content of a promise", "class Script { async process_incoming_request() { await null; return { content: { text: 'late' } }; } }", 200, done, doc{"msg": "late"}},
		{"empty content", incoming(`return { content: {} };`), 200, done, doc{"msg": ""}},
		{"content with look", incoming(`return { content: { text: 'x', username: 'U', icon_emoji: ':i:', attachments: [{ msg: 'a' }] } };`), 200, done, doc{"alias": "U", "emoji": ":i:", "attachments": []any{doc{"text": "a"}}}},
		{"error false, content", incoming(`return { error: false, content: { text: 'made' } };`), 200, done, doc{"msg": "made"}},

		{"response", incoming(`return { content: { text: 'made' }, response: { id: 5, text: 'ok', list: [1] } };`), 200, `{"id":5,"text":"ok","list":[1],"success":true}`, doc{"msg": "made"}},
		{"empty response", incoming(`return { content: { text: 'made' }, response: {} };`), 200, done, doc{"msg": "made"}},
		{"response that denies success", incoming(`return { content: { text: 'made' }, response: { success: false, a: 1 } };`), 200, `{"a":1,"success":true}`, doc{"msg": "made"}},
		{"no response", incoming(`return { content: { text: 'made' }, response: undefined };`), 200, done, doc{"msg": "made"}},

		{"error object", incoming(`return { error: { success: false, message: 'no such branch', code: 7 } };`), 400, `{"success":false,"message":"no such branch","code":7}`, nil},
		{"error text", incoming(`return { error: 'no such branch' };`), 400, `{"success":false,"error":"no such branch"}`, nil},
		{"error before content", incoming(`return { error: { message: 'no' }, content: { text: 'x' } };`), 400, `{"success":false,"message":"no"}`, nil},

		{"content missing", incoming(`return { response: {} };`), 400, running, nil},
		{"content undefined beside response", incoming(`return { content: undefined, response: {} };`), 400, running, nil},
		{"content null", incoming(`return { content: null };`), 400, running, nil},
		{"a bare message", incoming(`return { text: 'x' };`), 400, running, nil},
		{"a text", incoming(`return 'x';`), 400, running, nil},
		{"a number", incoming(`return 5;`), 400, running, nil},

		{"throw", incoming(`throw new Error('no');`), 400, running, nil},
		{"throw a text", incoming(`throw 'no';`), 400, running, nil},
		{"runtime error", incoming(`return request.nothing.at.all;`), 400, running, nil},
		{"rejected promise", "class Script { async process_incoming_request() { throw new Error('no'); } }", 400, running, nil},
		{"promise that never settles", "class Script { process_incoming_request() { return new Promise(() => {}); } }", 400, running, nil},
		{"result that has no JSON", incoming(`const a = {}; a.content = a; return a;`), 400, running, nil},
		{"method that is none", "class Script { constructor() { this.process_incoming_request = 5; } }", 400, running, nil},

		{"no class", "var x = 1;", 400, evaluating, nil},
		{"class of another name", "class Skript {}", 400, evaluating, nil},
		{"top level throws", "null.x; class Script {}", 400, evaluating, nil},
		{"constructor throws", "class Script { constructor() { throw new Error('no'); } }", 400, evaluating, nil},

		{"user by id", incoming(`return { content: { text: 'made' }, user: { _id: '` + bob.id + `' } };`), 200, done, doc{"u": doc{"_id": bob.id, "username": "bob", "name": "bob"}}},
		{"user by name", incoming(`return { content: { text: 'made' }, user: { username: 'bob' } };`), 200, done, doc{"u": doc{"_id": bob.id, "username": "bob", "name": "bob"}}},
		{"user of the request", incoming(`return { content: { text: 'made' }, user: request.user };`), 200, done, doc{"u": doc{"_id": "rocket.cat", "username": "rocket.cat", "name": "Rocket.Cat"}}},
		{"unknown user", incoming(`return { content: { text: 'made' }, user: { username: 'nobody' } };`), 400, `{"success":false,"error":"error-invalid-user"}`, nil},

		{"undeclared assignment in a method", incoming(`msg = 'sloppy'; return { content: { text: msg } };`), 200, done, doc{"msg": "sloppy"}},
		{"undeclared assignment in a loop", incoming(`out = ''; for (i = 0; i < 3; i++) { out += i; } return { content: { text: out } };`), 200, done, doc{"msg": "012"}},
		{"use strict at the top", "'use strict';\n" + incoming(`msg = 'sloppy'; return { content: { text: msg } };`), 200, done, doc{"msg": "sloppy"}},
		{"comment at the end", incoming(`return { content: { text: 'made' } };`) + "// module.exports", 200, done, doc{"msg": "made"}},
		{"code after the class", incoming(`return { content: { text: GREETING } };`) + "const GREETING = 'hello';", 200, done, doc{"msg": "hello"}},

		{"another channel than may be", incoming(`return { content: { text: 'x', channel: '#general' } };`), 400, `{"success":false,"error":"overriding destination channel is disabled for this integration"}`, nil},
		{"too long", incoming(`return { content: { text: 'x'.repeat(5001) } };`), 400, `{"success":false,"error":"error-message-size-exceeded"}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			h := s.newScript(tt.script)
			before := len(s.messages("GENERAL"))
			h.post(doc{"text": "sent"}).says(tt.status, tt.answer)
			if got := len(s.messages("GENERAL")) - before; (got == 1) != (tt.posts != nil) {
				t.Fatalf("%s posted %d messages, want %v", tt.script, got, tt.posts)
			}
			if tt.posts != nil {
				if d := differ(s.newest("GENERAL"), tt.posts); d != "" {
					t.Errorf("posted message (-want +got):\n%s", d)
				}
			}
			failed := tt.answer == running || tt.answer == evaluating
			absent := !strings.Contains(tt.script, "process_incoming_request") // nothing fails, and the author is told
			if got := h.lastError(); (got != nil) != (failed || absent) {
				t.Errorf("lastError = %v, want one = %t", got, failed || absent)
			}
		})
	}
}

// TestScriptSeparateResponse holds that the caller's wish counts unless the script has its own.
func TestScriptSeparateResponse(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := []struct {
		name, content, body string
		separate            bool
	}{
		{"the caller's", `{ text: 'x' }`, `{"text":"x","separateResponse":true}`, true},
		{"nobody's", `{ text: 'x' }`, `{"text":"x"}`, false},
		{"the script's", `{ text: 'x', separateResponse: true }`, `{"text":"x"}`, true},
		{"the script says no", `{ text: 'x', separateResponse: false }`, `{"text":"x","separateResponse":true}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := s.in(t).newScript(incoming(`return { content: ` + tt.content + ` };`))
			a := h.post(tt.body).is(200)
			if _, separate := a.doc()["responses"]; separate != tt.separate {
				t.Errorf("%s with content %s answers %s, want separate = %t", tt.body, tt.content, a.body, tt.separate)
			}
		})
	}
	t.Run("response before responses", func(t *testing.T) {
		h := s.in(t).newScript(incoming(`return { content: { text: 'x' }, response: { a: 1 } };`))
		h.post(`{"text":"x","separateResponse":true}`).says(200, `{"a":1,"success":true}`)
	})
}

func TestScriptStrict(t *testing.T) {
	t.Parallel()
	s := start(t)
	sloppy := incoming(`msg = 'sloppy'; return { content: { text: msg } };`)
	h := s.newScript(sloppy, doc{"skipTranspile": true})
	h.post(doc{"text": "x"}).says(400, `{"success":false,"error":"error-running-script"}`)
	want := doc{"name": "ReferenceError", "message": "msg is not defined", "line": 3.0, "column": 5.0, "method": "process_incoming_request"}
	if d := differ(h.lastError(), want); d != "" {
		t.Errorf("lastError (-want +got):\n%s", d)
	}
	s.newScript(sloppy, doc{"skipTranspile": false}).post(doc{"text": "x"}).says(200, done)
}

// TestScriptNeverRuns holds when a request goes past the script.
func TestScriptNeverRuns(t *testing.T) {
	t.Parallel()
	s := start(t)
	always := incoming(`return { content: { text: 'scripted' } };`)
	t.Run("get", func(t *testing.T) {
		s := s.in(t)
		h := s.newScript(always)
		s.do(request{method: "GET", path: h.path() + "?text=x"}).says(200, done)
		if got := s.newest("GENERAL")["msg"]; got != "" {
			t.Errorf("a GET posted %q, want an empty message", got)
		}
		s.do(request{method: "GET", path: h.path(), body: `{"text":"x"}`, header: map[string]string{"Content-Type": "application/json"}}).says(200, done)
		if got := s.newest("GENERAL")["msg"]; got != "" {
			t.Errorf("a GET with a body posted %q, want an empty message", got)
		}
	})
	t.Run("no body", func(t *testing.T) {
		s := s.in(t)
		s.newScript(always).send("application/json", "").says(200, done)
		if got := s.newest("GENERAL")["msg"]; got != "" {
			t.Errorf("an empty body posted %q, want an empty message", got)
		}
	})
	t.Run("scriptEnabled is off", func(t *testing.T) {
		s := s.in(t)
		s.newScript(always, doc{"scriptEnabled": false}).post(doc{"text": "as sent"}).says(200, done)
		if got := s.newest("GENERAL")["msg"]; got != "as sent" {
			t.Errorf("posted %q, want the message as it was sent", got)
		}
	})
	t.Run("the script has a syntax error", func(t *testing.T) {
		s := s.in(t)
		h := s.newScript("class Script {\n  process_incoming_request( {\n}")
		if a := s.get(s.admin, "/api/v1/integrations.get?integrationId="+h.id).is(200); a.text("integration", "scriptError", "name") != "SyntaxError" || a.at("integration", "scriptCompiled") != nil {
			t.Errorf("integration of a broken script: %s", a.body)
		}
		h.post(doc{"text": "as sent"}).says(200, done)
		if got := s.newest("GENERAL")["msg"]; got != "as sent" {
			t.Errorf("posted %q, want the message as it was sent", got)
		}
	})
	t.Run("scripts are off", func(t *testing.T) {
		t.Parallel()
		s := start(t, func(o *options) { o.scriptsOff = true })
		h := s.newScript(always)
		h.post(doc{"text": "as sent"}).says(200, done)
		if got := s.newest("GENERAL")["msg"]; got != "as sent" {
			t.Errorf("posted %q, want the message as it was sent", got)
		}
		h.send("application/json", "").says(200, done)
		if got := s.newest("GENERAL")["msg"]; got != "" {
			t.Errorf("an empty body posted %q, want an empty message", got)
		}
	})
}

// TestScriptLastError holds that an author finds the place in the text as they wrote it.
func TestScriptLastError(t *testing.T) {
	t.Parallel()
	s := start(t)
	h := s.newScript(`// posts nothing
class Script {
  constructor() { console.log('loaded'); }

  process_incoming_request({ request }) {
    note = 'undeclared, so a line stands above this text when it runs';
    console.log('got', request.content);
    if (request.content.explode) {
      return { content: { text: requst.content.text } };
    }
    return { content: { text: 'fine' } };
  }
}
`)
	const record = "/api/v1/integrations.get?integrationId="
	before := s.get(s.admin, record+h.id).is(200)
	s.get(s.admin, "/api/v1/integrations.lastRun?integrationId="+h.id).says(200, done)

	h.post(doc{"explode": true}).says(400, `{"success":false,"error":"error-running-script"}`)
	want := doc{
		"method": "process_incoming_request", "name": "ReferenceError", "message": "requst is not defined",
		"line": 9.0, "column": 33.0, "console": []any{"loaded", "got { explode: true }"},
		"stack": `ReferenceError: requst is not defined
    at process_incoming_request (script.js:9:33)
     7 |     console.log('got', request.content);
     8 |     if (request.content.explode) {
>    9 |       return { content: { text: requst.content.text } };
       |                                 ^`,
	}
	got := h.lastError()
	if d := differ(got, want); d != "" {
		t.Errorf("lastError (-want +got):\n%s", d)
	}
	at, err := time.Parse("2006-01-02T15:04:05.000Z", got["at"].(string))
	if err != nil || time.Since(at) > time.Minute {
		t.Errorf("lastError.at = %v, want just now as JavaScript prints it: %v", got["at"], err)
	}
	if after := s.get(s.admin, record+h.id).is(200); after.body != before.body {
		t.Errorf("the failure changed the record from\n%s\nto\n%s", before.body, after.body)
	}
	h.post(doc{}).says(200, done)
	if d := cmp.Diff(got, h.lastError()); d != "" {
		t.Errorf("a good run changed lastError (-before +after):\n%s", d)
	}

	own := s.user("author", "user")
	s.get(own, "/api/v1/integrations.lastRun?integrationId="+h.id).fails(400, "not-authorized", "")
	s.get(s.admin, "/api/v1/integrations.lastRun?integrationId=unknown").fails(400, "The integration does not exists.", "")
	s.get(s.admin, "/api/v1/integrations.lastRun?integrationId=").fails(400, `The query parameter "integrationId" is required.`, "")
	s.get(account{}, "/api/v1/integrations.lastRun?integrationId="+h.id).is(401)

	broken := s.newScript("console.log('here');\n\nundefined.name;\nclass Script {}")
	broken.post(doc{"text": "x"}).says(400, `{"success":false,"error":"error-evaluating-script"}`)
	want = doc{"name": "TypeError", "message": "Cannot read properties of undefined (reading 'name')", "line": 3.0, "console": []any{"here"}}
	if d := differ(broken.lastError(), want); d != "" {
		t.Errorf("lastError of a script that did not load (-want +got):\n%s", d)
	}
}

// TestScriptState holds that what a script keeps lives until its integration is saved again, and
// that no other integration sees it.
func TestScriptState(t *testing.T) {
	t.Parallel()
	s := start(t)
	const counting = `
let top = 0;
class Script {
  constructor() { this.own = 0; }
  process_incoming_request() {
    top++;
    this.own++;
    Store.set('n', (Store.get('n') || 0) + 1);
    return { content: { text: [top, this.own, Store.get('n'), typeof Store.get('other')].join(' ') } };
  }
}`
	h, other := s.newScript(counting), s.newScript(counting)
	say := func(h hook, want string) {
		t.Helper()
		h.post(doc{"text": "x"}).says(200, done)
		if got := s.newest("GENERAL")["msg"]; got != want {
			t.Errorf("script posted %q, want %q", got, want)
		}
	}
	say(h, "1 1 1 undefined")
	say(h, "2 2 2 undefined")
	say(other, "1 1 1 undefined")
	say(h, "3 3 3 undefined")
	s.update(s.admin, doc{
		"type": "webhook-incoming", "integrationId": h.id, "name": "saved again", "enabled": true, "scriptEnabled": true,
		"channel": "#general", "script": counting,
	}).is(200)
	say(h, "1 1 1 undefined")
	say(other, "2 2 2 undefined")
}

// On a busy machine a script may run out of time before it has reached another limit. The tests of
// package scripts give it the time.
const (
	outOfTime   = "stopped after 3s (SCRIPT_TIMEOUT)"
	outOfMemory = "used more than 64 MB (SCRIPT_MEMORY)"
)

// TestScriptStopped holds that a script that does not end costs nobody else anything.
func TestScriptStopped(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := []struct{ name, body, message string }{
		{"time", `for (;;) {}`, outOfTime},
		{"memory", `new Array(1 << 26).fill(1);`, outOfMemory},
		{"recursion", `(function f() { f(); })();`, "Maximum call stack size exceeded"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := s.in(t).newScript(incoming(`if (request.content.text === 'attack') { ` + tt.body + ` } return { content: { text: 'fine' } };`))
			started := time.Now()
			h.post(doc{"text": "attack"}).says(400, `{"success":false,"error":"error-running-script"}`)
			if took := time.Since(started); took > 15*time.Second {
				t.Errorf("%s ran for %v, want about 3 s", tt.body, took)
			}
			if got := h.lastError()["message"]; got != tt.message && got != outOfTime {
				t.Errorf("lastError.message = %q, want %q", got, tt.message)
			}
			h.post(doc{"text": "x"}).says(200, done)
		})
	}
}

// TestGitHubPush posts a real push through the script of examples.
func TestGitHubPush(t *testing.T) {
	t.Parallel()
	s := start(t)
	script, err := os.ReadFile("../examples/scripts/github-push.js")
	must(t, err)
	push, err := os.ReadFile("../examples/scripts/github-push.json")
	must(t, err)
	h := s.newScript(string(script))
	send := func(event, contentType, body string) {
		t.Helper()
		s.do(request{method: "POST", path: h.path(), body: body, header: map[string]string{
			"Content-Type": contentType, "X-GitHub-Event": event, "User-Agent": "GitHub-Hookshot/044aadd",
		}}).says(200, done)
	}
	want := doc{
		"alias":  "northwind-labs/ledger-service",
		"avatar": "https://avatars.githubusercontent.com/u/5512094?v=4",
		"msg":    "*adatamm* pushed [3 commits](https://github.com/northwind-labs/ledger-service/compare/51de2b835bd3...a625406f6977) to branch `main`",
		"attachments": []any{
			doc{
				"color": "#2da44e", "author_name": "Ada Tamm", "title": "2f22765 Reject negative amounts when posting a journal entry",
				"title_link": "https://github.com/northwind-labs/ledger-service/commit/2f22765d04931a078909145ca628d2264c852d7d",
				"text":       "The check was only done in the UI, so API callers could store\nentries that no report was able to balance. Fixes #412.",
				"fields":     []any{doc{"title": "Files", "value": "1 added, 2 modified", "short": true}}, "ts": "2026-03-01T11:21:00+02:00",
			},
			doc{
				"color": "#2da44e", "author_name": "Jón Þórsson", "title": "6b1f533 Cache exchange rates for one hour ⏱",
				"title_link": "https://github.com/northwind-labs/ledger-service/commit/6b1f53303a732ccc8c6aae6640399827c15250e3",
				"text":       "",
				"fields":     []any{doc{"title": "Files", "value": "2 added, 2 modified, 1 removed", "short": true}}, "ts": "2026-03-02T12:22:00+02:00",
			},
			doc{
				"color": "#2da44e", "author_name": "Ada Tamm", "title": "a625406 Bump toolchain & tidy modules",
				"title_link": "https://github.com/northwind-labs/ledger-service/commit/a625406f6977d45c1391b078f4d3656e0b75bfcb",
				"text":       "- go 1.25\n- drop two unused indirect deps",
				"fields":     []any{doc{"title": "Files", "value": "3 modified", "short": true}}, "ts": "2026-03-03T13:23:00+02:00",
			},
		},
		"u": doc{"_id": "rocket.cat", "username": "rocket.cat", "name": "Rocket.Cat"}, "bot": doc{"i": h.id},
		"parseUrls": false, "groupable": false, "emoji": nil,
	}
	for _, sent := range []struct{ name, contentType, body string }{
		{"JSON", "application/json", string(push)},
		{"form", "application/x-www-form-urlencoded", url.Values{"payload": {string(push)}}.Encode()},
		{"curl -d", "application/x-www-form-urlencoded", string(push)},
	} {
		before := len(s.messages("GENERAL"))
		send("push", sent.contentType, sent.body)
		if got := len(s.messages("GENERAL")) - before; got != 1 {
			t.Fatalf("%s posted %d messages, want 1", sent.name, got)
		}
		if d := differ(s.newest("GENERAL"), want); d != "" {
			t.Errorf("%s posted (-want +got):\n%s", sent.name, d)
		}
	}
	before := len(s.messages("GENERAL"))
	send("ping", "application/json", `{"zen":"Speak like a human.","hook_id":1}`)
	send("issues", "application/json", `{"action":"opened"}`)
	if got := len(s.messages("GENERAL")) - before; got != 0 {
		t.Errorf("other events posted %d messages, want none", got)
	}
	if got := h.lastError(); got != nil {
		t.Errorf("lastError = %v, want none", got)
	}
}

// TestScriptThrottled holds that a script which keeps killing its process is not run for a while, and
// that everybody is told.
func TestScriptThrottled(t *testing.T) {
	t.Parallel()
	s := start(t)
	h := s.newScript(incoming(`if (request.content.hungry) new Array(1 << 26).fill(1);`))
	for range 3 {
		if _, throttled := h.lastRun()["throttled"]; throttled {
			t.Error("the script is throttled before its third death")
		}
		h.post(doc{"hungry": true}).says(400, `{"success":false,"error":"error-running-script"}`)
	}
	cause, _ := h.lastError()["message"].(string)
	if cause != outOfMemory && cause != outOfTime {
		t.Errorf("lastError.message = %q, want a limit", cause)
	}
	a := h.post(doc{})
	a.says(503, `{"success":false,"error":"Service Unavailable: the script was stopped several times in a row and is not run for now, nothing was done. Last cause: `+cause+`"}`)
	if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 5 {
		t.Errorf("Retry-After = %q, want a few seconds", a.header.Get("Retry-After"))
	}
	throttled, _ := h.lastRun()["throttled"].(doc)
	if throttled["cause"] != cause {
		t.Errorf("throttled = %v, want the cause %q", throttled, cause)
	}
	until, err := time.Parse("2006-01-02T15:04:05.000Z", throttled["until"].(string))
	if wait := time.Until(until); err != nil || wait > 5*time.Second {
		t.Errorf("throttled.until = %v, want in a second: %v", throttled["until"], err)
	}
}
