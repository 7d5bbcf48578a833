package storetest

import (
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

var keepingTests = []test{
	{"supplement adds what is missing", testSupplement},
	{"old messages", testRemoveOldMessages},
	{"messages of one moment", func(t *testing.T, s Store) {
		m := Messages(1, 4, "room1")
		for n := range m {
			m[n].At = At(1)
		}
		must(t, s.AddMessages(t.Context(), m, nil))
		removeOld(t, s, workspace.Kept{Newest: 3}, 9, 1)
		wantMessages(t, s, "message4", "message3", "message2")
		removeOld(t, s, workspace.Kept{Since: At(1)}, 9, 0)
	}},
	{"ended deliveries by number", testRemoveEndedBeyond},
}

func testSupplement(t *testing.T, s Store) {
	seed := Seed()
	must(t, s.Seed(t.Context(), seed))
	changed := seed.Permissions[0]
	changed.Roles = []string{}
	must(t, s.SavePermissions(t.Context(), []permissions.Permission{changed}))
	more := Seed()
	more.Users, more.Rooms, more.Subscriptions = nil, nil, nil
	more.Secrets = map[string][]byte{"key": []byte("other"), "new key": {2, 0}}
	more.Roles = append(more.Roles, workspace.Role{ID: "a-new", Name: "new", Scope: workspace.ScopeUsers, UpdatedAt: At(5)})
	more.Roles[0].Description = "changed"
	added := permissions.Permission{ID: "zz-new", Roles: []string{"admin"}, UpdatedAt: At(5)}
	more.Permissions = append(more.Permissions, added)
	more.Settings = []workspace.Setting{{ID: "new", Value: []byte("1")}, {ID: seed.Settings[0].ID, Value: []byte(`"other"`)}}
	for range 2 {
		must(t, s.Supplement(t.Context(), more))
		roles, err := s.Roles(t.Context())
		wantSame(t, "number of roles", len(roles), err, len(seed.Roles)+1)
		for _, r := range roles {
			if r.Description == "changed" {
				t.Errorf("role %s was replaced", r.ID)
			}
		}
		list, err := s.Permissions(t.Context())
		wantSame(t, "number of permissions", len(list), err, len(seed.Permissions)+1)
		for _, p := range list {
			switch p.ID {
			case changed.ID:
				wantSame(t, "changed permission", p, nil, changed)
			case added.ID:
				wantSame(t, "new permission", p, nil, added)
			}
		}
		for name, want := range map[string][]byte{"key": seed.Secrets["key"], "new key": {2, 0}} {
			secret, err := s.Secret(t.Context(), name)
			wantSame(t, "secret "+name, secret, err, want)
		}
		settings, err := s.Settings(t.Context())
		wantSame(t, "number of settings", len(settings), err, len(seed.Settings)+1)
		for _, setting := range settings {
			if setting.ID == seed.Settings[0].ID {
				wantSame(t, "old setting", setting, nil, seed.Settings[0])
			}
		}
	}
}

func removeOld(t *testing.T, s Store, kept workspace.Kept, limit, want int) {
	t.Helper()
	removed, err := s.RemoveOldMessages(t.Context(), "room1", kept, limit)
	wantSame(t, "RemoveOldMessages", removed, err, want)
}

// wantMessages checks which messages room1 has, the newest first.
func wantMessages(t *testing.T, s Store, ids ...string) {
	t.Helper()
	wantPage(t, "Messages", func() ([]workspace.Message, int, error) {
		return s.Messages(t.Context(), workspace.MessageFilter{RoomID: "room1"}, workspace.Page{})
	}, func(m workspace.Message) string { return m.ID }, ids, len(ids))
}

func testRemoveOldMessages(t *testing.T, s Store) {
	removeOld(t, s, workspace.Kept{Since: At(9), Newest: 1}, 9, 0)
	must(t, s.AddMessages(t.Context(), Messages(1, 6, "room1"), nil))
	must(t, s.AddMessages(t.Context(), Messages(7, 8, "room2"), nil))
	removeOld(t, s, workspace.Kept{}, 9, 0)
	removeOld(t, s, workspace.Kept{Since: At(1)}, 9, 0)
	removeOld(t, s, workspace.Kept{Newest: 6}, 9, 0)
	removeOld(t, s, workspace.Kept{Since: At(4), Newest: 5}, 1, 1)
	wantMessages(t, s, "message6", "message5", "message4", "message3", "message2")
	removeOld(t, s, workspace.Kept{Since: At(2), Newest: 4}, 9, 1)
	wantMessages(t, s, "message6", "message5", "message4", "message3")
	removeOld(t, s, workspace.Kept{Since: At(5), Newest: 4}, 9, 2)
	wantMessages(t, s, "message6", "message5")
	removeOld(t, s, workspace.Kept{Newest: 1}, 9, 1)
	removeOld(t, s, workspace.Kept{Since: At(100)}, 9, 1)
	wantMessages(t, s)
	_, err := s.Message(t.Context(), "message7")
	wantError(t, "Message of another room", err, nil)
}

func testRemoveEndedBeyond(t *testing.T, s Store) {
	remove := func(newest, limit, want int) {
		t.Helper()
		removed, err := s.RemoveEndedBeyond(t.Context(), "a", newest, limit)
		wantSame(t, "RemoveEndedBeyond", removed, err, want)
	}
	remove(0, 9, 0)
	must(t, s.AddEffects(t.Context(), Effects(1, 5, "a")))
	must(t, s.AddEffects(t.Context(), Effects(6, 6, "b")))
	end(t, s, 1, integrations.Done, 40)
	end(t, s, 2, integrations.Dead, 30)
	end(t, s, 3, integrations.Done, 50)
	end(t, s, 4, integrations.Done, 50)
	remove(4, 9, 0)
	remove(2, 1, 1)
	wantNoRows(t, s, "delivery2")
	remove(2, 9, 1)
	wantNoRows(t, s, "delivery1")
	remove(1, 9, 1)
	wantNoRows(t, s, "delivery3")
	remove(0, 9, 1)
	remove(0, 9, 0)
	wantRows(t, s, planned(5, "a"), planned(6, "b"))
}
