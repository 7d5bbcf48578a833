package api_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestNotices does what rooms are told of, and reads what was told.
func TestNotices(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	id := s.room("channel", "ops")
	steps := []struct {
		as   account
		call string
		in   doc
		want string // kind, who did it, text
	}{
		{bob, "channels.join", doc{}, "uj bob bob"},
		{bob, "channels.join", doc{}, ""},
		{bob, "channels.leave", doc{}, "ul bob bob"},
		{s.admin, "channels.invite", doc{"userId": bob.id}, "au admin bob"},
		{s.admin, "channels.invite", doc{"userId": bob.id}, ""},
		{s.admin, "channels.kick", doc{"userId": bob.id}, "ru admin bob"},
		{bob, "chat.postMessage", doc{"channel": "#ops", "text": "hi"}, "uj bob bob"},
		{s.admin, "channels.setTopic", doc{"topic": "on call"}, "room_changed_topic admin on call"},
		{s.admin, "channels.setTopic", doc{"topic": "on call"}, ""},
		{s.admin, "channels.setDescription", doc{"description": "<b>"}, "room_changed_description admin <b>"},
		{s.admin, "channels.rename", doc{"name": "operations"}, "r admin operations"},
		{s.admin, "channels.setReadOnly", doc{"readOnly": true}, "room-set-read-only admin "},
		{s.admin, "channels.setReadOnly", doc{"readOnly": false}, "room-removed-read-only admin "},
		{s.admin, "channels.archive", doc{}, "room-archived admin "},
		{s.admin, "channels.unarchive", doc{}, "room-unarchived admin "},
		{s.admin, "channels.setType", doc{"type": "p"}, "room_changed_privacy admin Private Group"},
		{s.admin, "groups.setType", doc{"type": "c"}, "room_changed_privacy admin Channel"},
	}
	var want []string
	for _, step := range steps {
		in := step.in
		if !strings.HasPrefix(step.call, "chat.") {
			in = changed(doc{"roomId": id}, step.in)
		}
		s.post(step.as, "/api/v1/"+step.call, in).is(200)
		if step.want != "" {
			want = append(want, step.want)
		}
		if got := s.notices(id); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("after %s %v the notices are\n%s\nwant\n%s", step.call, step.in, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	m := s.get(s.admin, "/api/v1/channels.history?count=1&roomId="+id).is(200).at("messages", 0).(doc)
	if d := differ(m, doc{"t": "room_changed_privacy", "msg": "Channel", "groupable": false, "u": doc{"_id": s.admin.id, "username": "admin", "name": "Admin"}}); d != "" {
		t.Errorf("a notice in the room's history (-want +got):\n%s", d)
	}
}

// TestNoticesOfTheServerItself reads what a new user and a team's new channel lead to.
func TestNoticesOfTheServerItself(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.post(s.admin, "/api/v1/users.create", doc{"email": "eve@example.com", "name": "Eve", "password": "secret", "username": "eve"}).is(200)
	if got := strings.Join(s.notices("GENERAL"), "\n"); got != "uj eve eve" {
		t.Errorf("#general tells %q of a new user", got)
	}
	team := s.post(s.admin, "/api/v1/teams.create", doc{"name": "crew", "type": 0}).is(200)
	main := team.text("team", "roomId")
	s.post(s.admin, "/api/v1/channels.create", doc{"name": "deck", "extraData": doc{"teamId": team.text("team", "_id")}}).is(200)
	s.post(s.admin, "/api/v1/groups.create", doc{"name": "hold", "extraData": doc{"teamId": team.text("team", "_id")}}).is(200)
	s.post(s.admin, "/api/v1/channels.invite", doc{"roomId": main, "username": "eve"}).is(200)
	s.post(s.admin, "/api/v1/channels.kick", doc{"roomId": main, "username": "eve"}).is(200)
	want := "user-added-room-to-team admin deck\nadded-user-to-team admin eve\nremoved-user-from-team admin eve"
	if got := strings.Join(s.notices(main), "\n"); got != want {
		t.Errorf("the team is told\n%s\nwant\n%s", got, want)
	}
}

// TestNoticesAreNoEvents lets an integration listen to every message while notices are written.
func TestNoticesAreNoEvents(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	id := s.room("channel", "ops")
	out := s.listener("http://127.0.0.1:1/", doc{"channel": "#ops", "retryFailedCalls": false})
	s.post(bob, "/api/v1/channels.join", doc{"roomId": id}).is(200)
	s.post(s.admin, "/api/v1/channels.setTopic", doc{"roomId": id, "topic": "on call"}).is(200)
	s.say(s.admin, "#ops", "hi")
	s.attempted(out, 1)
	if got := s.history(out); len(got) != 1 {
		t.Errorf("%d deliveries of two notices and a message, want one", len(got))
	}
}

// notices are those of a room, the oldest first: kind, who did it, text.
func (s *server) notices(roomID string) []string {
	s.t.Helper()
	var told []string
	list := s.get(s.admin, "/api/v1/rooms.info?roomId="+roomID).is(200)
	family := map[string]string{"c": "channels", "p": "groups"}[list.text("room", "t")]
	for _, row := range s.get(s.admin, "/api/v1/"+family+".messages?count=0&sort=%7B%22ts%22:1%7D&roomId="+roomID).is(200).at("messages").([]any) {
		if m := row.(doc); m["t"] != nil {
			told = append(told, fmt.Sprintf("%s %s %s", m["t"], m["u"].(doc)["username"], m["msg"]))
		}
	}
	return told
}
