package scripts

import (
	"context"
	"errors"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

type failing struct{ err error }

func (c failing) Do(context.Context, outbound.Request) (*outbound.Response, error) { return nil, c.err }

// TestCallOut is about what a worker may ask that no script can, and about words for failures.
func TestCallOut(t *testing.T) {
	const good = `{"method":"GET","url":"http://a.example/","headers":{}}`
	for _, tt := range []struct {
		name, head string
		caller     Caller
		want       wire.CallError
	}{
		{"no head", "", failing{}, wire.CallError{Code: "EBUSY", Message: "the server holds as much for calls of scripts as it may; try again later"}},
		{"no JSON", `{`, failing{}, wire.CallError{Code: "ERR_INVALID_ARG_VALUE", Message: "the call makes no sense"}},
		{"a fraction", `{"timeout":1.5}`, failing{}, wire.CallError{Code: "ERR_INVALID_ARG_VALUE", Message: "the call makes no sense"}},
		{"no caller", good, nil, wire.CallError{Code: "REFUSED", Message: wire.NobodyCalls}},
		{"a method", good, failing{outbound.ErrInvalidMethod}, wire.CallError{Code: "ERR_INVALID_ARG_VALUE", Message: outbound.ErrInvalidMethod.Error()}},
		{"time", good, failing{context.DeadlineExceeded}, wire.CallError{Code: "ETIMEDOUT", Message: context.DeadlineExceeded.Error()}},
		{"anything else", good, failing{errors.New("no luck")}, wire.CallError{Code: "EFAILED", Message: "no luck"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := NewPool(Config{Workers: 1, Caller: tt.caller})
			var given []byte
			if tt.head != "" {
				given = []byte(tt.head)
			}
			var held int64
			text, body := p.callOut(t.Context(), given, nil, &held)
			var got wire.AnswerHead
			if err := json.Unmarshal(text, &got); err != nil || got.Error == nil {
				t.Fatalf("answer = %s, %v, want an error", text, err)
			}
			tt.want.Name = "TypeError"
			if *got.Error != tt.want || body != nil || held != 0 {
				t.Errorf("error = %+v, body %s, %d bytes held; want %+v", *got.Error, body, held, tt.want)
			}
		})
	}
}
