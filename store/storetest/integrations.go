package storetest

import (
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

var integrationTests = []test{
	{"round trip", func(t *testing.T, s Store) {
		bare := integrations.Integration{ID: "bare", Kind: integrations.Incoming}
		empty := integrations.Integration{
			ID: "empty", Kind: integrations.Outgoing, Channels: []string{}, Token: new(""), Alias: new(""), Avatar: new(""), Emoji: new(""),
			Script: new(""), ScriptCompiled: new(""), ScriptError: &integrations.ScriptFault{}, TargetRoom: new(""), URLs: []string{},
			TriggerWords: []string{}, TriggerWordAnywhere: new(false), RunOnEdits: new(false), RetryFailedCalls: new(false),
			RetryCount: new(0), RetryDelay: new(""), ImpersonateUser: new(false), UpdatedBy: &integrations.Actor{},
		}
		for _, i := range []integrations.Integration{Incoming(1), Outgoing(2), bare, empty} {
			must(t, s.AddIntegration(t.Context(), i))
			got, err := s.Integration(t.Context(), i.ID)
			wantSame(t, "Integration", got, err, i)
		}
		list, _, err := s.Integrations(t.Context(), everything, workspace.Page{})
		wantSame(t, "Integrations", list, err, []integrations.Integration{Incoming(1), Outgoing(2), bare, empty})
	}},
	{"not found", func(t *testing.T, s Store) {
		_, err := s.Integration(t.Context(), "integration1")
		wantError(t, "Integration", err, workspace.ErrNotFound)
		_, err = s.IntegrationByURL(t.Context(), SharedURL)
		wantError(t, "IntegrationByURL", err, workspace.ErrNotFound)
		wantError(t, "SaveIntegration", s.SaveIntegration(t.Context(), Outgoing(1)), workspace.ErrNotFound)
		wantError(t, "RemoveIntegration", s.RemoveIntegration(t.Context(), "integration1", true), workspace.ErrNotFound)
		_, err = s.IntegrationByURL(t.Context(), SharedURL)
		wantError(t, "IntegrationByURL after a refused save", err, workspace.ErrNotFound)
	}},
	{"conflict", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Outgoing(1)))
		other := Outgoing(1)
		other.Name, other.URLs = "other", []string{"https://example.com/other"}
		wantError(t, "AddIntegration", s.AddIntegration(t.Context(), other), workspace.ErrConflict)
		got, err := s.Integration(t.Context(), "integration1")
		wantSame(t, "Integration", got, err, Outgoing(1))
		_, err = s.IntegrationByURL(t.Context(), "https://example.com/other")
		wantError(t, "IntegrationByURL", err, workspace.ErrNotFound)
	}},
	{"save replaces", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Outgoing(1)))
		must(t, s.AddIntegration(t.Context(), Outgoing(2)))
		changed := integrations.Integration{ID: "integration1", Kind: integrations.Outgoing, Name: "changed", UpdatedAt: At(50)}
		must(t, s.SaveIntegration(t.Context(), changed))
		got, err := s.Integration(t.Context(), "integration1")
		wantSame(t, "Integration", got, err, changed)
		got, err = s.Integration(t.Context(), "integration2")
		wantSame(t, "the other one", got, err, Outgoing(2))
		wantPage(t, "Integrations by the new name", func() ([]integrations.Integration, int, error) {
			return s.Integrations(t.Context(), named("CHANGED"), workspace.Page{})
		}, integrationID, []string{"integration1"}, 1)
	}},
	{"by URL", testIntegrationByURL},
	{"scopes", testScopes},
	{"names", testIntegrationNames},
	{"order and pages", testIntegrationPages},
	{"remove", testIntegrationRemoval},
}

func integrationID(i integrations.Integration) string { return i.ID }

var everything = integrations.Filter{Incoming: permissions.All, Outgoing: permissions.All}

func named(part string) integrations.Filter {
	f := everything
	f.Name = part
	return f
}

