package scripts_test

import (
	"context"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/scripts"
)

type willing struct{}

func (willing) Do(_ context.Context, r outbound.Request) (*outbound.Response, error) {
	return &outbound.Response{Status: 200, Body: r.Body}, nil
}

// TestTooManyCallsCanBeCaught holds that one call too many is for the script to handle, by HTTP as by
// fetch, and so is one that is too large.
func TestTooManyCallsCanBeCaught(t *testing.T) {
	p := startPool(t, func(c *scripts.Config) { c.Caller = willing{} })
	const tooMany = `more than 20 calls in one run (SCRIPT_MAX_CALLS)`
	for _, tt := range []struct{ name, body, want string }{
		{
			"HTTP", `let answer; for (let i = 0; i < 21; i++) { answer = HTTP('GET', 'http://a.example/'); if (i < 20 && answer.error) throw answer.error; }
			return [answer.error instanceof Error, answer.error.message, answer.error.code, answer.result === undefined]`,
			`[true,"` + tooMany + `","REFUSED",true]`,
		},
		{
			"fetch", `for (let i = 0; i < 20; i++) await fetch('http://a.example/');
			try { await fetch('http://a.example/') } catch (e) { return [e instanceof TypeError, e.message, e.cause.message, e.cause.code] }`,
			`[true,"fetch failed","` + tooMany + `","REFUSED"]`,
		},
		{"at once", `const all = await Promise.allSettled(Array.from({ length: 25 }, () => fetch('http://a.example/')));
			return all.map((one) => one.status[0]).join('')`, `"` + strings.Repeat("f", 20) + `rrrrr"`},
		{"too large by HTTP", `return HTTP('POST', 'http://a.example/', { content: 'x'.repeat(2 << 20) }).error.message`, `"the request is larger than 1 MB (SCRIPT_RESULT_SIZE)"`},
		{"too large by fetch", `try { await fetch('http://a.example/', { method: 'POST', body: 'x'.repeat(2 << 20) }) } catch (e) { return e.cause.message }`, `"the request is larger than 1 MB (SCRIPT_RESULT_SIZE)"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			call := script(t, p, tt.name, `class Script { async process_incoming_request() { `+tt.body+` } }`)
			for range 2 { // each run anew
				if got := value(t, p, call); got != tt.want {
					t.Errorf("value = %s, want %s", got, tt.want)
				}
			}
		})
	}
}
