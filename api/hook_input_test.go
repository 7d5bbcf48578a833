package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/workspace"
)

// TestOddMessagesStayReadable posts what JSON allows and few expect: whatever a hook accepts, the
// room can be read afterwards.
func TestOddMessagesStayReadable(t *testing.T) {
	s := start(t)
	h := s.newHook(nil)
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	for name, body := range map[string]string{
		"a name twice":              `{"text":"a","attachments":[{"a":1,"a":2,"msg":"m","msg":"n"}],"text":"b"}`,
		"a name twice in a field":   `{"text":"a","customFields":{"x":{"y":1,"y":2}}}`,
		"bytes that are no UTF-8":   "{\"text\":\"a\xff\",\"alias\":\"\xc3\",\"attachments\":[{\"title\":\"\xff\"}]}",
		"half a surrogate":          `{"text":"\ud83d","attachments":[{"text":"\udc00"}]}`,
		"nested deep":               `{"text":"a","attachments":` + deep + `}`,
		"nested deep, passed over":  `{"text":"a","other":` + deep + `}`,
		"numbers out of range":      `{"text":1e999,"attachments":[{"n":1e999}]}`,
		"a byte order mark":         "\uFEFF{\"text\":\"marked\"}",
		"members of the wrong type": `{"text":["a"],"alias":{},"avatar":1,"emoji":[],"tmid":7,"customFields":[],"attachments":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s, h := s.in(t), h.in(t)
			h.send("application/json", body)
			s.messages(workspace.GeneralID)
		})
	}
	if got := s.messages(workspace.GeneralID); len(got) < 7 {
		t.Errorf("%d messages stand in the room", len(got))
	}
}

// TestBytesThatAreNoText sends Latin-1 where a script will see it.
func TestBytesThatAreNoText(t *testing.T) {
	s := start(t)
	h := s.newScript(`class Script { process_incoming_request({ request }) {
		return { content: { text: request.headers['x-name'] + request.url.query.q } }; } }`)
	s.do(request{
		method: http.MethodPost, path: h.path() + "?q=%E9", body: `{"a":1}`,
		header: map[string]string{"Content-Type": "application/json", "X-Name": "caf\xe9"},
	}).is(200)
	if got := s.newest(workspace.GeneralID)["msg"]; got != "caf\uFFFD\uFFFD" {
		t.Errorf("the script read %q", got)
	}
}

// TestPostingObeysViewPermission keeps who may not see channels from joining one by posting in it.
func TestPostingObeysViewPermission(t *testing.T) {
	s := start(t)
	id := s.room("channel", "closed-to-guests")
	guest := s.user("gus", "guest")
	s.post(guest, "/api/v1/chat.postMessage", doc{"channel": "#closed-to-guests", "text": "hi"}).fails(400, "Not allowed [error-not-allowed]", "error-not-allowed")
	s.get(guest, "/api/v1/channels.messages?roomId="+id).is(403)
	if got := s.messages(id); len(got) != 0 {
		t.Errorf("%d messages stand in the channel", len(got))
	}
}

// TestRefusedUpdateRunsTheStoredScript holds that the script which a refused update has stored is
// the one that answers the hook.
func TestRefusedUpdateRunsTheStoredScript(t *testing.T) {
	s := start(t)
	says := func(text string) string {
		return `class Script { process_incoming_request() { return { content: { text: '` + text + `' } }; } }`
	}
	h := s.newScript(says("first"))
	h.post(doc{"a": 1}).is(200)
	s.update(s.admin, doc{
		"integrationId": h.id, "type": "webhook-incoming", "channel": "#no-such-room", "scriptEnabled": true,
		"name": "hook", "enabled": true, "script": says("second"),
	}).fails(400, "Invalid room [error-invalid-room]", "error-invalid-room")
	h.post(doc{"a": 1}).is(200)
	if got := s.newest(workspace.GeneralID)["msg"]; got != "second" {
		t.Errorf("the hook answers with %q", got)
	}
}

// TestWrongResultsAreExplained holds that an author can find out what a method should return.
func TestWrongResultsAreExplained(t *testing.T) {
	s := start(t)
	for name, result := range map[string]string{"a text": `'text'`, "a number": `5`, "a message": `{ text: 'x' }`, "text as content": `{ content: 'x' }`} {
		t.Run(name, func(t *testing.T) {
			h := s.in(t).newScript(`class Script { process_incoming_request() { return ` + result + `; } }`)
			h.post(doc{"a": 1}).fails(400, "error-running-script", "")
			if got, _ := h.lastError()["message"].(string); !strings.Contains(got, "it has to return {content: {…}}") {
				t.Errorf("lastError says %q", got)
			}
		})
	}
	h := s.newScript(`class Script { process_incoming() { return {}; } }`)
	h.post(doc{"a": 1}).says(200, `{"success":true}`)
	if got, _ := h.lastError()["message"].(string); !strings.Contains(got, "no method process_incoming_request") {
		t.Errorf("lastError of a script without the method says %q", got)
	}
}

// TestTokenInTheWrongPlaceIsNotLogged swaps id and token, as people do.
func TestTokenInTheWrongPlaceIsNotLogged(t *testing.T) {
	var log bytes.Buffer
	s := start(t, func(o *options) { o.log = &log })
	h := s.newHook(nil)
	s.do(request{method: http.MethodPost, path: "/hooks/" + h.token + "/" + h.id, body: "{}"}).is(500)
	s.do(request{method: http.MethodPost, path: "/hooks/" + h.token, body: "{}"}).is(404)
	if strings.Contains(log.String(), h.token) {
		t.Errorf("the token is in the log:\n%s", &log)
	}
}

// TestStrangersMakeNoMetrics asks for what is not there, under methods that are none.
func TestStrangersMakeNoMetrics(t *testing.T) {
	s := start(t)
	for _, method := range []string{"FOOBAR", "PROPFIND", "X1"} {
		s.do(request{method: method, path: "/nowhere"}).is(404)
	}
	text := s.get(account{}, "/metrics").is(200).body
	if strings.Contains(text, "FOOBAR") || strings.Contains(text, "nowhere") {
		t.Error("a stranger's words became a metric")
	}
}
