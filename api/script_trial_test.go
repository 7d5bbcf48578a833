package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts"
)

const (
	tryPath     = "/api/v1/integrations.testScript"
	lastRunPath = "/api/v1/integrations.lastRun?integrationId="
)

// try sends a trial and answers its outcome without the numbers, which differ from run to run.
func (s *server) try(as account, in doc) doc {
	s.t.Helper()
	got := s.post(as, tryPath, in).is(200).doc()
	delete(got, "took")
	delete(got, "memory")
	if e, ok := got["error"].(doc); ok {
		delete(e, "stack")
		delete(e, "remedy")
	}
	return got
}

func tryIncoming(script string, change doc) doc {
	return changed(doc{"type": "webhook-incoming", "script": script}, change)
}

func tryOutgoing(script string, change doc) doc {
	return changed(doc{"type": "webhook-outgoing", "script": script}, change)
}

func TestTestScript(t *testing.T) {
	t.Parallel()
	s := start(t)
	message := func(change doc) []any { return []any{changed(doc{"username": "admin", "parseUrls": true}, change)} }
	tests := []struct {
		name string
		in   doc
		want doc
	}{
		{
			"message", tryIncoming(incoming(`console.log(request.headers['x-a'], request.url.query.b, request.content_raw); return { content: { text: request.content.title, alias: 'CI', attachments: [{ text: 'a' }] } };`),
				doc{"content": doc{"title": "Hello"}, "headers": doc{"X-A": "1"}, "query": doc{"b": "2"}}),
			doc{
				"method": "process_incoming_request", "outcome": "done", "console": []any{`1 2 {"title":"Hello"}`},
				"result":   doc{"content": doc{"text": "Hello", "alias": "CI", "attachments": []any{doc{"text": "a"}}}},
				"messages": message(doc{"text": "Hello", "alias": "CI", "attachments": []any{doc{"text": "a"}}, "parseUrls": false}),
			},
		},
		{
			"whole request", tryIncoming(incoming(`return { content: { text: [request.content.a, request.url.path, request.url.hash, request.extra, request.user.username].join() } };`),
				doc{"request": doc{"content": doc{"a": "b"}, "url": doc{"path": "/p"}, "extra": "e"}}),
			doc{"method": "process_incoming_request", "outcome": "done", "console": []any{}, "result": doc{"content": doc{"text": "b,/p,,e,admin"}}, "messages": message(doc{"text": "b,/p,,e,admin"})},
		},
		{
			"form", tryIncoming(incoming(`return { content: { text: request.content.a + request.content_raw } };`), doc{"content": "a=1&b=2", "headers": doc{"content-type": "application/x-www-form-urlencoded"}}),
			doc{"method": "process_incoming_request", "outcome": "done", "console": []any{}, "result": doc{"content": doc{"text": "1a=1&b=2"}}, "messages": message(doc{"text": "1a=1&b=2"})},
		},
		{
			"answer and another channel", tryIncoming(incoming(`return { content: { text: 'x', channel: '#other' }, response: { id: 7 }, user: { username: 'bob' } };`), nil),
			doc{
				"method": "process_incoming_request", "outcome": "done", "console": []any{}, "response": doc{"id": 7.0},
				"result":   doc{"content": doc{"text": "x", "channel": "#other"}, "response": doc{"id": 7.0}, "user": doc{"username": "bob"}},
				"messages": []any{doc{"username": "bob", "text": "x", "channel": []any{"#other"}, "parseUrls": true}},
				"remarks":  []any{"The message names another channel, which the integration has to permit (overrideDestinationChannelEnabled)."},
			},
		},
		{
			"rejection", tryIncoming(incoming(`return { error: { code: 1 } };`), nil),
			doc{"method": "process_incoming_request", "outcome": "done", "console": []any{}, "result": doc{"error": doc{"code": 1.0}}, "rejected": doc{"code": 1.0}, "messages": []any{}},
		},
		{
			"failure", tryIncoming(incoming(`console.log('here'); return requst;`), nil),
			doc{
				"method": "process_incoming_request", "outcome": "failed", "console": []any{"here"}, "messages": []any{},
				"error": doc{"phase": "run", "name": "ReferenceError", "message": "requst is not defined", "line": 3.0, "column": 33.0},
			},
		},
		{
			"wrong result", tryIncoming(incoming(`console.log('here'); return 7;`), nil),
			doc{
				"method": "process_incoming_request", "outcome": "failed", "console": []any{"here"}, "messages": []any{}, "result": 7.0,
				"error": doc{"phase": "run", "message": "process_incoming_request returned something else; it has to return {content: {…}}, {error: …} or nothing"},
			},
		},
		{
			"syntax", tryIncoming("class Script {", nil),
			doc{
				"method": "process_incoming_request", "outcome": "failed", "console": []any{}, "messages": []any{},
				"error": doc{"phase": "compile", "name": "SyntaxError", "message": "Unexpected end of input", "line": 1.0, "column": 15.0},
			},
		},
		{
			"missing method", tryIncoming("class Script { other() {} }", nil),
			doc{"method": "process_incoming_request", "outcome": "missing", "console": []any{}, "messages": []any{}, "remarks": []any{"The class Script has no method process_incoming_request."}},
		},
		{
			"undeclared", tryIncoming(incoming(`msg = 'a'; return { content: { text: msg } };`), doc{"skipTranspile": true}),
			doc{
				"method": "process_incoming_request", "outcome": "failed", "console": []any{}, "messages": []any{},
				"error": doc{"phase": "run", "name": "ReferenceError", "message": "msg is not defined", "line": 3.0, "column": 5.0},
			},
		},
		{
			"prepare", tryOutgoing(`class Script { prepare_outgoing_request({ request }) { return { ...request, url: request.url + 'x', headers: { A: request.headers.B }, auth: 'u:p', message: { text: request.data.text } }; } }`,
				doc{"request": doc{"url": "https://example.org/", "data": doc{"text": "hi"}}, "headers": doc{"B": "1"}}),
			doc{
				"method": "prepare_outgoing_request", "outcome": "done", "console": []any{},
				"result": doc{
					"params": doc{}, "method": "POST", "url": "https://example.org/x", "data": doc{"text": "hi"}, "headers": doc{"A": "1"}, "auth": "u:p",
					"message": doc{"text": "hi"},
				},
				"call":     doc{"method": "POST", "url": "https://example.org/x", "headers": doc{"A": "1", "Content-Type": "application/json"}, "auth": "u:p", "body": `{"text":"hi"}`},
				"messages": message(doc{"text": "hi"}),
			},
		},
		{
			"process", tryOutgoing(`class Script { process_outgoing_response({ request, response }) { return { content: { text: [response.status_code, response.content.a, response.content_raw, request.data.user_name].join(' ') } }; } }`,
				doc{"response": doc{"status_code": 201, "content": doc{"a": "b"}}}),
			doc{
				"method": "process_outgoing_response", "outcome": "done", "console": []any{}, "result": doc{"content": doc{"text": `201 b {"a":"b"} alice`}},
				"messages": message(doc{"text": `201 b {"a":"b"} alice`}),
			},
		},
		{
			"process stops", tryOutgoing(`class Script { process_outgoing_response({ response }) { console.log(typeof response.content, response.content); return false; } }`,
				doc{"method": "process_outgoing_response", "content": "<p>", "headers": doc{"Content-Type": "text/html"}}),
			doc{"method": "process_outgoing_response", "outcome": "done", "console": []any{"string <p>"}, "result": false, "stopped": true, "messages": []any{}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := changed(tt.want, doc{"success": true})
			if d := cmp.Diff(want, s.in(t).try(s.admin, tt.in)); d != "" {
				t.Errorf("answer (-want +got):\n%s", d)
			}
		})
	}
	if got := s.messages("GENERAL"); len(got) != 0 {
		t.Errorf("trials posted %v", got)
	}
}

