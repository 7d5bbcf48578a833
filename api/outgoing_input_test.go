package api_test

import (
	"strings"
	"testing"
)

// TestDeepRequestsStayReadable has scripts make requests that are nested deeper than anybody can
// read: they end, say why, and leave the history readable.
func TestDeepRequestsStayReadable(t *testing.T) {
	s := start(t)
	r := newReceiver(t)
	for name, tt := range map[string]struct{ data, step string }{
		"as data": {"deep", "execute-script-error-running-prepare_outgoing_request"},
		"as text": {"JSON.stringify(deep)", "after-http-call"},
	} {
		t.Run(name, func(t *testing.T) {
			s := s.in(t)
			id := s.listener(r.url, doc{"scriptEnabled": true, "triggerWords": []any{name}, "script": `class Script {
				prepare_outgoing_request({ request }) {
					let deep = []; for (let n = 0; n < 900; n++) deep = [deep];
					return { url: request.url, method: 'POST', data: ` + tt.data + ` };
				} }`})
			s.say(s.admin, "#general", name)
			h := s.delivered(id)
			if h["step"] != tt.step || h["finished"] != true {
				t.Errorf("history = %v, want it to end at %s", h, tt.step)
			}
			if why, _ := h["error"].(string); strings.HasPrefix(tt.step, "execute") && !strings.Contains(why, "nested too deep") {
				t.Errorf("error = %q", why)
			}
		})
	}
}
