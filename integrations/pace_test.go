package integrations_test

import (
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// dues answers how long after its event each of n deliveries is due.
func dues(t *testing.T, x *integrations.Index, ev workspace.Event, n int) (list []time.Duration) {
	t.Helper()
	for range n {
		effects, err := x.Plan(t.Context(), ev)
		if err != nil || len(effects) != 1 {
			t.Fatalf("Plan = %v, %v, want one effect", effects, err)
		}
		if !effects[0].At.Equal(ev.At) {
			t.Errorf("planned at %v, want %v", effects[0].At, ev.At)
		}
		list = append(list, effects[0].Due.Sub(ev.At))
	}
	return list
}

func TestPace(t *testing.T) {
	person := said(general, "hi")
	hook := said(general, "hi")
	hook.Message.Bot = []byte(`{"i":"other"}`)
	relayed := hook
	relayed.Relayed = true
	bot := said(general, "hi")
	bot.User.Bot = true
	alarm := bot
	alarm.Message.Bot = hook.Message.Bot
	tests := []struct {
		name   string
		event  workspace.Event
		limits integrations.Limits
		n      int
		last   time.Duration // how much later than its event the last one is due
	}{
		{"people are not slowed", person, integrations.Limits{}, 5000, 0},
		{"hooks are not slowed", hook, integrations.Limits{}, 5000, 0},
		{"hooks that post as bots are not slowed", alarm, integrations.Limits{}, 5000, 0},
		{"a burst of another server's", relayed, integrations.Limits{}, 1000, 0},
		{"more than a burst of another server's", relayed, integrations.Limits{}, 1100, 2 * time.Second},
		{"more than a burst of a bot's", bot, integrations.Limits{}, 1001, 20 * time.Millisecond},
		{"the integration's own rate counts when it is called", person, integrations.Limits{Rate: 2}, 4, 0},
		{"its own rate is in place of the default", relayed, integrations.Limits{Rate: 1}, 3000, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := newIndex(t, outgoing("i", "#general"))
			x.PutOptions(integrations.Options{IntegrationID: "i", Limits: tt.limits})
			list := dues(t, x, tt.event, tt.n)
			if got := list[tt.n-1]; got != tt.last {
				t.Errorf("delivery %d is due %v after its event, want %v", tt.n, got, tt.last)
			}
			later := tt.event
			later.At = later.At.Add(time.Hour)
			if got := dues(t, x, later, 1)[0]; got != 0 {
				t.Errorf("an hour later a delivery is due %v after its event, want at once", got)
			}
		})
	}
}

// TestNewRate holds that a rate of its own counts from when it is set: what the brake has put off does
// not stand in the way, and nor does that once the rate is lifted.
func TestNewRate(t *testing.T) {
	x := newIndex(t, outgoing("i", "#general"))
	relayed := said(general, "hi")
	relayed.Relayed = true
	braked := integrations.Options{IntegrationID: "i"}
	x.PutOptions(braked)
	if got := dues(t, x, relayed, 1100)[1099]; got != 2*time.Second {
		t.Errorf("delivery 1100 is due after %v, want 2 s", got)
	}
	braked.Log.Entries = 10 // another option
	x.PutOptions(braked)
	if got := dues(t, x, relayed, 50)[49]; got != 3*time.Second {
		t.Errorf("delivery 1150 is due after %v, want 3 s", got)
	}
	for _, rate := range []float64{0.1, 0} {
		x.PutOptions(integrations.Options{IntegrationID: "i", Limits: integrations.Limits{Rate: rate}})
		if got := dues(t, x, relayed, 3)[2]; got != 0 {
			t.Errorf("the third delivery at a rate of %v is due after %v, want at once", rate, got)
		}
	}
}
