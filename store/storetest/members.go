package storetest

import (
	"testing"

	"github.com/grapnel-chat/grapnel/workspace"
)

var memberTests = []test{
	{"round trip", func(t *testing.T, s Store) {
		bare := workspace.Subscription{ID: "x", RoomID: "room1", UserID: "user2"}
		must(t, s.Join(t.Context(), joins(Subscription("room1", "user1"), bare)))
		got, err := s.Subscription(t.Context(), "room1", "user1")
		wantSame(t, "Subscription", got, err, Subscription("room1", "user1"))
		got, err = s.Subscription(t.Context(), "room1", "user2")
		wantSame(t, "bare Subscription", got, err, bare)
		must(t, s.Join(t.Context(), nil))
	}},
	{"those that exist stay", func(t *testing.T, s Store) {
		must(t, s.Join(t.Context(), joins(Subscription("room1", "user1"))))
		again := Subscription("room1", "user1")
		again.ID, again.Roles = "again", nil
		must(t, s.Join(t.Context(), joins(again, Subscription("room1", "user2"))))
		for _, userID := range []string{"user1", "user2"} {
			got, err := s.Subscription(t.Context(), "room1", userID)
			wantSame(t, "Subscription", got, err, Subscription("room1", userID))
		}
	}},
	{"effects and notices of those that are new", func(t *testing.T, s Store) {
		first := workspace.Join{Subscription: Subscription("room1", "user1"), Effects: Effects(1, 2, "integration1"), Notices: Messages(1, 1, "room1")}
		must(t, s.Join(t.Context(), []workspace.Join{first}))
		again := workspace.Join{Subscription: Subscription("room1", "user1"), Effects: Effects(3, 3, "integration1"), Notices: Messages(2, 2, "room1")}
		second := workspace.Join{Subscription: Subscription("room1", "user2"), Effects: Effects(4, 4, "integration1"), Notices: Messages(3, 3, "room1")}
		must(t, s.Join(t.Context(), []workspace.Join{again, second}))
		wantRows(t, s, planned(1, "integration1"), planned(2, "integration1"), planned(4, "integration1"))
		wantNoRows(t, s, "delivery3")
		for n, want := range []error{nil, workspace.ErrNotFound, nil} {
			_, err := s.Message(t.Context(), ID("message", n+1))
			wantError(t, "Message", err, want)
		}
	}},
	{"leaving", func(t *testing.T, s Store) {
		must(t, s.Join(t.Context(), joins(Subscription("room1", "user1"), Subscription("room1", "user2"), Subscription("room2", "user1"))))
		_, err := s.Subscription(t.Context(), "room1", "user1")
		wantError(t, "Subscription", err, nil)
		must(t, s.Leave(t.Context(), "room1", "user1", Effects(1, 1, "integration1")))
		wantError(t, "Leave again", s.Leave(t.Context(), "room1", "user1", Effects(2, 2, "integration1")), workspace.ErrNotFound)
		_, err = s.Subscription(t.Context(), "room1", "user1")
		wantError(t, "Subscription", err, workspace.ErrNotFound)
		for _, other := range []workspace.Subscription{Subscription("room1", "user2"), Subscription("room2", "user1")} {
			got, err := s.Subscription(t.Context(), other.RoomID, other.UserID)
			wantSame(t, "another subscription", got, err, other)
		}
		wantRows(t, s, planned(1, "integration1"))
		wantNoRows(t, s, "delivery2")
	}},
	{"not found", func(t *testing.T, s Store) {
		must(t, s.Join(t.Context(), joins(Subscription("room1", "user1"))))
		_, err := s.Subscription(t.Context(), "room1", "user2")
		wantError(t, "Subscription", err, workspace.ErrNotFound)
		_, err = s.Subscription(t.Context(), "room2", "user1")
		wantError(t, "Subscription", err, workspace.ErrNotFound)
		wantError(t, "AddRoomRole", s.AddRoomRole(t.Context(), "room1", "user2", "owner"), workspace.ErrNotFound)
		wantError(t, "RemoveRoomRole", s.RemoveRoomRole(t.Context(), "room1", "user2", "owner"), workspace.ErrNotFound)
	}},
	{"found once added", func(t *testing.T, s Store) {
		_, err := s.Subscription(t.Context(), "room1", "user1")
		wantError(t, "Subscription", err, workspace.ErrNotFound)
		must(t, s.Join(t.Context(), joins(Subscription("room1", "user1"))))
		_, err = s.Subscription(t.Context(), "room1", "user1")
		wantError(t, "Subscription", err, nil)
	}},
	{"roles", func(t *testing.T, s Store) {
		sub := Subscription("room1", "user1")
		must(t, s.Join(t.Context(), joins(sub)))
		want := func(roles ...string) {
			t.Helper()
			sub.Roles = roles
			got, err := s.Subscription(t.Context(), "room1", "user1")
			wantSame(t, "Subscription", got, err, sub)
		}
		must(t, s.AddRoomRole(t.Context(), "room1", "user1", "moderator"))
		want("owner", "leader", "moderator")
		must(t, s.AddRoomRole(t.Context(), "room1", "user1", "moderator"))
		want("owner", "leader", "moderator")
		must(t, s.RemoveRoomRole(t.Context(), "room1", "user1", "owner"))
		want("leader", "moderator")
		must(t, s.RemoveRoomRole(t.Context(), "room1", "user1", "owner"))
		want("leader", "moderator")
	}},
	{"list", testMembers},
}

func testMembers(t *testing.T, s Store) {
	var subs []workspace.Subscription
	for _, n := range []int{3, 1, 4, 2, 5} {
		must(t, s.AddUser(t.Context(), User(n), nil, nil))
		subs = append(subs, Subscription("room1", ID("user", n)))
	}
	must(t, s.Join(t.Context(), joins(subs[:4]...)))
	must(t, s.Join(t.Context(), joins(Subscription("room2", "user5"))))
	tests := []struct {
		name   string
		filter string
		page   workspace.Page
		want   []string
		total  int
	}{
		{"by username", "", workspace.Page{}, []string{"user1", "user2", "user3", "user4"}, 4},
		{"down", "", workspace.Page{Sort: descending("username")}, []string{"user4", "user3", "user2", "user1"}, 4},
		{"filter", "dOE3", workspace.Page{}, []string{"user3"}, 1},
		{"filter leaves none", "doe5", workspace.Page{}, nil, 0},
		{"page", "", workspace.Page{Offset: 1, Count: 2}, []string{"user2", "user3"}, 4},
	}
	for _, tt := range tests {
		wantPage(t, tt.name, func() ([]workspace.User, int, error) {
			return s.Members(t.Context(), "room1", tt.filter, tt.page)
		}, userID, tt.want, tt.total)
	}
	members, _, err := s.Members(t.Context(), "room2", "", workspace.Page{})
	wantSame(t, "Members", members, err, []workspace.User{User(5)})
}
