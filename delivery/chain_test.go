package delivery_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
)

// TestChainEnds holds that integrations which answer each other do so five deep and no deeper, and
// that the one which was not called says why.
func TestChainEnds(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		var chain []integrations.Integration
		for n := range 8 {
			chain = append(chain, s.listener(to(fmt.Sprint("http://chain.example/", n)), func(i *integrations.Integration) {
				i.TriggerWords = []string{fmt.Sprint("step", n, " ")}
			}))
		}
		r := &receiver{answer: func(_ context.Context, n int, _ outbound.Request) (*outbound.Response, error) {
			return response(200, fmt.Sprintf(`{"text":"step%d go"}`, n+1)), nil
		}}
		s.start(r)
		s.say("step0 go")
		if got := len(r.called()); got != 5 {
			t.Errorf("%d calls, want 5", got)
		}
		d, state := s.delivery(chain[5])
		if state != integrations.Dead || d.Progress.Step != integrations.StepChainTooLong || d.Progress.Error == "" {
			t.Errorf("the sixth delivery is %s at %s with %q, want dead with a reason", state, d.Progress.Step, d.Progress.Error)
		}
	})
}