// TestTestScriptBorrows holds what an integration lends, and that it is left alone.
func TestTestScriptBorrows(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.user("bob", "user")
	h := s.newScript("let n = 0;\n"+incoming(`Store.set('n', (Store.get('n') || 0) + 1); n++; return { content: { text: n + ' ' + Store.get('n') } };`),
		doc{"username": "bob", "alias": "Counter", "emoji": ":abacus:", "channel": "#general"})
	h.post(doc{}).says(200, done)
	for range 2 { // each trial starts empty
		got := s.try(s.admin, doc{"type": "webhook-incoming", "integrationId": h.id})
		want := []any{doc{"username": "bob", "alias": "Counter", "emoji": ":abacus:", "channel": []any{"#general"}, "text": "1 1", "parseUrls": true}}
		if d := cmp.Diff(want, got["messages"]); d != "" {
			t.Errorf("messages (-want +got):\n%s", d)
		}
	}
	h.post(doc{}).says(200, done)
	if got := s.newest("GENERAL")["msg"]; got != "2 2" {
		t.Errorf("after the trials the integration's script posted %v, want its own state to go on with 2 2", got)
	}
	runs, _ := s.get(s.admin, lastRunPath+h.id).is(200).at("runs").([]any)
	if len(runs) != 1 {
		t.Errorf("runs = %v, want the hook's alone", runs)
	}
}

