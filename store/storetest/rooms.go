package storetest

import (
	"testing"

	"github.com/grapnel-chat/grapnel/workspace"
)

var roomTests = []test{
	{"round trip", func(t *testing.T, s Store) {
		group := Room(2)
		group.Type = workspace.Group
		bare := workspace.Room{ID: "bare", Type: workspace.Channel, Name: "bare"}
		for _, r := range []workspace.Room{Room(1), group, bare} {
			must(t, s.AddRoom(t.Context(), r, nil, nil))
			got, err := s.Room(t.Context(), r.ID)
			wantSame(t, "Room", got, err, r)
			got, err = s.RoomByName(t.Context(), r.Name)
			wantSame(t, "RoomByName", got, err, r)
		}
		for _, r := range []workspace.Room{Direct(1, 2), Direct(1, 3), {ID: "bare direct", Type: workspace.Direct}} {
			must(t, s.AddRoom(t.Context(), r, nil, nil))
			got, err := s.Room(t.Context(), r.ID)
			wantSame(t, "Room", got, err, r)
		}
	}},
	{"not found", func(t *testing.T, s Store) {
		must(t, s.AddRoom(t.Context(), Room(1), nil, nil))
		named := Direct(1, 2)
		named.Name = "direct"
		must(t, s.AddRoom(t.Context(), named, nil, nil))
		_, err := s.Room(t.Context(), "room2")
		wantError(t, "Room", err, workspace.ErrNotFound)
		for _, name := range []string{"general1", "room1", "direct", ""} {
			_, err = s.RoomByName(t.Context(), name)
			wantError(t, "RoomByName "+name, err, workspace.ErrNotFound)
		}
	}},
	{"found once added", func(t *testing.T, s Store) {
		_, err := s.Room(t.Context(), "room1")
		wantError(t, "Room", err, workspace.ErrNotFound)
		_, err = s.RoomByName(t.Context(), Room(1).Name)
		wantError(t, "RoomByName", err, workspace.ErrNotFound)
		must(t, s.AddRoom(t.Context(), Room(1), nil, nil))
		got, err := s.Room(t.Context(), "room1")
		wantSame(t, "Room", got, err, Room(1))
		got, err = s.RoomByName(t.Context(), Room(1).Name)
		wantSame(t, "RoomByName", got, err, Room(1))
	}},
	{"adds members", func(t *testing.T, s Store) {
		sub := Subscription("room1", "user1")
		must(t, s.AddRoom(t.Context(), Room(1), []workspace.Subscription{sub}, nil))
		got, err := s.Subscription(t.Context(), "room1", "user1")
		wantSame(t, "Subscription", got, err, sub)
	}},
	{"callers own what they get", func(t *testing.T, s Store) {
		must(t, s.AddRoom(t.Context(), Room(1), nil, nil))
		for range 2 {
			got, err := s.Room(t.Context(), "room1")
			wantSame(t, "Room", got, err, Room(1))
			got.Members[0].ID, got.Muted[0], got.CustomFields[0] = "changed", "changed", '?'
		}
	}},
	{"conflicts", testRoomConflicts},
	{"list", testRoomList},
	{"stats", testRoomStats},
	{"effects", func(t *testing.T, s Store) {
		must(t, s.AddRoom(t.Context(), Room(1), nil, Effects(1, 2, "integration1")))
		changed := Room(1)
		changed.Topic = "changed"
		must(t, s.SaveRoom(t.Context(), changed, Effects(3, 3, "integration1")))
		wantError(t, "AddRoom", s.AddRoom(t.Context(), Room(1), nil, Effects(4, 4, "integration1")), workspace.ErrConflict)
		wantError(t, "SaveRoom", s.SaveRoom(t.Context(), Room(2), Effects(5, 5, "integration1")), workspace.ErrNotFound)
		wantRows(t, s, planned(1, "integration1"), planned(2, "integration1"), planned(3, "integration1"))
		wantNoRows(t, s, "delivery4", "delivery5")
	}},
	{"change", testRoomChange},
	{"removal", testRoomRemoval},
}

