package scripts_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/scripts"
)

// largeAnswers is a client whose answers no pipe takes at once.
type largeAnswers struct{ made atomic.Int64 }

func (c *largeAnswers) Do(context.Context, outbound.Request) (*outbound.Response, error) {
	c.made.Add(1)
	return &outbound.Response{Status: 200, Header: http.Header{}, Body: []byte(strings.Repeat("a", 1<<20))}, nil
}

// What a script asks for and never reads is held by the server: that are few answers, however many calls
// the script may make.
func TestUnreadAnswersAreFew(t *testing.T) {
	client := &largeAnswers{}
	p := startPool(t, func(c *scripts.Config) { c.Caller, c.Limits.Timeout = client, 10*time.Second })
	call := integrations.ScriptCall{
		Owner: "a", Version: "1", Method: integrations.ProcessIncomingRequest, Argument: []byte(`{"request":{}}`),
		Compiled: compiled(t, p, `class Script {
			process_incoming_request() {
				for (let i = 0; i < 20; i++) fetch('http://a.example/');
				for (;;);
			}
		}`),
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := p.Run(ctx, call); err == nil {
		t.Fatal("an endless loop ended")
	}
	if made := client.made.Load(); made > 4 {
		t.Errorf("%d answers were held, want 4 at most", made)
	}
	call.Owner = "b"
	call.Compiled = compiled(t, p, `class Script {
		async process_incoming_request() {
			const all = await Promise.all(Array.from({ length: 20 }, () => fetch('http://a.example/').then((r) => r.text())));
			return all.reduce((sum, text) => sum + text.length, 0);
		}
	}`)
	if got := value(t, p, call); got != "20971520" {
		t.Errorf("the answers to 20 calls are %s bytes long, want 20971520", got)
	}
}
