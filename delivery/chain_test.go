package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/workspace"
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

// TestJoiningToReply holds that a reply which brings its author into a channel does not run the
// integration again that it is a reply of, and that it counts as caused by it.
func TestJoiningToReply(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		var rooms []workspace.Room
		for n := range 8 {
			room, err := s.chat.CreateRoom(t.Context(), s.admin, workspace.NewRoom{Type: workspace.Channel, Name: fmt.Sprint("room", n)})
			must(t, err)
			rooms = append(rooms, room)
		}
		greeter := func(i *integrations.Integration) {
			i.Event, i.Channels = workspace.RoomJoined, []string{integrations.AllPublicChannels}
		}
		first := s.listener(to("http://first.example"), greeter)
		second := s.listener(to("http://second.example"), greeter)
		r := &receiver{answer: func(_ context.Context, n int, _ outbound.Request) (*outbound.Response, error) {
			return response(200, fmt.Sprintf(`{"text":"welcome","channel":"#room%d"}`, min(n+1, 7))), nil
		}}
		s.start(r)
		joiner := s.person("joiner", workspace.RoleUser)
		must(t, s.chat.Join(t.Context(), joiner, rooms[0]))
		// Each runs for the joiner, and for what the other one's reply led to.
		if got := len(r.called()); got != 4 {
			t.Errorf("%d calls, want 4", got)
		}
		for _, i := range []integrations.Integration{first, second} {
			rows, _, err := s.store.Rows(t.Context(), i.ID, workspace.Page{})
			must(t, err)
			for _, row := range rows {
				d, err := row.Delivery()
				must(t, err)
				if slices.Contains(d.Plan.Causes, i.ID) {
					t.Errorf("integration %s runs for what %v led to", i.ID, d.Plan.Causes)
				}
			}
		}
	})
}