func testRoomChange(t *testing.T, s Store) {
	for n := 1; n <= 2; n++ {
		must(t, s.AddRoom(t.Context(), Room(n), nil, nil))
	}
	changed := Room(1)
	changed.Name, changed.Type, changed.Archived, changed.Topic, changed.Muted = "renamed", workspace.Group, true, "", nil
	changed.UpdatedAt = At(50)
	must(t, s.SaveRoom(t.Context(), changed, nil))
	got, err := s.Room(t.Context(), "room1")
	wantSame(t, "Room", got, err, changed)
	got, err = s.RoomByName(t.Context(), "renamed")
	wantSame(t, "RoomByName", got, err, changed)
	_, err = s.RoomByName(t.Context(), Room(1).Name)
	wantError(t, "RoomByName of the old name", err, workspace.ErrNotFound)
	groups, _, err := s.Rooms(t.Context(), workspace.RoomFilter{Type: workspace.Group}, workspace.Page{})
	wantSame(t, "Rooms", groups, err, []workspace.Room{changed})

	changed.Name = Room(2).Name
	wantError(t, "SaveRoom with a name that is taken", s.SaveRoom(t.Context(), changed, nil), workspace.ErrConflict)
	got, err = s.Room(t.Context(), "room2")
	wantSame(t, "the other one", got, err, Room(2))
}

func testRoomRemoval(t *testing.T, s Store) {
	for n := 1; n <= 2; n++ {
		must(t, s.AddRoom(t.Context(), Room(n), []workspace.Subscription{Subscription(ID("room", n), "user1")}, nil))
		m := Message(n, ID("room", n))
		must(t, s.AddMessages(t.Context(), []workspace.Message{m}, nil))
		_, err := s.Subscription(t.Context(), ID("room", n), "user1")
		wantError(t, "Subscription", err, nil)
	}
	must(t, s.RemoveRoom(t.Context(), "room1"))
	wantError(t, "RemoveRoom again", s.RemoveRoom(t.Context(), "room1"), workspace.ErrNotFound)
	_, err := s.Room(t.Context(), "room1")
	wantError(t, "Room", err, workspace.ErrNotFound)
	_, err = s.RoomByName(t.Context(), Room(1).Name)
	wantError(t, "RoomByName", err, workspace.ErrNotFound)
	_, err = s.Subscription(t.Context(), "room1", "user1")
	wantError(t, "Subscription", err, workspace.ErrNotFound)
	_, err = s.Message(t.Context(), ID("message", 1))
	wantError(t, "Message", err, workspace.ErrNotFound)

	got, err := s.Room(t.Context(), "room2")
	wantSame(t, "the other one", got, err, Room(2))
	_, err = s.Subscription(t.Context(), "room2", "user1")
	wantError(t, "Subscription to the other one", err, nil)
	_, err = s.Message(t.Context(), ID("message", 2))
	wantError(t, "Message in the other one", err, nil)
}

func testRoomConflicts(t *testing.T, s Store) {
	must(t, s.AddRoom(t.Context(), Room(1), nil, nil))
	tests := []struct {
		name   string
		change func(r *workspace.Room)
		want   error
	}{
		{"id", func(r *workspace.Room) { r.ID = "room1" }, workspace.ErrConflict},
		{"name", func(r *workspace.Room) { r.Name = Room(1).Name }, workspace.ErrConflict},
		{"name of a group", func(r *workspace.Room) { r.Name, r.Type = Room(1).Name, workspace.Group }, workspace.ErrConflict},
		{"name in other case", func(r *workspace.Room) { r.ID, r.Name = "room3", "general1" }, nil},
		{"name of a direct room", func(r *workspace.Room) { r.ID, r.Name, r.Type = "room4", Room(1).Name, workspace.Direct }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Room(2)
			tt.change(&r)
			err := s.AddRoom(t.Context(), r, []workspace.Subscription{Subscription("room2", "user1")}, nil)
			wantError(t, "AddRoom", err, tt.want)
			if tt.want != nil {
				_, err = s.Subscription(t.Context(), "room2", "user1")
				wantError(t, "Subscription to what was not added", err, workspace.ErrNotFound)
			}
		})
	}
}