func testIntegrationByURL(t *testing.T, s Store) {
	must(t, s.AddIntegration(t.Context(), Incoming(1)))
	for _, n := range []int{4, 2, 3} {
		i := Outgoing(n)
		i.URLs = append(i.URLs, i.URLs[0]) // once more
		must(t, s.AddIntegration(t.Context(), i))
	}
	want := func(url, id string) {
		t.Helper()
		got, err := s.IntegrationByURL(t.Context(), url)
		if id == "" {
			wantError(t, url, err, workspace.ErrNotFound)
		} else {
			wantSame(t, url, got.ID, err, id)
		}
	}
	want(OwnURL(1), "")
	want(OwnURL(2), "integration2")
	want(SharedURL, "integration4") // added first
	changed := Outgoing(4)
	changed.URLs = []string{"https://example.com/new"}
	must(t, s.SaveIntegration(t.Context(), changed))
	want(SharedURL, "integration2")
	want(OwnURL(4), "")
	want("https://example.com/new", "integration4")
	must(t, s.SaveIntegration(t.Context(), Outgoing(4)))
	want(SharedURL, "integration4") // still the oldest
	must(t, s.RemoveIntegration(t.Context(), "integration4", false))
	want(SharedURL, "integration2")
	want("https://EXAMPLE.com/shared?a=1&b=2", "")
}

func testScopes(t *testing.T, s Store) {
	for n, i := range []integrations.Integration{Incoming(1), Incoming(2), Outgoing(3), Outgoing(4)} {
		if n%2 == 1 {
			i.CreatedBy.ID = "user2"
		}
		must(t, s.AddIntegration(t.Context(), i))
	}
	const all, own, none = permissions.All, permissions.Own, permissions.None
	tests := []struct {
		incoming, outgoing permissions.Scope
		kind               integrations.Kind
		want               []string
	}{
		{all, all, "", []string{"integration1", "integration2", "integration3", "integration4"}},
		{all, own, "", []string{"integration1", "integration2", "integration4"}},
		{all, none, "", []string{"integration1", "integration2"}},
		{own, all, "", []string{"integration2", "integration3", "integration4"}},
		{own, own, "", []string{"integration2", "integration4"}},
		{own, none, "", []string{"integration2"}},
		{none, all, "", []string{"integration3", "integration4"}},
		{none, own, "", []string{"integration4"}},
		{none, none, "", nil},
		{all, all, integrations.Incoming, []string{"integration1", "integration2"}},
		{own, own, integrations.Outgoing, []string{"integration4"}},
		{all, none, integrations.Outgoing, nil},
		{all, all, "webhook", nil},
	}
	for _, tt := range tests {
		f := integrations.Filter{Incoming: tt.incoming, Outgoing: tt.outgoing, CreatorID: "user2", Kind: tt.kind}
		wantPage(t, "incoming "+tt.incoming.String()+", outgoing "+tt.outgoing.String()+", kind "+string(tt.kind),
			func() ([]integrations.Integration, int, error) {
				return s.Integrations(t.Context(), f, workspace.Page{})
			},
			integrationID, tt.want, len(tt.want))
	}
}

