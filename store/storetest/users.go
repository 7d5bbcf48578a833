package storetest

import (
	"context"
	"testing"

	"github.com/grapnel-chat/grapnel/workspace"
)

var userTests = []test{
	{"round trip", func(t *testing.T, s Store) {
		for _, u := range []workspace.User{User(1), BareUser(2), BareUser(3)} {
			must(t, s.AddUser(t.Context(), u, nil, nil))
			got, err := s.User(t.Context(), u.ID)
			wantSame(t, "User", got, err, u)
			got, err = s.UserByUsername(t.Context(), u.Username)
			wantSame(t, "UserByUsername", got, err, u)
		}
		got, err := s.UserByEmail(t.Context(), User(1).Email)
		wantSame(t, "UserByEmail", got, err, User(1))
	}},
	{"found without regard to case", func(t *testing.T, s Store) {
		must(t, s.AddUser(t.Context(), User(1), nil, nil))
		got, err := s.UserByUsername(t.Context(), "jANE.dOE1")
		wantSame(t, "UserByUsername", got, err, User(1))
		got, err = s.UserByEmail(t.Context(), "jANE1@EXAMPLE.com")
		wantSame(t, "UserByEmail", got, err, User(1))
	}},
	{"not found", func(t *testing.T, s Store) {
		must(t, s.AddUser(t.Context(), BareUser(1), nil, nil))
		_, err := s.User(t.Context(), "USER1")
		wantError(t, "User", err, workspace.ErrNotFound)
		_, err = s.UserByUsername(t.Context(), "user2")
		wantError(t, "UserByUsername", err, workspace.ErrNotFound)
		_, err = s.UserByEmail(t.Context(), "")
		wantError(t, "UserByEmail", err, workspace.ErrNotFound)
	}},
	{"found once added", func(t *testing.T, s Store) {
		_, err := s.User(t.Context(), "user1")
		wantError(t, "User", err, workspace.ErrNotFound)
		_, err = s.UserByUsername(t.Context(), User(1).Username)
		wantError(t, "UserByUsername", err, workspace.ErrNotFound)
		must(t, s.AddUser(t.Context(), User(1), nil, nil))
		got, err := s.User(t.Context(), "user1")
		wantSame(t, "User", got, err, User(1))
		got, err = s.UserByUsername(t.Context(), User(1).Username)
		wantSame(t, "UserByUsername", got, err, User(1))
	}},
	{"adds subscriptions", func(t *testing.T, s Store) {
		sub := Subscription("room1", "user1")
		must(t, s.AddUser(t.Context(), User(1), []workspace.Subscription{sub}, nil))
		got, err := s.Subscription(t.Context(), "room1", "user1")
		wantSame(t, "Subscription", got, err, sub)
	}},
	{"effects", func(t *testing.T, s Store) {
		must(t, s.AddUser(t.Context(), User(1), nil, Effects(1, 2, "integration1")))
		wantError(t, "AddUser again", s.AddUser(t.Context(), User(1), nil, Effects(3, 3, "integration1")), workspace.ErrConflict)
		wantRows(t, s, planned(1, "integration1"), planned(2, "integration1"))
		wantNoRows(t, s, "delivery3")
	}},
	{"conflicts", testUserConflicts},
	{"callers own what they get", func(t *testing.T, s Store) {
		must(t, s.AddUser(t.Context(), User(1), nil, nil))
		for range 2 {
			got, err := s.User(t.Context(), "user1")
			wantSame(t, "User", got, err, User(1))
			got.Roles[0], got.PasswordHash[0], got.CustomFields[0] = "changed", '?', '?'
		}
	}},
	{"list", testUserList},
	{"list by text", testUserFilter},
	{"roles", testUserRoles},
	{"password", func(t *testing.T, s Store) {
		must(t, s.AddUser(t.Context(), User(1), nil, nil))
		must(t, s.SetPassword(t.Context(), "user1", []byte("new"), At(50)))
		want := User(1)
		want.PasswordHash, want.UpdatedAt = []byte("new"), At(50)
		got, err := s.User(t.Context(), "user1")
		wantSame(t, "User", got, err, want)
		wantError(t, "SetPassword", s.SetPassword(t.Context(), "user2", []byte("new"), At(50)), workspace.ErrNotFound)
	}},
}

func testUserConflicts(t *testing.T, s Store) {
	must(t, s.AddUser(t.Context(), User(1), nil, nil))
	tests := []struct {
		name   string
		change func(u *workspace.User)
	}{
		{"id", func(u *workspace.User) { u.ID = "user1" }},
		{"username", func(u *workspace.User) { u.Username = User(1).Username }},
		{"username in other case", func(u *workspace.User) { u.Username = "jANE.dOE1" }},
		{"e-mail address", func(u *workspace.User) { u.Email = User(1).Email }},
		{"e-mail address in other case", func(u *workspace.User) { u.Email = "jANE1@EXAMPLE.com" }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := User(2)
			tt.change(&u)
			err := s.AddUser(t.Context(), u, []workspace.Subscription{Subscription("room1", "user2")}, nil)
			wantError(t, "AddUser", err, workspace.ErrConflict)
			_, err = s.Subscription(t.Context(), "room1", "user2")
			wantError(t, "Subscription of who was not added", err, workspace.ErrNotFound)
		})
	}
	got, err := s.User(t.Context(), "user1")
	wantSame(t, "User", got, err, User(1))
	must(t, s.AddUser(t.Context(), User(2), nil, nil))
}

