package integrations_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// none is a store without integrations and options; an index asks it for nothing else.
type none struct{ integrations.Store }

func (none) Integrations(context.Context, integrations.Filter, workspace.Page) ([]integrations.Integration, int, error) {
	return nil, 0, nil
}

func (none) AllOptions(context.Context) ([]integrations.Options, error) { return nil, nil }

func newIndex(t testing.TB, list ...integrations.Integration) *integrations.Index {
	t.Helper()
	x, err := integrations.OpenIndex(t.Context(), none{}, "http://localhost:3000/")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		x.Put(i)
	}
	return x
}

// outgoing is an enabled integration for messages in those channels.
func outgoing(id string, channels ...string) integrations.Integration {
	return integrations.Integration{
		ID: id, Kind: integrations.Outgoing, Enabled: true, Event: workspace.SendMessage, Channels: channels,
		URLs: []string{"http://127.0.0.1/" + id}, Token: new("token-" + id),
	}
}

var (
	alice   = workspace.User{ID: "uid-alice", Username: "alice"}
	general = workspace.Room{ID: "GENERAL", Type: workspace.Channel, Name: "general"}
	private = workspace.Room{ID: "gid", Type: workspace.Group, Name: "secret"}
	direct  = workspace.Room{ID: "did", Type: workspace.Direct, Members: []workspace.UserRef{{ID: "uid-alice", Username: "alice"}, {ID: "uid-bob", Username: "bob"}}}
)

func said(room workspace.Room, text string) workspace.Event {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	return workspace.Event{Kind: workspace.SendMessage, At: at, User: alice, Room: room, Message: workspace.Message{ID: "mid", RoomID: room.ID, Author: alice.Ref(), Text: text, At: at}}
}

// planned answers the ids of the integrations that run for an event.
func planned(t testing.TB, x *integrations.Index, ev workspace.Event) []string {
	t.Helper()
	effects, err := x.Plan(t.Context(), ev)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, e := range effects {
		ids = append(ids, e.Key)
	}
	return ids
}

func TestPlanMatchesRooms(t *testing.T) {
	tests := []struct {
		channel             string
		general, group, dir bool
	}{
		{integrations.AllPublicChannels, true, false, false},
		{integrations.AllPrivateGroups, false, true, false},
		{integrations.AllDirectMessages, false, false, true},
		{"#GENERAL", true, false, false},
		{"#general", true, false, false},
		{"#gid", false, true, false},
		{"#secret", false, true, false},
		{"#other", false, false, false},
		{"@bob", false, false, true},
		{"@uid-bob", false, false, true},
		{"@alice", false, false, false}, // who wrote the message
		{"@uid-alice", false, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.channel, func(t *testing.T) {
			x := newIndex(t, outgoing("i", tt.channel))
			for _, place := range []struct {
				room workspace.Room
				want bool
			}{{general, tt.general}, {private, tt.group}, {direct, tt.dir}} {
				if got := len(planned(t, x, said(place.room, "hi"))) == 1; got != place.want {
					t.Errorf("%s runs in a room of type %s: %v, want %v", tt.channel, place.room.Type, got, place.want)
				}
			}
		})
	}
	if got := planned(t, newIndex(t, outgoing("i")), said(general, "hi")); len(got) != 1 {
		t.Error("no channels do not mean all public channels")
	}
}

func TestPlanMatchesWords(t *testing.T) {
	with := func(change func(*integrations.Integration)) integrations.Integration {
		i := outgoing("i", "#general")
		change(&i)
		return i
	}
	edited := func(ev workspace.Event) workspace.Event {
		ev.Message.EditedAt = ev.At
		return ev
	}
	words := func(anywhere bool, words ...string) integrations.Integration {
		return with(func(i *integrations.Integration) { i.TriggerWords, i.TriggerWordAnywhere = words, &anywhere })
	}
	caused := said(general, "hi")
	caused.Causes = []string{"x", "i"}
	tests := []struct {
		name string
		i    integrations.Integration
		ev   workspace.Event
		want bool
	}{
		{"no words", words(false), said(general, "deploy"), true},
		{"word at the start", words(false, "build", "deploy"), said(general, "deploy now"), true},
		{"word inside", words(false, "deploy"), said(general, "please deploy"), false},
		{"word anywhere", words(true, "deploy"), said(general, "please deploy"), true},
		{"no word", words(true, "deploy"), said(general, "hello"), false},
		{"case counts", words(false, "deploy"), said(general, "Deploy"), false},
		{"edit", words(false), edited(said(general, "hi")), false},
		{"edit that is wanted", with(func(i *integrations.Integration) { i.RunOnEdits = new(true) }), edited(said(general, "hi")), true},
		{"disabled", with(func(i *integrations.Integration) { i.Enabled = false }), said(general, "hi"), false},
		{"other event", with(func(i *integrations.Integration) { i.Event = workspace.RoomJoined }), said(general, "hi"), false},
		{"caused by itself", outgoing("i", "#general"), caused, false},
		{"caused by another", outgoing("j", "#general"), caused, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := len(planned(t, newIndex(t, tt.i), tt.ev)) == 1; got != tt.want {
				t.Errorf("runs: %v, want %v", got, tt.want)
			}
		})
	}
}