func testRoomList(t *testing.T, s Store) {
	add := func(n int, kind workspace.RoomType, name string, members ...string) {
		r := Room(n)
		r.Type, r.Name = kind, name
		var subs []workspace.Subscription
		for _, m := range members {
			subs = append(subs, Subscription(r.ID, m))
		}
		must(t, s.AddRoom(t.Context(), r, subs, nil))
	}
	add(3, workspace.Channel, "ops_100%", "user1")
	add(1, workspace.Channel, "Über-ops", "user2")
	add(2, workspace.Channel, "dev", "user1", "user2")
	add(4, workspace.Group, "secret-ops", "user1")
	add(5, workspace.Direct, "", "user1")
	tests := []struct {
		name   string
		filter workspace.RoomFilter
		page   workspace.Page
		want   []string
		total  int
	}{
		{"all", workspace.RoomFilter{}, workspace.Page{}, []string{"room3", "room1", "room2", "room4", "room5"}, 5},
		{"type", workspace.RoomFilter{Type: workspace.Channel}, workspace.Page{}, []string{"room3", "room1", "room2"}, 3},
		{"member", workspace.RoomFilter{Member: "user1"}, workspace.Page{}, []string{"room3", "room2", "room4", "room5"}, 4},
		{"member and type", workspace.RoomFilter{Member: "user1", Type: workspace.Group}, workspace.Page{}, []string{"room4"}, 1},
		{"text", workspace.RoomFilter{Text: "OPS"}, workspace.Page{}, []string{"room3", "room1", "room4"}, 3},
		{"text beyond ASCII", workspace.RoomFilter{Text: "üB"}, workspace.Page{}, []string{"room1"}, 1},
		{"text of wildcards", workspace.RoomFilter{Text: "s_1"}, workspace.Page{}, []string{"room3"}, 1},
		{"everything", workspace.RoomFilter{Type: workspace.Channel, Member: "user2", Text: "e"}, workspace.Page{}, []string{"room1", "room2"}, 2},
		{"nothing", workspace.RoomFilter{Member: "user9"}, workspace.Page{}, nil, 0},
		{"by name", workspace.RoomFilter{Type: workspace.Channel}, workspace.Page{Sort: ascending("name")}, []string{"room2", "room3", "room1"}, 3},
		{"by name, down", workspace.RoomFilter{Type: workspace.Channel}, workspace.Page{Sort: descending("name")}, []string{"room1", "room3", "room2"}, 3},
		{"by creation", workspace.RoomFilter{}, workspace.Page{Sort: descending("ts")}, []string{"room5", "room4", "room3", "room2", "room1"}, 5},
		{"by type and name", workspace.RoomFilter{}, workspace.Page{Sort: ascending("t", "name")}, []string{"room2", "room3", "room1", "room5", "room4"}, 5},
		{"page", workspace.RoomFilter{Type: workspace.Channel}, workspace.Page{Offset: 1, Count: 1}, []string{"room1"}, 3},
	}
	for _, tt := range tests {
		wantPage(t, tt.name, func() ([]workspace.Room, int, error) {
			return s.Rooms(t.Context(), tt.filter, tt.page)
		}, func(r workspace.Room) string { return r.ID }, tt.want, tt.total)
	}
}

func testRoomStats(t *testing.T, s Store) {
	got, err := s.RoomStats(t.Context(), "room1")
	wantSame(t, "RoomStats of an empty room", got, err, workspace.RoomStats{})
	guest := Subscription("room1", "user3")
	guest.Roles = []string{"leader"}
	must(t, s.AddRoom(t.Context(), Room(1), []workspace.Subscription{Subscription("room1", "user1"), Subscription("room1", "user2"), guest}, nil))
	must(t, s.Join(t.Context(), joins(Subscription("room2", "user1"))))
	for _, n := range []int{1, 3, 2} {
		said := Message(n, "room1")
		said.Kind = ""
		must(t, s.AddMessages(t.Context(), []workspace.Message{said}, nil))
	}
	must(t, s.AddMessages(t.Context(), []workspace.Message{Message(8, "room1"), Message(9, "room2")}, nil)) // notices
	got, err = s.RoomStats(t.Context(), "room1")
	wantSame(t, "RoomStats", got, err, workspace.RoomStats{Messages: 4, Members: 3, Owners: 2, Last: At(3)})
	must(t, s.RemoveMessage(t.Context(), "message3"))
	got, err = s.RoomStats(t.Context(), "room1")
	wantSame(t, "RoomStats after a removal", got, err, workspace.RoomStats{Messages: 3, Members: 3, Owners: 2, Last: At(2)})
}
