package api_test

import (
	"strings"
	"testing"
)

// TestListsStandByName reads lists without a word about their order.
func TestListsStandByName(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, name := range []string{"zebra", "ant"} {
		s.user(name, "user")
		s.room("channel", name)
		s.room("group", "p-"+name)
	}
	for _, tt := range []struct{ path, list, member, want string }{
		{"channels.list", "channels", "name", "ant general zebra"},
		{"channels.list.joined", "channels", "name", "ant general zebra"},
		{"channels.list?count=1&offset=2", "channels", "name", "zebra"},
		{"groups.list", "groups", "name", "p-ant p-zebra"},
		{"users.list", "users", "username", "admin ant rocket.cat zebra"},
		{"channels.list?sort=%7B%22name%22:-1%7D", "channels", "name", "zebra general ant"},
	} {
		var got []string
		for _, row := range s.get(s.admin, "/api/v1/"+tt.path).is(200).at(tt.list).([]any) {
			got = append(got, row.(doc)[tt.member].(string))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s lists %q, want %q", tt.path, got, tt.want)
		}
	}
}

// TestDirectsByTheirOtherName calls the endpoints for direct rooms as many clients do.
func TestDirectsByTheirOtherName(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.post(s.admin, "/api/v1/dm.create", doc{"username": "rocket.cat"}).is(200).text("room", "_id")
	s.post(s.admin, "/api/v1/chat.postMessage", doc{"roomId": id, "text": "meow"}).is(200)
	for _, tt := range []struct{ path, list, member, want string }{
		{"dm.list", "ims", "_id", id},
		{"dm.messages?roomId=" + id, "messages", "msg", "meow"},
		{"dm.history?roomId=" + id, "messages", "msg", "meow"},
		{"dm.members?username=rocket.cat", "members", "username", "admin"},
	} {
		if got := s.get(s.admin, "/api/v1/"+tt.path).is(200).text(tt.list, 0, tt.member); got != tt.want {
			t.Errorf("%s: %s is %q, want %q", tt.path, tt.member, got, tt.want)
		}
	}
}