func TestPlanData(t *testing.T) {
	i := outgoing("i", "#general", "#GENERAL", integrations.AllPublicChannels)
	i.URLs = []string{"http://a/", "http://b/"}
	i.TriggerWords = []string{"de"}
	effects, err := newIndex(t, i).Plan(t.Context(), said(general, "deploy <now> & \"soon\""))
	if err != nil {
		t.Fatal(err)
	}
	if len(effects) != 2 {
		t.Fatalf("%d effects, want one for each URL and none for each channel", len(effects))
	}
	d, err := integrations.Row{ID: effects[1].ID, Key: effects[1].Key, Body: effects[1].Body}.Delivery()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"token":"token-i","bot":false,"trigger_word":"de","channel_id":"GENERAL","channel_name":"general","message_id":"mid",` +
		`"timestamp":"2026-01-02T03:04:05.006Z","user_id":"uid-alice","user_name":"alice","text":"deploy <now> & \"soon\"","siteUrl":"http://localhost:3000/"}`
	if diff := cmp.Diff(want, string(d.Plan.Data)); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	if d.Plan.URL != "http://b/" || d.Plan.TriggerWord != "de" || d.Plan.MessageID != "mid" || d.Plan.RoomID != "GENERAL" {
		t.Errorf("plan = %+v", d.Plan)
	}
	ev := said(direct, "de")
	ev.Message.Bot, ev.Message.Alias, ev.Message.ThreadID, ev.Message.EditedAt = []byte(`{"i":"x"}`), "Al", "t1", ev.At
	i.Channels, i.Token, i.RunOnEdits = []string{integrations.AllDirectMessages}, nil, new(true)
	effects, err = newIndex(t, i).Plan(t.Context(), ev)
	if err != nil || len(effects) != 2 {
		t.Fatalf("%d effects, %v", len(effects), err)
	}
	d, _ = integrations.Row{Body: effects[0].Body}.Delivery()
	var got map[string]any
	if err := json.Unmarshal(d.Plan.Data, &got); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"bot": map[string]any{"i": "x"}, "alias": "Al", "tmid": "t1", "isEdited": true, "token": nil, "channel_name": nil} {
		if diff := cmp.Diff(want, got[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestIndexFollowsChanges(t *testing.T) {
	first, second := outgoing("a", "#general"), outgoing("b", "#general")
	second.CreatedAt = time.Unix(1, 0)
	x := newIndex(t, second, first)
	want := func(ids ...string) {
		t.Helper()
		if got := planned(t, x, said(general, "hi")); !slices.Equal(got, ids) {
			t.Errorf("planned %v, want %v", got, ids)
		}
	}
	want("a", "b")
	first.Channels = []string{"#other"}
	x.Put(first)
	want("b")
	second.Enabled = false
	x.Put(second)
	want()
	first.Channels = nil
	x.Put(first)
	want("a")
	x.Remove("a")
	want()
	if _, ok := x.Outgoing("a"); ok {
		t.Error("a removed integration is still known")
	}
	x.Put(integrations.Integration{ID: "h", Kind: integrations.Incoming, Name: "hook"})
	if i, ok := x.Incoming("h"); !ok || i.Name != "hook" {
		t.Errorf("Incoming = %+v, %v", i, ok)
	}
	if _, ok := x.Incoming("b"); ok {
		t.Error("an outgoing integration is taken for an incoming one")
	}
}

// BenchmarkPlan matches a message against 1,000 integrations, of which one concerns it.
func BenchmarkPlan(b *testing.B) {
	x := newIndex(b)
	for n := range 999 {
		x.Put(outgoing(fmt.Sprintf("i%03d", n), fmt.Sprintf("#room%d", n)))
	}
	i := outgoing("wanted", "#general")
	i.TriggerWords = []string{"deploy"}
	x.Put(i)
	ev := said(general, "deploy the ledger")
	b.ReportAllocs()
	for b.Loop() {
		if effects, err := x.Plan(b.Context(), ev); err != nil || len(effects) != 1 {
			b.Fatal(len(effects), err)
		}
	}
}
