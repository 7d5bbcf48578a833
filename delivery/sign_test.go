package delivery_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

// TestSignature holds that each attempt carries the delivery's id, its own time and a signature of
// what is sent, and that a script cannot write others in their place.
func TestSignature(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		s.service.SigningKey = []byte("key")
		s.service.Scripts = scripts(func(c integrations.ScriptCall) (integrations.ScriptResult, error) {
			if c.Method != integrations.PrepareOutgoingRequest {
				return integrations.ScriptResult{Missing: true}, nil
			}
			return integrations.ScriptResult{Value: []byte(`{"url":"http://receiver.example/","method":"POST","data":{"a":1},` +
				`"headers":{"webhook-id":"mine","WEBHOOK-SIGNATURE":"v1,mine","webhook-timestamp":"1"}}`)}, nil
		})
		i := s.listener(scripted, retrying("powers-of-two", 1))
		r := answering(response(503, `{}`))
		s.start(r)
		s.say("x")
		pass(time.Minute)
		calls := r.called()
		d, _ := s.delivery(i)
		if len(calls) != 2 {
			t.Fatalf("%d calls, want 2", len(calls))
		}
		for n, c := range calls {
			signature := s.service.Sign(d, c.at, []byte(`{"a":1}`))
			if got := c.Header.Get("Webhook-Signature"); got != signature || !strings.HasPrefix(got, "v1,") {
				t.Errorf("call %d is signed %q, want %q", n, got, signature)
			}
			if got, want := c.Header.Get("Webhook-Timestamp"), strconv.FormatInt(c.at.Unix(), 10); got != want {
				t.Errorf("call %d says %s, want %s", n, got, want)
			}
			if got := c.Header.Values("Webhook-Id"); len(got) != 1 || got[0] != d.ID {
				t.Errorf("call %d has the ids %v, want %s", n, got, d.ID)
			}
		}
		if calls[0].Header.Get("Webhook-Signature") == calls[1].Header.Get("Webhook-Signature") {
			t.Error("two attempts at different times have the same signature")
		}
	})
}
