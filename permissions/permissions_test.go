package permissions_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/permissions"
)

func TestGrants(t *testing.T) {
	g := permissions.NewGrants([]permissions.Permission{
		{ID: "all", Roles: []string{"admin", "bot"}}, {ID: "own", Roles: []string{"user"}}, {ID: "nobody", Roles: []string{}},
	})
	admin, user, stranger := []string{"admin"}, []string{"user", "guest"}, []string(nil)
	tests := []struct {
		name string
		got  any
		want any
	}{
		{"Has", g.Has(admin, "all"), true},
		{"Has by second role", g.Has([]string{"x", "bot"}, "all"), true},
		{"Has without the role", g.Has(user, "all"), false},
		{"Has of nobody's permission", g.Has(admin, "nobody"), false},
		{"Has of an unknown permission", g.Has(admin, "unknown"), false},
		{"Has without roles", g.Has(stranger, "all"), false},
		{"HasAny", g.HasAny(user, "all", "own"), true},
		{"HasAny with none held", g.HasAny(user, "all", "nobody"), false},
		{"HasAny of none", g.HasAny(stranger), true},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s = %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

// memory keeps permissions for a test; it fails where it is told to.
type memory struct {
	kept []permissions.Permission
	fail error
}

func (m *memory) Permissions(context.Context) ([]permissions.Permission, error) {
	return append([]permissions.Permission(nil), m.kept...), m.fail
}

func (m *memory) SavePermissions(_ context.Context, changed []permissions.Permission) error {
	for _, c := range changed {
		for n := range m.kept {
			if m.kept[n].ID == c.ID {
				m.kept[n] = c
			}
		}
	}
	return m.fail
}

func TestTableUpdate(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	store := &memory{kept: []permissions.Permission{{ID: "a", Roles: []string{"admin"}, UpdatedAt: at}, {ID: "b", Roles: []string{"admin"}, UpdatedAt: at}}}
	table, err := permissions.Open(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	exists := func(role string) bool { return role == "admin" || role == "user" }
	changed := []permissions.Permission{{ID: "a", Roles: []string{"user"}}}
	if err := table.Update(t.Context(), changed, exists); err != nil {
		t.Fatal(err)
	}
	if g := table.Grants(); !g.Has([]string{"user"}, "a") || g.Has([]string{"admin"}, "a") || !g.Has([]string{"admin"}, "b") {
		t.Error("the change does not act at once, or acts on others")
	}
	for _, tt := range []struct {
		change permissions.Permission
		want   error
	}{
		{permissions.Permission{ID: "c", Roles: []string{"user"}}, permissions.ErrUnknownPermission},
		{permissions.Permission{ID: "b", Roles: []string{"x"}}, permissions.ErrUnknownRole},
	} {
		both := []permissions.Permission{{ID: "b", Roles: []string{}}, tt.change}
		if err := table.Update(t.Context(), both, exists); !errors.Is(err, tt.want) {
			t.Errorf("Update(%+v) = %v, want %v", tt.change, err, tt.want)
		}
		if !table.Grants().Has([]string{"admin"}, "b") {
			t.Errorf("Update(%+v) was refused and changed something", tt.change)
		}
	}
	since, err := table.List(t.Context(), at)
	if err != nil || len(since) != 1 || since[0].ID != "a" {
		t.Errorf("List since the start = %v, %v, want a alone", since, err)
	}
}

func BenchmarkGrantsHas(b *testing.B) {
	g := permissions.NewGrants([]permissions.Permission{{ID: permissions.ManageOutgoing, Roles: []string{"admin"}}})
	roles := []string{"user", "bot", "admin"}
	for b.Loop() {
		if !g.Has(roles, permissions.ManageOutgoing) {
			b.Fatal("denied")
		}
	}
}
