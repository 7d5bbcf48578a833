package api_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// TestDeliveriesToOwnHooks has integrations that call hooks of their own server: they come from one
// to the other, and never back.
func TestDeliveriesToOwnHooks(t *testing.T) {
	t.Parallel()
	s := start(t)
	own := httptest.NewServer(s.api)
	t.Cleanup(own.Close)
	h := s.newScript(`class Script {
		process_incoming_request({ request }) { return { content: { text: 'heard ' + request.content.text } }; }
	}`)
	first := s.listener(own.URL+h.path(), doc{})
	second := s.listener(own.URL+h.path(), doc{"triggerWords": []any{"heard"}})
	s.say(s.admin, "#general", "it")
	s.attempted(first, 1)
	s.attempted(second, 1)

	// The first tells of what was said. Of what its hook says to that, the second tells, and its hook
	// says it for the last time.
	var told []string
	for _, m := range s.get(s.admin, "/api/v1/channels.messages?roomId=GENERAL").is(200).at("messages").([]any) {
		told = append(told, m.(doc)["msg"].(string))
	}
	if want := []string{"heard heard it", "heard it", "it"}; !slices.Equal(told, want) {
		t.Errorf("messages are %q, want %q", told, want)
	}
}

// TestDeliveriesToOwnAPI has a script that posts by the API what its integration was told.
func TestDeliveriesToOwnAPI(t *testing.T) {
	t.Parallel()
	s := start(t)
	own := httptest.NewServer(s.api)
	t.Cleanup(own.Close)
	for path, message := range map[string]string{
		"chat.postMessage": `{ channel: '#general', text: 'again' }`, "chat.sendMessage": `{ message: { rid: 'GENERAL', msg: 'again' } }`,
	} {
		id := s.listener(own.URL+"/api/v1/"+path, doc{"scriptEnabled": true, "script": outgoingScript(`
			request.headers['X-User-Id'] = '`+s.admin.id+`';
			request.headers['X-Auth-Token'] = '`+s.admin.token+`';
			request.data = `+message+`;
			return request;`, "")})
		s.say(s.admin, "#general", "once")
		if got := s.delivered(id)["step"]; got != "after-http-call" {
			t.Errorf("%s: the delivery ended at %v", path, got)
		}
		if got := s.newest("GENERAL")["msg"]; got != "again" {
			t.Errorf("%s: the newest message is %v, want the script's", path, got)
		}
		s.post(s.admin, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
	}
}

// TestStrangersAreNotDeliveries has somebody who repeats the id of a delivery without being able to
// sign as it.
func TestStrangersAreNotDeliveries(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := newReceiver(t)
	id := s.listener(r.url, doc{})
	h := s.newHook(doc{})
	s.say(s.admin, "#general", "first")
	call := r.next()
	header := map[string]string{"Content-Type": "application/json"}
	for _, name := range []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
		header[name] = call.header.Get(name)
	}
	s.do(request{method: http.MethodPost, path: h.path(), body: `{"text":"second"}`, header: header}).is(200)
	s.attempted(id, 2)
	s.do(request{method: http.MethodPost, path: h.path(), body: call.body, header: header}).is(200) // as it was signed
	if got := len(s.history(id)); got != 2 {
		t.Errorf("the integration ran %d times, want for the stranger and not for what it sent itself", got)
	}
}
