package mongo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

// TestMoreThanOneCommandNames asks for the members of a large room, and for the rooms of somebody who
// is in many: no command names them all, and pages are as those of a small list.
func TestMoreThanOneCommandNames(t *testing.T) {
	var r recorder
	s := openAt(t, newDatabase(t), r.set)
	const many = 2*mostNamed + 50
	var users, rooms, members, joined []any
	for n := range many {
		u := storetest.User(n)
		u.Username, u.Email = fmt.Sprintf("u%d", (n*7919)%many), ""
		users = append(users, insertion(encodeUser(u), s.seq(u.CreatedAt)))
		members = append(members, insertion(encodeSubscription(storetest.Subscription("large", u.ID))))
		room := workspace.Room{ID: storetest.ID("place", n), Type: workspace.Channel, Name: fmt.Sprintf("r%d", (n*7919)%many), CreatedAt: storetest.At(n % 10)}
		rooms = append(rooms, insertion(encodeRoom(room), s.seq(room.CreatedAt)))
		joined = append(joined, insertion(encodeSubscription(storetest.Subscription(room.ID, "busy"))))
	}
	for collection, docs := range map[string][]any{usersName: users, roomsName: rooms, subscriptionsName: append(members, joined...)} {
		if _, err := s.in(collection).InsertMany(t.Context(), docs, options.InsertMany().SetOrdered(false)); err != nil {
			t.Fatal(err)
		}
	}
	r.take()
	names := make([]string, many)
	for n := range names {
		names[n] = fmt.Sprintf("u%d", n)
	}
	slices.Sort(names)
	down := slices.Clone(names)
	slices.Reverse(down)
	twelve := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.HasPrefix(name, "u12") })
	for _, tt := range []struct {
		name, filter string
		page         workspace.Page
		all          []string
	}{
		{"all", "", workspace.Page{}, names},
		{"page", "", workspace.Page{Offset: 1500, Count: 20}, names},
		{"last page", "", workspace.Page{Offset: many - 3, Count: 20}, names},
		{"beyond", "", workspace.Page{Offset: many + 1, Count: 20}, names},
		{"down", "", workspace.Page{Offset: 3, Count: 5, Sort: []workspace.Order{{Field: "username", Descending: true}}}, down},
		{"by text", "U12", workspace.Page{Count: 4}, twelve},
	} {
		got, total, err := s.Members(t.Context(), "large", tt.filter, tt.page)
		if err != nil || total != len(tt.all) {
			t.Errorf("%s: %d of %d members, %v; want %d", tt.name, len(got), total, err, len(tt.all))
		}
		want := pageOf(tt.all, tt.page)
		if texts := convert(got, func(u workspace.User) string { return u.Username }); !slices.Equal(texts, want) {
			t.Errorf("%s: members %v, want %v", tt.name, texts, want)
		}
	}
	found, total, err := s.Rooms(t.Context(), workspace.RoomFilter{Member: "busy", Type: workspace.Channel}, workspace.Page{Sort: []workspace.Order{{Field: "ts", Descending: true}, {Field: "name"}}})
	ordered := slices.IsSortedFunc(found, func(a, b workspace.Room) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.Name, b.Name))
	})
	if err != nil || total != many || len(found) != many || !ordered {
		t.Errorf("%d of %d rooms, in order: %v, %v; want %d in order", len(found), total, ordered, err, many)
	}
	for _, sent := range r.take() {
		if len(sent) > mostNamed*64 {
			t.Errorf("a command of %d bytes was sent", len(sent))
		}
	}
}
