package api_test

import (
	"strings"
	"testing"
)

func TestChangeRoom(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	for _, family := range []struct{ path, name string }{{"channels", "channel"}, {"groups", "group"}} {
		t.Run(family.path, func(t *testing.T) {
			s := s.in(t)
			room := s.room(family.name, "a-"+family.name, "bob")
			post := func(as account, method string, members doc) answer {
				t.Helper()
				return s.post(as, "/api/v1/"+family.path+"."+method, changed(doc{"roomId": room}, members))
			}
			info := func(member string) any {
				t.Helper()
				return s.get(s.admin, "/api/v1/"+family.path+".info?roomId="+room).is(200).at(family.name, member)
			}

			for _, change := range []struct {
				method string
				sent   doc
			}{
				{"rename", doc{"name": "other"}},
				{"setTopic", doc{"topic": "x"}},
				{"setDescription", doc{"description": "x"}},
				{"setReadOnly", doc{"readOnly": true}},
				{"setType", doc{"type": "p"}},
				{"archive", nil},
				{"unarchive", nil},
				{"delete", nil},
				{"kick", doc{"username": "admin"}},
			} {
				post(bob, change.method, change.sent).fails(400, "Not allowed [error-not-allowed]", "error-not-allowed")
				for member := range change.sent {
					if member != "username" {
						post(s.admin, change.method, nil).fails(400, lines(missing(member), missing("roomName"), oneOf)+" [invalid-params]", "invalid-params")
					}
				}
			}

			post(s.admin, "setTopic", doc{"topic": "Version 9"}).says(200, `{"topic":"Version 9","success":true}`)
			post(s.admin, "setDescription", doc{"description": "What went live"}).says(200, `{"description":"What went live","success":true}`)
			if info("topic") != "Version 9" || info("description") != "What went live" {
				t.Errorf("topic %v, description %v", info("topic"), info("description"))
			}

			renamed := post(s.admin, "rename", doc{"name": "b-" + family.name}).is(200)
			if renamed.at(family.name, "name") != "b-"+family.name || info("name") != "b-"+family.name || info("fname") != "b-"+family.name {
				t.Errorf("renamed: %s", renamed.body)
			}
			post(s.admin, "rename", doc{"name": "b-" + family.name}).fails(400, "The "+family.name+" name is the same as what it would be renamed to.", "")
			post(s.admin, "rename", doc{"name": "two words"}).fails(400, "two words is not a valid name: use digits, letters, dots, dashes and underscores [error-input-is-not-a-valid-field]", "error-input-is-not-a-valid-field")
			post(s.admin, "rename", doc{"name": "general"}).fails(400, "A channel with name 'general' exists [error-duplicate-channel-name]", "error-duplicate-channel-name")

			post(s.admin, "setReadOnly", doc{"readOnly": true}).is(200)
			post(s.admin, "setReadOnly", doc{"readOnly": true}).fails(400, "The "+family.name+" read only setting is the same as what it would be changed to.", "")
			s.post(bob, "/api/v1/chat.postMessage", doc{"roomId": room, "text": "hi"}).fails(400, "You can't send messages because the room is readonly.", "")
			post(s.admin, "setReadOnly", doc{"readOnly": false}).is(200)

			post(s.admin, "archive", nil).says(200, done)
			archived := "The " + family.name + ", b-" + family.name + ", is archived [error-room-archived]"
			for _, method := range []string{"archive", "leave", "invite", "kick", "setTopic"} {
				post(s.admin, method, doc{"topic": "x", "username": "bob"}).fails(400, archived, "error-room-archived")
			}
			s.post(bob, "/api/v1/chat.postMessage", doc{"roomId": room, "text": "hi"}).fails(400, "room_is_archived", "")
			if family.name == "channel" { // to post in one is to join it
				s.post(s.user("eve", "user"), "/api/v1/chat.postMessage", doc{"roomId": room, "text": "hi"}).fails(400, "room_is_archived", "")
				s.get(s.admin, "/api/v1/channels.members?filter=eve&roomId="+room).says(200, `{"members":[],"count":0,"offset":0,"total":0,"success":true}`)
			}
			post(s.admin, "unarchive", nil).says(200, done)
			post(s.admin, "unarchive", nil).fails(400, "The "+family.name+", b-"+family.name+", is not archived", "")

			post(s.admin, "leave", nil).fails(400, "You are the last owner. Please set new owner before leaving the room. [error-you-are-last-owner]", "error-you-are-last-owner")
			if left := post(bob, "leave", nil).is(200).at(family.name, "usersCount"); left != 1.0 {
				t.Errorf("%v members are left, want 1", left)
			}
			post(s.admin, "kick", doc{"username": "bob"}).fails(400, "User is not in this room [error-user-not-in-room]", "error-user-not-in-room")
			post(s.admin, "invite", doc{"username": "bob"}).is(200)
			if left := post(s.admin, "kick", doc{"userId": bob.id}).is(200).at(family.name, "usersCount"); left != 1.0 {
				t.Errorf("%v members are left, want 1", left)
			}

			post(s.admin, "delete", nil).says(200, done)
			if got := s.get(s.admin, "/api/v1/"+family.path+".info?roomId="+room).is(400).text("errorType"); got != "error-room-not-found" {
				t.Errorf("the deleted %s: %s", family.name, got)
			}
		})
	}
	t.Run("integrations follow a new name", func(t *testing.T) {
		s := s.in(t)
		room := s.room("channel", "before")
		s.room("channel", "before-that")
		in := s.made(s.admin, newIncoming(doc{"channel": "#general,#before"}))
		out := s.made(s.admin, newOutgoing(doc{"channel": "#before-that"}))
		s.post(s.admin, "/api/v1/channels.rename", doc{"roomId": room, "name": "after"}).is(200)
		if d := differ(doc{"channel": s.stored(in["_id"].(string))["channel"]}, doc{"channel": []any{"#general", "#after"}}); d != "" {
			t.Errorf("the integration of the renamed room (-want +got):\n%s", d)
		}
		if d := differ(doc{"channel": s.stored(out["_id"].(string))["channel"]}, doc{"channel": []any{"#before-that"}}); d != "" {
			t.Errorf("the integration of another room (-want +got):\n%s", d)
		}
	})
	t.Run("type", func(t *testing.T) {
		s := s.in(t)
		room := s.room("channel", "turns", "bob")
		s.post(s.admin, "/api/v1/channels.setType", doc{"roomId": room, "type": "c"}).fails(400, "The channel type is the same as what it would be changed to.", "")
		if got := s.post(s.admin, "/api/v1/channels.setType", doc{"roomId": room, "type": "p"}).is(200).text("channel", "t"); got != "p" {
			t.Errorf("type %s, want p", got)
		}
		if got := s.get(bob, "/api/v1/groups.list").is(200).at("groups", 0, "_id"); got != room {
			t.Errorf("bob's group is %v, want %s", got, room)
		}
		wrong := s.post(s.admin, "/api/v1/groups.setType", doc{"roomId": room, "type": "d"}).is(400).text("error")
		if !strings.Contains(wrong, "must be equal to one of the allowed values") {
			t.Errorf("a type that is none: %s", wrong)
		}
		s.post(s.admin, "/api/v1/groups.setType", doc{"roomId": room, "type": "c"}).is(200)
	})
}
