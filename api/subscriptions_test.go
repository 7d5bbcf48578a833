package api_test

import (
	"net/url"
	"strings"
	"testing"
)

func TestOwnRooms(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	since := s.get(bob, "/api/v1/rooms.info?roomId=GENERAL").is(200).text("room", "_updatedAt")
	ops := s.room("channel", "ops", "bob")
	s.room("channel", "other")
	secret := s.room("group", "secret", "bob")
	direct := s.post(bob, "/api/v1/im.create", doc{"username": "admin"}).is(200).text("room", "_id")
	ids := func(path, list string) (ids []any) {
		t.Helper()
		for _, row := range s.get(bob, path).is(200).at(list).([]any) {
			ids = append(ids, row.(doc)["_id"])
		}
		return ids
	}
	for _, tt := range []struct {
		path, list string
		want       []any
	}{
		{"/api/v1/channels.list.joined", "channels", []any{"GENERAL", ops}},
		{"/api/v1/groups.list", "groups", []any{secret}},
		{"/api/v1/im.list", "ims", []any{direct}},
		{"/api/v1/rooms.get", "update", []any{direct, "GENERAL", ops, secret}},
		{"/api/v1/rooms.get?updatedSince=" + since, "update", []any{direct, ops, secret}},
		{"/api/v1/rooms.get?updatedSince=2999-01-01", "update", nil},
	} {
		if d := differ(doc{"ids": ids(tt.path, tt.list)}, doc{"ids": tt.want}); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.path, d)
		}
	}
	s.get(bob, "/api/v1/rooms.get?updatedSince=yesterday").fails(400, `The "updatedSince" query parameter must be a valid date. [error-roomId-param-invalid]`, "error-roomId-param-invalid")

	subs := s.get(s.admin, "/api/v1/subscriptions.get").is(200).at("update").([]any)
	want := map[string]doc{
		"ops":    {"rid": ops, "t": "c", "fname": "ops", "roles": []any{"owner"}, "open": true, "unread": 0.0},
		"secret": {"rid": secret, "t": "p"},
		"bob":    {"rid": direct, "t": "d", "fname": "bob", "u": doc{"_id": s.admin.id, "username": "admin", "name": "Admin"}},
	}
	for _, sub := range subs {
		name := sub.(doc)["name"].(string)
		if want[name] == nil {
			continue
		}
		if d := differ(sub.(doc), want[name]); d != "" {
			t.Errorf("subscription %s (-want +got):\n%s", name, d)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("no subscription of %v", want)
	}

	if got := s.get(bob, "/api/v1/rooms.info?roomId="+direct).is(200).text("room", "t"); got != "d" {
		t.Errorf("type %s, want d", got)
	}
	s.get(s.user("eve", "user"), "/api/v1/rooms.info?roomId="+direct).fails(400, "Not allowed [error-not-allowed]", "error-not-allowed")
}

func TestRoomHistory(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob, eve := s.user("bob", "user"), s.user("eve", "user")
	var times []string
	for range 25 {
		times = append(times, s.say(s.admin, "@bob", "hi")["ts"].(string))
	}
	direct := s.get(bob, "/api/v1/im.list").is(200).text("ims", 0, "_id")
	count := func(query string) int {
		t.Helper()
		return len(s.get(bob, "/api/v1/im.history?roomId="+direct+query).is(200).at("messages").([]any))
	}
	if got := count(""); got != 20 {
		t.Errorf("%d messages, want 20", got)
	}
	all := count("&count=0&oldest=" + url.QueryEscape(times[0]) + "&inclusive=true&latest=" + url.QueryEscape(times[24]))
	if inner := count("&count=0&oldest=" + url.QueryEscape(times[0]) + "&latest=" + url.QueryEscape(times[24])); all != 25 || inner >= all {
		t.Errorf("%d messages with the bounds, %d between them, want 25 and fewer", all, inner)
	}
	for _, path := range []string{"history", "messages", "members"} {
		s.get(bob, "/api/v1/im."+path+"?username=admin").is(200)
		s.get(bob, "/api/v1/im."+path).fails(400, `Query param "roomId" or "username" is required [error-room-param-not-provided]`, "error-room-param-not-provided")
		s.get(eve, "/api/v1/im."+path+"?roomId="+direct).fails(400, `The required "roomId" or "roomName" param provided does not match any direct message [error-room-not-found]`, "error-room-not-found")
		s.get(bob, "/api/v1/im."+path+"?username=nobody").fails(400, noSuchUser+" [error-invalid-user]", "error-invalid-user")
	}
	s.get(bob, "/api/v1/im.history?roomId="+direct+"&oldest=soon").fails(400, `The "oldest" query parameter must be a valid date. [error-invalid-oldest]`, "error-invalid-oldest")
	s.get(bob, "/api/v1/channels.history?roomName=general").is(200)
	s.get(bob, "/api/v1/groups.history?roomName=general").fails(400, notAnyGroup+" [error-room-not-found]", "error-room-not-found")
}

