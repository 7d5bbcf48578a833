package api_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEvents holds what receivers get of each of the seven events, every member of it, and that the event is raised by what really
// happens. Ids and times are checked to be there and then blotted out.
func TestEvents(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	events := map[string]*receiver{}
	for _, event := range []string{"sendMessage", "fileUploaded", "roomCreated", "roomArchived", "roomJoined", "roomLeft", "userCreated"} {
		r := newReceiver(t)
		events[event] = r
		i := doc{"enabled": true, "event": event, "urls": []any{r.url}, "token": "t", "channel": "all_public_channels"}
		if event == "userCreated" {
			i["channel"], i["targetRoom"] = nil, "#general"
		}
		s.listener(r.url, i)
	}
	told := func(event string, want doc) {
		t.Helper()
		var got doc
		body := events[event].next().body
		checkEvent(t, event, body)
		must(t, json.Unmarshal([]byte(body), &got))
		blot(t, got, "timestamp", "ts", "createdAt", "_updatedAt", "_id", "channel_id", "user_id", "message_id", "rid", "lm", "title_link")
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", event, d)
		}
	}
	const some = "…"
	admin := doc{
		"_id": some, "createdAt": some, "username": "admin", "name": "Admin", "type": "user", "active": true, "roles": []any{"admin"}, "_updatedAt": some,
		"emails": s.get(s.admin, "/api/v1/me").is(200).at("emails"),
	}
	person := doc{
		"_id": some, "createdAt": some, "username": "bob", "name": "bob", "type": "user", "active": true, "roles": []any{"user"}, "_updatedAt": some,
		"emails": s.get(bob, "/api/v1/me").is(200).at("emails"),
	}
	creator := doc{"_id": some, "username": "admin", "name": "Admin"}
	room := func(users float64, change doc) doc {
		return changed(doc{
			"_id": some, "t": "c", "name": "deploys", "fname": "deploys", "u": creator, "msgs": 0.0, "usersCount": users, "ts": some, "ro": false,
			"sysMes": true, "_updatedAt": some,
		}, change)
	}
	event := func(who string, more doc) doc {
		return changed(doc{
			"token": "t", "bot": false, "channel_id": some, "channel_name": "deploys", "timestamp": some, "user_id": some, "user_name": who,
		}, more)
	}

	// The notices of who joined and left count as messages, but nobody wrote them: lm passes over them.
	noticed := func(n float64) doc { return doc{"msgs": n} }
	said := func(n float64) doc { return doc{"msgs": n, "lm": some} }

	id := s.room("channel", "deploys")
	told("roomCreated", event("admin", doc{"owner": admin, "room": room(1, nil)}))
	s.post(bob, "/api/v1/channels.join", doc{"roomId": id}).is(200)
	told("roomJoined", event("bob", doc{"user": person, "room": room(2, nil)}))
	s.post(bob, "/api/v1/channels.join", doc{"roomId": id}).is(200)
	s.post(bob, "/api/v1/channels.leave", doc{"roomId": id}).is(200)
	told("roomLeft", event("bob", doc{"user": person, "room": room(1, noticed(1))}))
	s.post(s.admin, "/api/v1/channels.invite", doc{"roomId": id, "username": "bob"}).is(200)
	told("roomJoined", event("bob", doc{"user": person, "room": room(2, noticed(2))}))
	s.post(s.admin, "/api/v1/channels.kick", doc{"roomId": id, "username": "bob"}).is(200)
	told("roomLeft", event("bob", doc{"user": person, "room": room(1, noticed(3))}))
	message := func(text string, more doc) doc {
		return event("admin", changed(doc{"message_id": some, "text": text}, more))
	}
	site := doc{"siteUrl": "http://localhost:3000/"}
	s.say(s.admin, "#deploys", "hi")
	told("sendMessage", message("hi", site))
	s.upload(s.admin, "rooms.upload/"+id, map[string]string{"msg": "here", "description": "it broke"}, formFile{"build.log", "text/plain", "abc"}).is(200)
	told("sendMessage", message("here", site))
	file := doc{"_id": some, "name": "build.log", "type": "text/plain", "size": 3.0, "format": ""}
	told("fileUploaded", message("here", doc{
		"user": admin, "room": room(1, said(6)),
		"message": doc{
			"_id": some, "rid": some, "msg": "here", "ts": some, "u": creator, "groupable": false, "parseUrls": true, "_updatedAt": some,
			"file": file, "files": []any{file},
			"attachments": []any{doc{
				"title": "build.log", "type": "file", "format": "log", "description": "it broke", "title_link": some, "title_link_download": true, "size": 3.0,
			}},
		},
	}))
	s.post(s.admin, "/api/v1/channels.archive", doc{"roomId": id}).is(200)
	told("roomArchived", event("admin", doc{"user": admin, "room": room(1, changed(said(6), doc{"archived": true}))}))
	s.room("group", "secret")
	told("roomCreated", event("admin", doc{"channel_name": "secret", "owner": admin, "room": room(1, doc{"t": "p", "name": "secret", "fname": "secret"})}))
	s.post(s.admin, "/api/v1/users.create", doc{"email": "eve@example.com", "name": "Eve", "password": "secret", "username": "eve", "roles": []any{"bot"}}).is(200)
	told("userCreated", doc{
		"token": "t", "bot": false, "timestamp": some, "user_id": some, "user_name": "eve",
		"user": changed(person, doc{"username": "eve", "name": "Eve", "roles": []any{"bot"}, "emails": []any{doc{"address": "eve@example.com", "verified": false}}}),
	})
	for _, r := range events {
		r.quiet()
	}
}

// checkEvent holds what a receiver gets against openapi.yaml's webhook of that name.
func checkEvent(t *testing.T, event, body string) {
	t.Helper()
	described := description(t).document.Webhooks[event].Post.RequestBody.Value.Content
	if err := checkContent(described, "application/json", []byte(body)); err != nil {
		t.Errorf("%s is sent otherwise than openapi.yaml says: %v\n%s", event, err, body)
	}
}

// blot replaces members at any depth which have to be there and differ from run to run.
func blot(t *testing.T, value any, names ...string) {
	t.Helper()
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			blot(t, item, names...)
		}
	case doc:
		for _, name := range names {
			if text, ok := v[name].(string); ok && text != "" {
				v[name] = "…"
			}
		}
		for _, item := range v {
			blot(t, item, names...)
		}
	}
}
