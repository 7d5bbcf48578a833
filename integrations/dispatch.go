package integrations

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Plan answers one effect per URL of each integration that the event concerns. Integrations that
// led to the event are left out: nothing a delivery causes triggers the same integration again.
func (x *Index) Plan(_ context.Context, ev workspace.Event) ([]workspace.Effect, error) {
	var effects []workspace.Effect
	for _, i := range x.listening(ev) {
		word, ok := matches(*i, ev)
		if !ok || slices.Contains(ev.Message.Causes, i.ID) {
			continue
		}
		data, err := json.Marshal(x.data(*i, ev, word))
		if err != nil {
			return nil, fmt.Errorf("write event data: %w", err)
		}
		for _, url := range i.URLs {
			plan := Plan{
				URL: url, Event: ev.Kind, Data: data, TriggerWord: word, UserID: ev.User.ID, RoomID: ev.Room.ID,
				MessageID: ev.Message.ID, Causes: ev.Message.Causes,
			}
			effect, err := plan.effect(i.ID, ev.At)
			if err != nil {
				return nil, err
			}
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

// messageData is what a receiver gets of a message. It is a document of the wire that has to be
// stored as it was when the event happened, so it is written here and not by the API.
type messageData struct {
	Token       *string        `json:"token,omitzero"`
	Bot         jsontext.Value `json:"bot"`
	TriggerWord string         `json:"trigger_word,omitzero"`
	ChannelID   string         `json:"channel_id"`
	ChannelName string         `json:"channel_name,omitzero"`
	MessageID   string         `json:"message_id"`
	Timestamp   string         `json:"timestamp"`
	UserID      string         `json:"user_id"`
	UserName    string         `json:"user_name"`
	Text        string         `json:"text"`
	SiteURL     string         `json:"siteUrl,omitzero"`
	Alias       string         `json:"alias,omitzero"`
	IsEdited    bool           `json:"isEdited,omitzero"`
	ThreadID    string         `json:"tmid,omitzero"`
}

func (x *Index) data(i Integration, ev workspace.Event, word string) messageData {
	m := ev.Message
	bot := jsontext.Value("false")
	if m.Bot != nil {
		bot = m.Bot
	}
	return messageData{
		Token: i.Token, Bot: bot, TriggerWord: word, ChannelID: ev.Room.ID, ChannelName: ev.Room.Name, MessageID: m.ID,
		Timestamp: timestamp(m.At), UserID: m.Author.ID, UserName: m.Author.Username, Text: m.Text,
		SiteURL: x.siteURL, Alias: m.Alias, IsEdited: m.Edited(), ThreadID: m.ThreadID,
	}
}

// isoTime is how JavaScript prints a date.
const isoTime = "2006-01-02T15:04:05.000Z"

var _ workspace.Dispatcher = (*Index)(nil)

// timestamp prints a time as JavaScript does.
func timestamp(at time.Time) string { return at.UTC().Format(isoTime) }