func userID(u workspace.User) string { return u.ID }

func testUserList(t *testing.T, s Store) {
	for _, n := range []int{2, 4, 1, 3} {
		u := User(n)
		u.Name = ID("name", 5-n)
		must(t, s.AddUser(t.Context(), u, nil, nil))
	}
	added := []string{"user2", "user4", "user1", "user3"}
	up := []string{"user1", "user2", "user3", "user4"}
	down := []string{"user4", "user3", "user2", "user1"}
	tests := []struct {
		name string
		page workspace.Page
		want []string
	}{
		{"as added", workspace.Page{}, added},
		{"unknown field", workspace.Page{Sort: ascending("shoeSize")}, added},
		{"by username", workspace.Page{Sort: ascending("username")}, up},
		{"by username, down", workspace.Page{Sort: descending("username")}, down},
		{"by name", workspace.Page{Sort: ascending("name")}, down},
		{"by id", workspace.Page{Sort: descending("_id")}, down},
		{"by creation", workspace.Page{Sort: ascending("createdAt")}, up},
		{"by change, down", workspace.Page{Sort: descending("_updatedAt")}, down},
		{"first page", workspace.Page{Count: 3, Sort: ascending("username")}, up[:3]},
		{"last page", workspace.Page{Offset: 3, Count: 3, Sort: ascending("username")}, up[3:]},
		{"full page at the end", workspace.Page{Offset: 2, Count: 2}, added[2:]},
		{"after the end", workspace.Page{Offset: 4, Count: 2}, nil},
		{"far after the end", workspace.Page{Offset: 10}, nil},
	}
	for _, tt := range tests {
		wantPage(t, tt.name, func() ([]workspace.User, int, error) {
			return s.Users(t.Context(), workspace.UserFilter{}, tt.page)
		}, userID, tt.want, 4)
	}
}

func testUserFilter(t *testing.T, s Store) {
	for _, u := range []workspace.User{
		{ID: "1", Username: "Anna_B", Name: "Änne 100%", Email: "a@example.com"},
		{ID: "2", Username: "bob.x", Name: "Bob", Email: "anna@example.org"},
		{ID: "3", Username: "carl", Name: "Carl of Anna's"},
	} {
		must(t, s.AddUser(t.Context(), u, nil, nil))
	}
	tests := []struct {
		text string
		want []string
	}{
		{"anna", []string{"1", "2", "3"}},
		{"ANNA", []string{"1", "2", "3"}},
		{"example.ORG", []string{"2"}},
		{"äNNE", []string{"1"}},
		{"a_b", []string{"1"}},
		{"b_x", nil},
		{"%", []string{"1"}},
		{"*", nil},
		{".", []string{"1", "2"}},
	}
	for _, tt := range tests {
		wantPage(t, tt.text, func() ([]workspace.User, int, error) {
			return s.Users(t.Context(), workspace.UserFilter{Text: tt.text}, workspace.Page{})
		}, userID, tt.want, len(tt.want))
	}
}

func testUserRoles(t *testing.T, s Store) {
	u := User(1)
	u.Roles = []string{"user"}
	must(t, s.AddUser(t.Context(), u, nil, nil))
	steps := []struct {
		change func(ctx context.Context) error
		want   []string
	}{
		{func(ctx context.Context) error { return s.AddUserRole(ctx, "user1", "admin", At(50)) }, []string{"user", "admin"}},
		{func(ctx context.Context) error { return s.AddUserRole(ctx, "user1", "admin", At(50)) }, []string{"user", "admin"}},
		{func(ctx context.Context) error { return s.RemoveUserRole(ctx, "user1", "user", At(50)) }, []string{"admin"}},
		{func(ctx context.Context) error { return s.RemoveUserRole(ctx, "user1", "user", At(50)) }, []string{"admin"}},
	}
	for _, step := range steps {
		must(t, step.change(t.Context()))
		u.Roles, u.UpdatedAt = step.want, At(50)
		got, err := s.User(t.Context(), "user1")
		wantSame(t, "User", got, err, u)
		got, err = s.UserByUsername(t.Context(), u.Username)
		wantSame(t, "UserByUsername", got, err, u)
	}
	wantError(t, "AddUserRole", s.AddUserRole(t.Context(), "user2", "admin", At(50)), workspace.ErrNotFound)
	wantError(t, "RemoveUserRole", s.RemoveUserRole(t.Context(), "user2", "admin", At(50)), workspace.ErrNotFound)
}
