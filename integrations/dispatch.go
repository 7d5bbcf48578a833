package integrations

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Plan answers one effect per URL of each integration that the event concerns. Integrations that
// led to the event are left out: nothing a delivery causes triggers the same integration again.
func (x *Index) Plan(_ context.Context, ev workspace.Event) ([]workspace.Effect, error) {
	var effects []workspace.Effect
	for _, i := range x.listening(ev) {
		word, ok := matches(*i, ev)
		if !ok || slices.Contains(ev.Causes, i.ID) {
			continue
		}
		data, err := json.Marshal(x.data(*i, ev, word))
		if err != nil {
			return nil, fmt.Errorf("write event data: %w", err)
		}
		options := x.Options(i.ID)
		for _, url := range i.URLs {
			plan := Plan{
				URL: url, Event: ev.Kind, Data: data, TriggerWord: word, UserID: ev.User.ID, RoomID: ev.Room.ID,
				MessageID: ev.Message.ID, Causes: ev.Causes, Trace: ev.Trace,
			}
			effect, err := plan.effect(*i, options, ev.At)
			if err != nil {
				return nil, err
			}
			effect.Due = x.paces.due(options, ev)
			effects = append(effects, effect)
		}
	}
	return effects, nil
}

// matches reports whether the integration runs for an event that it listens to, and the trigger
// word that was met. A trigger word counts at the start of the text, or anywhere if the
// integration says so.
func matches(i Integration, ev workspace.Event) (word string, ok bool) {
	if !eventUses[ev.Kind].triggerWords {
		return "", true
	}
	if ev.Message.Edited() && !yes(i.RunOnEdits) {
		return "", false
	}
	if len(i.TriggerWords) == 0 {
		return "", true
	}
	for _, word := range i.TriggerWords {
		if strings.HasPrefix(ev.Message.Text, word) || yes(i.TriggerWordAnywhere) && strings.Contains(ev.Message.Text, word) {
			return word, true
		}
	}
	return "", false
}

// isoTime is how JavaScript prints a date.
const isoTime = "2006-01-02T15:04:05.000Z"

var _ workspace.Dispatcher = (*Index)(nil)

// timestamp prints a time as JavaScript does.
func timestamp(at time.Time) string { return at.UTC().Format(isoTime) }
