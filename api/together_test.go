package api_test

import (
	"fmt"
	"sync"
	"testing"
)

// TestChangesAtOnce changes different things about one room and about one message at the same time. None
// of them may be lost.
func TestChangesAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := s.room("channel", "ops")
	for n := range 10 {
		text := fmt.Sprint("round ", n)
		m := s.say(s.admin, "#ops", "hi")["_id"].(string)
		s.atOnce([]call{
			{s.admin, "channels.setTopic", doc{"roomId": id, "topic": text}},
			{s.admin, "channels.setDescription", doc{"roomId": id, "description": text}},
			{s.admin, "channels.setReadOnly", doc{"roomId": id, "readOnly": n%2 == 0}},
			{s.admin, "chat.update", doc{"roomId": id, "msgId": m, "text": text}},
			{s.admin, "chat.react", doc{"messageId": m, "emoji": ":tada:", "shouldReact": true}},
		})
		room := s.get(s.admin, "/api/v1/channels.info?roomId="+id).is(200).at("channel").(doc)
		if d := differ(room, doc{"topic": text, "description": text, "ro": n%2 == 0}); d != "" {
			t.Fatalf("round %d: the room (-want +got):\n%s", n, d)
		}
		got := s.get(s.admin, "/api/v1/chat.getMessage?msgId="+m).is(200).at("message").(doc)
		if d := differ(got, doc{"msg": text, "reactions": doc{":tada:": doc{"usernames": []any{"admin"}}}}); d != "" {
			t.Fatalf("round %d: the message (-want +got):\n%s", n, d)
		}
	}
}

// TestOneOwnerStays lets both owners of a room leave at the same time.
func TestOneOwnerStays(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	for n := range 10 {
		id := s.room("channel", fmt.Sprint("ops", n), "bob")
		s.post(s.admin, "/api/v1/roles.addUserToRole", doc{"username": "bob", "roleName": "owner", "roomId": id}).is(200)
		leave := doc{"roomId": id}
		s.atOnce([]call{{s.admin, "channels.leave", leave}, {bob, "channels.leave", leave}})
		if members := s.get(s.admin, "/api/v1/channels.members?roomId="+id).is(200); members.at("total") != 1.0 {
			t.Fatalf("round %d: %s", n, members.body)
		}
	}
}

// call is a POST of a document.
type call struct {
	as   account
	path string
	in   doc
}

// atOnce makes calls at the same time, whatever they are answered.
func (s *server) atOnce(calls []call) {
	s.t.Helper()
	var done sync.WaitGroup
	for _, c := range calls {
		done.Go(func() { s.post(c.as, "/api/v1/"+c.path, c.in) })
	}
	done.Wait()
}