func TestTestScriptRefuses(t *testing.T) {
	t.Parallel()
	s := start(t)
	h := s.newScript(incoming(``))
	s.refusesTrial(doc{"type": "webhook-incoming", "script": " "}, "There is no script to try: send one, or the id of an integration that has one.")
	s.refusesTrial(tryIncoming("class Script {}", doc{"method": "prepare_outgoing_request"}), "Integrations of type webhook-incoming do not call the method prepare_outgoing_request.")
	s.refusesTrial(tryOutgoing("class Script {}", doc{"method": "toString"}), `There is no method "toString": use process_incoming_request, prepare_outgoing_request or process_outgoing_response.`)
	s.refusesTrial(tryOutgoing("class Script {}", doc{"integrationId": h.id}), "The integration is not of type webhook-outgoing.")
	s.refusesTrial(tryOutgoing("class Script {}", doc{"content": "no JSON"}), "The content is no JSON, which the data of an event is.")
	s.post(account{}, tryPath, tryIncoming("", nil)).is(401)
	s.post(s.admin, tryPath, doc{"type": "webhook"}).refuses(7, "body", "must be equal to one of the allowed values")

	off := start(t, func(o *options) { o.scriptsOff = true })
	off.refusesTrial(tryIncoming("class Script {}", nil), "Scripts are turned off (DISABLE_INTEGRATION_SCRIPTS).")
	frozen := start(t, func(o *options) { o.freeze = integrations.AllFrozen })
	frozen.refusesTrial(tryIncoming("class Script {}", nil), "integration-scripts-disabled")
}

func (s *server) refusesTrial(in doc, text string) {
	s.t.Helper()
	s.post(s.admin, tryPath, in).fails(400, text, "")
}

// TestTestScriptHostile holds that a trial ends like any script.
func TestTestScriptHostile(t *testing.T) {
	t.Parallel()
	s := start(t)
	whole := s.post(s.admin, tryPath, tryIncoming("class Script {", nil)).is(200)
	if got := whole.text("error", "remedy"); !strings.Contains(got, "open at the end") {
		t.Errorf("remedy = %q", got)
	}
	got := s.try(s.admin, tryIncoming("class Script { process_incoming_request() { console.log('in'); for (;;); } }", nil))
	want := doc{"phase": "run", "message": "stopped after 3s (SCRIPT_TIMEOUT)"}
	if d := differ(got["error"].(doc), want); d != "" || got["outcome"] != "failed" {
		t.Errorf("%v (-want +got):\n%s", got, d)
	}
}

// TestLastRuns holds what is told of the latest run of each method.
func TestLastRuns(t *testing.T) {
	t.Parallel()
	s := start(t)
	h := s.newScript(incoming(`console.log('got', request.content.n); if (request.content.n === 2) { throw new TypeError('two'); } return {};`))
	runs := func() []any {
		t.Helper()
		list, _ := s.get(s.admin, lastRunPath+h.id).is(200).at("runs").([]any)
		for _, run := range list {
			delete(run.(doc), "at")
			delete(run.(doc), "took")
			delete(run.(doc), "memory")
		}
		return list
	}
	if got := runs(); got != nil {
		t.Errorf("runs of a script that has not run = %v", got)
	}
	h.post(doc{"n": 1}).says(200, done)
	want := []any{doc{"method": "process_incoming_request", "outcome": "done", "console": []any{"got 1"}}}
	if d := cmp.Diff(want, runs()); d != "" {
		t.Errorf("after a success (-want +got):\n%s", d)
	}
	h.post(doc{"n": 2}).is(400)
	want = []any{doc{"method": "process_incoming_request", "outcome": "failed", "error": "TypeError: two (3:81)", "console": []any{"got 2"}}}
	if d := cmp.Diff(want, runs()); d != "" {
		t.Errorf("after a failure (-want +got):\n%s", d)
	}
	h.post(doc{"n": 3}).says(200, done)
	answer := s.get(s.admin, lastRunPath+h.id).is(200)
	if got := answer.text("runs", 0, "console", 0); got != "got 3" {
		t.Errorf("the run after the failure printed %q, want got 3", got)
	}
	if got := answer.text("lastError", "message"); got != "two" {
		t.Errorf("lastError = %q, want it to stay", got)
	}
	s.get(s.user("other", "user"), lastRunPath+h.id).fails(400, "not-authorized", "")
}

func TestScriptTypes(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.prefix = "/chat" })
	got := s.get(account{}, "/chat/types/integration-script.d.ts").is(200)
	if got.body != string(scripts.Types) || !strings.Contains(got.body, "process_incoming_request") {
		t.Errorf("the declarations are %.100q", got.body)
	}
	if got.header.Get("Cache-Control") != "public, max-age=3600" {
		t.Errorf("Cache-Control = %q", got.header.Get("Cache-Control"))
	}
	s.do(request{
		method: http.MethodGet, path: "/chat/types/integration-script.d.ts", header: map[string]string{"If-None-Match": got.header.Get("ETag")},
	}).says(304, "")
}

func TestTestScriptOfNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.post(s.admin, "/api/v1/integrations.testScript", doc{"type": "webhook-incoming", "integrationId": "nope"}).
		fails(400, "The integration does not exists.", "")
}

// A script that does not parse is saved all the same, and does not run: its author has to learn why.
func TestLastRunOfASyntaxError(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.made(s.admin, newIncoming(doc{"scriptEnabled": true, "script": "class Script {"}))["_id"].(string)
	fault := s.get(s.admin, "/api/v1/integrations.lastRun?integrationId="+id).is(200).at("scriptError").(doc)
	if d := differ(fault, doc{"name": "SyntaxError", "message": "Unexpected end of input (1:15)"}); d != "" {
		t.Errorf("scriptError (-want +got):\n%s", d)
	}
}