func TestThreadsAndReactions(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob, eve := s.user("bob", "user"), s.user("eve", "user")
	room := s.room("group", "secret", "bob")
	first := s.post(s.admin, "/api/v1/chat.postMessage", doc{"roomId": room, "text": "first"}).is(200).text("message", "_id")
	for _, text := range []string{"a", "b"} {
		s.post(bob, "/api/v1/chat.postMessage", doc{"roomId": room, "text": text, "tmid": first}).is(200)
	}
	thread := s.get(bob, "/api/v1/chat.getThreadMessages?tmid="+first).is(200)
	if thread.at("total") != 2.0 || thread.text("messages", 0, "msg") != "a" || thread.text("messages", 1, "tmid") != first {
		t.Errorf("thread: %s", thread.body)
	}
	s.get(eve, "/api/v1/chat.getThreadMessages?tmid="+first).fails(400, "Not allowed [error-not-allowed]", "error-not-allowed")
	a := thread.text("messages", 0, "_id")
	nested := s.post(bob, "/api/v1/chat.postMessage", doc{"roomId": room, "text": "c", "tmid": a}).is(200)
	if nested.text("message", "tmid") != first {
		t.Errorf("a reply to a reply: %s", nested.body)
	}
	// A reply elsewhere belongs to no thread of this room: who may read the one need not be able to read the other.
	s.room("group", "board")
	elsewhere := s.post(s.admin, "/api/v1/chat.postMessage", doc{"channel": "#board", "text": "not for bob", "tmid": first}).is(200)
	if elsewhere.text("message", "tmid") != first {
		t.Errorf("a reply elsewhere: %s", elsewhere.body)
	}
	if thread := s.get(bob, "/api/v1/chat.getThreadMessages?tmid="+first).is(200); thread.at("total") != 3.0 || strings.Contains(thread.body, "not for bob") {
		t.Errorf("thread with a reply elsewhere: %s", thread.body)
	}
	s.post(bob, "/api/v1/chat.sendMessage", doc{"message": doc{"rid": room, "msg": "x", "tshow": true}}).fails(400, "tshow provided but missing tmid [invalid-params]", "invalid-params")
	s.get(bob, "/api/v1/chat.getThreadMessages?tmid=nothing").fails(400, `No message found with the id of "nothing".`, "")

	const path = "/api/v1/chat.react"
	reactions := func() any {
		t.Helper()
		m := s.get(bob, "/api/v1/chat.getMessage?msgId="+first).is(200).at("message").(doc)
		return m["reactions"]
	}
	want := func(want any) {
		t.Helper()
		if d := differ(doc{"reactions": reactions()}, doc{"reactions": want}); d != "" {
			t.Errorf("reactions (-want +got):\n%s", d)
		}
	}
	s.post(bob, path, doc{"messageId": first, "emoji": "tada"}).says(200, done)
	s.post(s.admin, path, doc{"messageId": first, "emoji": ":tada:", "shouldReact": true}).is(200)
	s.post(s.admin, path, doc{"messageId": first, "reaction": "+1", "shouldReact": false}).is(200)
	want(doc{":tada:": doc{"usernames": []any{"bob", "admin"}}})
	s.post(bob, path, doc{"messageId": first, "emoji": "tada"}).is(200)
	s.post(bob, path, doc{"messageId": first, "reaction": "+1"}).is(200)
	want(doc{":tada:": doc{"usernames": []any{"admin"}}, ":+1:": doc{"usernames": []any{"bob"}}})
	s.post(bob, path, doc{"messageId": first, "reaction": "+1", "shouldReact": false}).is(200)
	s.post(s.admin, path, doc{"messageId": first, "emoji": "tada", "shouldReact": false}).is(200)
	want(nil)
	s.post(eve, path, doc{"messageId": first, "emoji": "tada"}).fails(400, "Not allowed [error-not-allowed]", "error-not-allowed")
	s.post(bob, path, doc{"messageId": "nothing", "emoji": "tada"}).fails(400, `The provided "messageId" does not match any existing message. [error-message-not-found]`, "error-message-not-found")
	s.post(bob, path, doc{"messageId": first, "emoji": ""}).fails(400, `The required "emoji" param is missing. [error-emoji-param-not-provided]`, "error-emoji-param-not-provided")
}
