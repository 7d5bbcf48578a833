package storetest

import (
	"testing"

	"github.com/grapnel-chat/grapnel/workspace"
)

var teamTests = []test{
	{"lists", func(t *testing.T, s Store) {
		addTeamRooms(t, s)
		for _, tt := range []struct {
			name   string
			filter workspace.RoomFilter
			want   []string
		}{
			{"rooms of a team", workspace.RoomFilter{TeamID: "team1"}, []string{"room1", "room2", "room3"}},
			{"main rooms", workspace.RoomFilter{Main: true}, []string{"room1", "room4"}},
			{"a team's main room", workspace.RoomFilter{TeamID: "team1", Main: true}, []string{"room1"}},
			{"a member's teams", workspace.RoomFilter{Main: true, Member: "user4"}, []string{"room4"}},
			{"no team", workspace.RoomFilter{TeamID: "team9"}, nil},
		} {
			wantPage(t, tt.name, func() ([]workspace.Room, int, error) {
				return s.Rooms(t.Context(), tt.filter, workspace.Page{})
			}, func(r workspace.Room) string { return r.ID }, tt.want, len(tt.want))
		}
	}},
	{"ends with its main room", func(t *testing.T, s Store) {
		addTeamRooms(t, s)
		got, err := s.Room(t.Context(), "room3")
		wantSame(t, "team of a room", got.TeamID, err, "team1")
		must(t, s.RemoveRoom(t.Context(), "room2"))
		got, err = s.Room(t.Context(), "room3")
		wantSame(t, "team after another room's removal", got.TeamID, err, "team1")
		must(t, s.RemoveRoom(t.Context(), "room1"))
		got, err = s.Room(t.Context(), "room3")
		wantSame(t, "team after the main room's removal", got.TeamID, err, "")
		_, total, err := s.Rooms(t.Context(), workspace.RoomFilter{TeamID: "team1"}, workspace.Page{})
		wantSame(t, "rooms of the team", total, err, 0)
		got, err = s.Room(t.Context(), "room5")
		wantSame(t, "team of another team's room", got.TeamID, err, "team2")
	}},
	{"change", func(t *testing.T, s Store) {
		addTeamRooms(t, s)
		got, err := s.Room(t.Context(), "room3")
		must(t, err)
		got.TeamID = ""
		must(t, s.SaveRoom(t.Context(), got, nil))
		_, total, err := s.Rooms(t.Context(), workspace.RoomFilter{TeamID: "team1"}, workspace.Page{})
		wantSame(t, "rooms of the team", total, err, 2)
		got.TeamID = "team2"
		must(t, s.SaveRoom(t.Context(), got, nil))
		_, total, err = s.Rooms(t.Context(), workspace.RoomFilter{TeamID: "team2"}, workspace.Page{})
		wantSame(t, "rooms of the other team", total, err, 3)
	}},
}

// addTeamRooms adds rooms 1 to 3 of team1 and 4 and 5 of team2, the first ones main, and room 6.
// Each room has its user.
func addTeamRooms(t *testing.T, s Store) {
	t.Helper()
	for n, team := range []string{"team1", "team1", "team1", "team2", "team2", ""} {
		r := Room(n + 1)
		r.TeamID, r.TeamMain = team, n == 0 || n == 3
		must(t, s.AddRoom(t.Context(), r, []workspace.Subscription{Subscription(r.ID, ID("user", n+1))}, nil))
	}
}
