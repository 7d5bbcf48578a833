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
	{"change", testUserChange},
	{"removal", testUserRemoval},
	{"password", func(t *testing.T, s Store) {
		must(t, s.AddUser(t.Context(), User(1), nil, nil))
		must(t, s.SetPassword(t.Context(), "user1", []byte("new"), At(50), ""))
		want := User(1)
		want.PasswordHash, want.UpdatedAt = []byte("new"), At(50)
		got, err := s.User(t.Context(), "user1")
		wantSame(t, "User", got, err, want)
		wantError(t, "SetPassword", s.SetPassword(t.Context(), "user2", []byte("new"), At(50), ""), workspace.ErrNotFound)
	}},
}

func testUserChange(t *testing.T, s Store) {
	for n := 1; n <= 3; n++ {
		must(t, s.AddUser(t.Context(), User(n), nil, nil))
	}
	must(t, s.AddSession(t.Context(), Session(1, "user1")))
	room := Room(1)
	room.Creator, room.Muted = Ref(1), []string{User(2).Username, User(1).Username}
	must(t, s.AddRoom(t.Context(), room, nil, nil))
	must(t, s.AddRoom(t.Context(), Direct(1, 2), nil, nil))
	must(t, s.AddRoom(t.Context(), Direct(2, 3), nil, nil))
	_, err := s.Room(t.Context(), room.ID)
	must(t, err)

	changed := User(1)
	changed.Username, changed.Name, changed.Email, changed.Roles, changed.Active = "other", "Other", "other@example.com", nil, false
	changed.UpdatedAt = At(50)
	must(t, s.SaveUser(t.Context(), changed))
	got, err := s.User(t.Context(), "user1")
	wantSame(t, "User", got, err, changed)
	got, err = s.UserByUsername(t.Context(), "OTHER")
	wantSame(t, "UserByUsername", got, err, changed)
	got, err = s.UserByEmail(t.Context(), "other@example.com")
	wantSame(t, "UserByEmail", got, err, changed)
	_, err = s.UserByUsername(t.Context(), User(1).Username)
	wantError(t, "UserByUsername of the old name", err, workspace.ErrNotFound)
	_, got, err = s.SessionUser(t.Context(), Session(1, "").Hash)
	wantSame(t, "SessionUser", got, err, changed)

	room.Creator, room.Members[0], room.Muted[1] = changed.Ref(), changed.Ref(), "other"
	gotRoom, err := s.Room(t.Context(), room.ID)
	wantSame(t, "a room that names the user", gotRoom, err, room)
	direct := Direct(1, 2)
	direct.Creator, direct.Members[0] = changed.Ref(), changed.Ref()
	gotRoom, err = s.Room(t.Context(), direct.ID)
	wantSame(t, "the user's direct room", gotRoom, err, direct)
	gotRoom, err = s.Room(t.Context(), Direct(2, 3).ID)
	wantSame(t, "the direct room of others", gotRoom, err, Direct(2, 3))

	changed.Username = User(2).Username
	wantError(t, "SaveUser with a name that is taken", s.SaveUser(t.Context(), changed), workspace.ErrConflict)
	wantError(t, "SaveUser of nobody", s.SaveUser(t.Context(), User(9)), workspace.ErrNotFound)
}

func testUserRemoval(t *testing.T, s Store) {
	for n := 1; n <= 2; n++ {
		must(t, s.AddUser(t.Context(), User(n), []workspace.Subscription{Subscription("room1", ID("user", n))}, nil))
		must(t, s.AddSession(t.Context(), Session(n, ID("user", n))))
		must(t, s.AddMessages(t.Context(), []workspace.Message{Message(n, "room1")}, nil))
	}
	both := []workspace.Subscription{Subscription(Direct(1, 2).ID, "user1"), Subscription(Direct(1, 2).ID, "user2")}
	must(t, s.AddRoom(t.Context(), Room(1), nil, nil))
	must(t, s.AddRoom(t.Context(), Direct(1, 2), both, nil))
	must(t, s.AddRoom(t.Context(), Direct(2, 3), []workspace.Subscription{Subscription(Direct(2, 3).ID, "user2")}, nil))
	must(t, s.AddMessages(t.Context(), []workspace.Message{Message(4, Direct(1, 2).ID), Message(5, Direct(2, 3).ID)}, nil))

	must(t, s.RemoveUser(t.Context(), "user1"))
	wantError(t, "RemoveUser again", s.RemoveUser(t.Context(), "user1"), workspace.ErrNotFound)
	gone := func(what string, err error) { t.Helper(); wantError(t, what, err, workspace.ErrNotFound) }
	_, err := s.User(t.Context(), "user1")
	gone("User", err)
	_, err = s.UserByUsername(t.Context(), User(1).Username)
	gone("UserByUsername", err)
	_, _, err = s.SessionUser(t.Context(), Session(1, "").Hash)
	gone("SessionUser", err)
	for _, id := range []string{"message1", "message4"} {
		_, err = s.Message(t.Context(), id)
		gone("Message", err)
	}
	_, err = s.Room(t.Context(), Direct(1, 2).ID)
	gone("the direct room", err)
	for _, sub := range append(both, Subscription("room1", "user1")) {
		_, err = s.Subscription(t.Context(), sub.RoomID, sub.UserID)
		gone("Subscription", err)
	}

	got, err := s.User(t.Context(), "user2")
	wantSame(t, "the other user", got, err, User(2))
	_, _, err = s.SessionUser(t.Context(), Session(2, "").Hash)
	wantError(t, "the other's session", err, nil)
	for id, room := range map[string]string{"message2": "room1", "message5": Direct(2, 3).ID} {
		_, err = s.Message(t.Context(), id)
		wantError(t, "the other's message", err, nil)
		_, err = s.Subscription(t.Context(), room, "user2")
		wantError(t, "the other's subscription", err, nil)
	}
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
