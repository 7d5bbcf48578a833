package storetest

import (
	"cmp"
	"slices"
	"testing"

	"github.com/grapnel-chat/grapnel/workspace"
)

var seedTests = []test{
	{"writes everything", func(t *testing.T, s Store) {
		if done, err := s.Seeded(t.Context()); done || err != nil {
			t.Errorf("Seeded before Seed = %v, %v", done, err)
		}
		must(t, s.Seed(t.Context(), Seed()))
		wantSeed(t, s)
	}},
	{"a second time changes nothing", func(t *testing.T, s Store) {
		must(t, s.Seed(t.Context(), Seed()))
		again := Seed()
		again.Users[0].ID, again.Secrets["key"] = "other", []byte("other")
		must(t, s.Seed(t.Context(), again))
		wantSeed(t, s)
	}},
	{"secret not found", func(t *testing.T, s Store) {
		_, err := s.Secret(t.Context(), "key")
		wantError(t, "Secret", err, workspace.ErrNotFound)
	}},
	{"settings", func(t *testing.T, s Store) {
		must(t, s.Seed(t.Context(), Seed()))
		must(t, s.SaveSetting(t.Context(), workspace.Setting{ID: "b", Value: []byte(`6000`)}))
		must(t, s.SaveSetting(t.Context(), workspace.Setting{ID: "c", Value: []byte(`{ "x": 1.0 }`)}))
		got, err := s.Settings(t.Context())
		slices.SortFunc(got, func(a, b workspace.Setting) int { return cmp.Compare(a.ID, b.ID) })
		wantSame(t, "Settings", got, err, []workspace.Setting{
			Seed().Settings[0], {ID: "b", Value: []byte(`6000`)}, {ID: "c", Value: []byte(`{ "x": 1.0 }`)},
		})
	}},
	{"nothing before", func(t *testing.T, s Store) {
		settings, err := s.Settings(t.Context())
		if len(settings) > 0 || err != nil {
			t.Errorf("Settings = %v, %v", settings, err)
		}
		roles, err := s.Roles(t.Context())
		if len(roles) > 0 || err != nil {
			t.Errorf("Roles = %v, %v", roles, err)
		}
		list, err := s.Permissions(t.Context())
		if len(list) > 0 || err != nil {
			t.Errorf("Permissions = %v, %v", list, err)
		}
	}},
}

func wantSeed(t *testing.T, s Store) {
	t.Helper()
	want := Seed()
	if done, err := s.Seeded(t.Context()); !done || err != nil {
		t.Errorf("Seeded after Seed = %v, %v", done, err)
	}
	roles, err := s.Roles(t.Context())
	slices.SortFunc(roles, func(a, b workspace.Role) int { return cmp.Compare(b.ID, a.ID) })
	wantSame(t, "Roles", roles, err, want.Roles)
	list, err := s.Permissions(t.Context())
	wantSame(t, "Permissions", sorted(list), err, want.Permissions)
	settings, err := s.Settings(t.Context())
	slices.SortFunc(settings, func(a, b workspace.Setting) int { return cmp.Compare(a.ID, b.ID) })
	wantSame(t, "Settings", settings, err, want.Settings)
	key, err := s.Secret(t.Context(), "key")
	wantSame(t, "Secret", key, err, want.Secrets["key"])
	for _, u := range want.Users {
		got, err := s.User(t.Context(), u.ID)
		wantSame(t, "User", got, err, u)
	}
	_, total, err := s.Users(t.Context(), workspace.UserFilter{}, workspace.Page{})
	wantSame(t, "number of users", total, err, len(want.Users))
	for _, r := range want.Rooms {
		got, err := s.Room(t.Context(), r.ID)
		wantSame(t, "Room", got, err, r)
	}
	for _, sub := range want.Subscriptions {
		got, err := s.Subscription(t.Context(), sub.RoomID, sub.UserID)
		wantSame(t, "Subscription", got, err, sub)
	}
}
