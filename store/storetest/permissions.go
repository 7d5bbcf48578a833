package storetest

import (
	"cmp"
	"slices"
	"testing"

	"github.com/grapnel-chat/grapnel/permissions"
)

var permissionTests = []test{
	{"a change replaces roles and time", func(t *testing.T, s Store) {
		must(t, s.Seed(t.Context(), Seed()))
		changed := permissions.Permission{ID: "permission1", Roles: []string{"b", "a"}, UpdatedAt: At(50)}
		must(t, s.SavePermissions(t.Context(), []permissions.Permission{changed}))
		list, err := s.Permissions(t.Context())
		wantSame(t, "Permissions", sorted(list), err, []permissions.Permission{changed, Permission(2)})
	}},
	{"nobody may hold one", func(t *testing.T, s Store) {
		must(t, s.Seed(t.Context(), Seed()))
		changed := permissions.Permission{ID: "permission1", Roles: []string{}, UpdatedAt: At(50)}
		must(t, s.SavePermissions(t.Context(), []permissions.Permission{changed}))
		list, err := s.Permissions(t.Context())
		wantSame(t, "Permissions", sorted(list), err, []permissions.Permission{changed, Permission(2)})
	}},
	{"a new one is added", func(t *testing.T, s Store) {
		must(t, s.SavePermissions(t.Context(), []permissions.Permission{Permission(2), Permission(1)}))
		list, err := s.Permissions(t.Context())
		wantSame(t, "Permissions", sorted(list), err, []permissions.Permission{Permission(1), Permission(2)})
	}},
}

func sorted(list []permissions.Permission) []permissions.Permission {
	slices.SortFunc(list, func(a, b permissions.Permission) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