func testIntegrationNames(t *testing.T, s Store) {
	for n, name := range []string{"Deploy_Prod", "deployXprod", "100% ÜBER", "a.*b"} {
		i := Outgoing(n)
		i.Name = name
		must(t, s.AddIntegration(t.Context(), i))
	}
	tests := []struct {
		part string
		want []string
	}{
		{"", []string{"integration0", "integration1", "integration2", "integration3"}},
		{"DEPLOY", []string{"integration0", "integration1"}},
		{"y_p", []string{"integration0"}},
		{"%", []string{"integration2"}},
		{".*", []string{"integration3"}},
		{"über", []string{"integration2"}},
		{`\`, nil},
	}
	for _, tt := range tests {
		wantPage(t, "name with "+tt.part, func() ([]integrations.Integration, int, error) {
			return s.Integrations(t.Context(), named(tt.part), workspace.Page{})
		}, integrationID, tt.want, len(tt.want))
	}
}

func testIntegrationPages(t *testing.T, s Store) {
	for n, from := range []integrations.Integration{Outgoing(3), Incoming(1), Outgoing(4), Incoming(2)} {
		from.Name, from.Username, from.Enabled = ID("name", 9-n), ID("bot", n/2), n%2 == 0
		must(t, s.AddIntegration(t.Context(), from))
	}
	added := []string{"integration3", "integration1", "integration4", "integration2"}
	tests := []struct {
		name string
		page workspace.Page
		want []string
	}{
		{"as added", workspace.Page{}, added},
		{"ts, which they do not have", workspace.Page{Sort: descending("ts")}, added},
		{"by name", workspace.Page{Sort: ascending("name")}, []string{"integration2", "integration4", "integration1", "integration3"}},
		{"by type", workspace.Page{Sort: ascending("type")}, []string{"integration1", "integration2", "integration3", "integration4"}},
		{"by type, down", workspace.Page{Sort: descending("type")}, []string{"integration3", "integration4", "integration1", "integration2"}},
		{"by enabled", workspace.Page{Sort: ascending("enabled")}, []string{"integration1", "integration2", "integration3", "integration4"}},
		{"by username and type", workspace.Page{Sort: ascending("username", "type")}, []string{"integration1", "integration3", "integration2", "integration4"}},
		{"by creation, down", workspace.Page{Sort: descending("_createdAt")}, []string{"integration4", "integration3", "integration2", "integration1"}},
		{"by change", workspace.Page{Sort: ascending("_updatedAt")}, []string{"integration1", "integration2", "integration3", "integration4"}},
		{"by id", workspace.Page{Sort: ascending("_id")}, []string{"integration1", "integration2", "integration3", "integration4"}},
		{"page", workspace.Page{Offset: 1, Count: 2}, added[1:3]},
		{"last page", workspace.Page{Offset: 3, Count: 2}, added[3:]},
		{"after the end", workspace.Page{Offset: 4, Count: 2}, nil},
	}
	for _, tt := range tests {
		wantPage(t, tt.name, func() ([]integrations.Integration, int, error) {
			return s.Integrations(t.Context(), everything, tt.page)
		}, integrationID, tt.want, 4)
	}
}

func testIntegrationRemoval(t *testing.T, s Store) {
	for n := 1; n <= 3; n++ {
		must(t, s.AddIntegration(t.Context(), Outgoing(n)))
		must(t, s.SaveLastError(t.Context(), LastError(n, ID("integration", n))))
		must(t, s.SaveOptions(t.Context(), Options(n)))
		must(t, s.AddEffects(t.Context(), Effects(10*n, 10*n+1, ID("integration", n))))
	}
	must(t, s.RemoveIntegration(t.Context(), "integration1", true))
	must(t, s.RemoveIntegration(t.Context(), "integration2", false))
	for _, id := range []string{"integration1", "integration2"} {
		_, err := s.Integration(t.Context(), id)
		wantError(t, "Integration", err, workspace.ErrNotFound)
		_, err = s.LastError(t.Context(), id)
		wantError(t, "LastError", err, workspace.ErrNotFound)
		o, err := s.Options(t.Context(), id)
		wantSame(t, "Options", o, err, integrations.Options{IntegrationID: id})
	}
	options, err := s.AllOptions(t.Context())
	wantSame(t, "AllOptions", options, err, []integrations.Options{Options(3)})
	wantNoRows(t, s, "delivery10", "delivery11")
	wantRows(t, s, planned(20, "integration2"), planned(21, "integration2"), planned(30, "integration3"))
	got, err := s.Integration(t.Context(), "integration3")
	wantSame(t, "the other one", got, err, Outgoing(3))
	_, err = s.LastError(t.Context(), "integration3")
	wantError(t, "LastError of the other one", err, nil)
}

var lastErrorTests = []test{
	{"round trip", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Incoming(1)))
		bare := integrations.LastError{IntegrationID: "integration1"}
		for _, e := range []integrations.LastError{LastError(1, "integration1"), bare, LastError(2, "integration1")} {
			must(t, s.SaveLastError(t.Context(), e))
			got, err := s.LastError(t.Context(), "integration1")
			wantSame(t, "LastError", got, err, e)
		}
		got, err := s.Integration(t.Context(), "integration1")
		wantSame(t, "the integration", got, err, Incoming(1))
	}},
	{"not found", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Incoming(1)))
		_, err := s.LastError(t.Context(), "integration1")
		wantError(t, "LastError", err, workspace.ErrNotFound)
		wantError(t, "SaveLastError", s.SaveLastError(t.Context(), LastError(1, "integration2")), workspace.ErrNotFound)
	}},
}
