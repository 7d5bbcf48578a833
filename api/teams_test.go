package api_test

import (
	"testing"
)

func TestTeams(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob, eve := s.user("bob", "user"), s.user("eve", "user")
	const create = "/api/v1/teams.create"
	public := s.post(s.admin, create, doc{"name": "web", "type": 0, "members": []any{bob.id, "bob", "nobody"}, "room": doc{"readOnly": true, "topic": "the web"}}).is(200).at("team").(doc)
	private := s.post(bob, create, doc{"name": "ops", "type": 1}).is(200).at("team").(doc)
	if d := differ(public, doc{"name": "web", "type": 0.0, "createdBy": doc{"_id": s.admin.id, "username": "admin"}, "rooms": nil, "numberOfUsers": nil}); d != "" {
		t.Errorf("team (-want +got):\n%s", d)
	}
	main := s.get(s.admin, "/api/v1/rooms.info?roomId="+public["roomId"].(string)).is(200).at("room").(doc)
	if d := differ(main, doc{"name": "web", "t": "c", "teamId": public["_id"], "teamMain": true, "ro": true, "topic": "the web", "usersCount": 2.0}); d != "" {
		t.Errorf("main room (-want +got):\n%s", d)
	}
	if kind := s.get(bob, "/api/v1/rooms.info?roomName=ops").is(200).text("room", "t"); kind != "p" {
		t.Errorf("a private team's main room has the type %s", kind)
	}

	t.Run("refusals", func(t *testing.T) {
		s := s.in(t)
		s.post(account{}, create, doc{"name": "x", "type": 0}).is(401)
		s.post(s.user("guest", "guest"), create, doc{"name": "x", "type": 0}).fails(403, "unauthorized", "")
		s.post(eve, create, doc{"name": "web", "type": 1}).fails(400, "team-name-already-exists", "")
		s.post(eve, create, doc{"name": "general", "type": 0}).fails(400, "room-name-already-exists", "")
		s.post(eve, create, doc{"name": "a b", "type": 0}).fails(400, "a b is not a valid name: use digits, letters, dots, dashes and underscores [error-input-is-not-a-valid-field]", "error-input-is-not-a-valid-field")
		s.post(eve, create, doc{"name": "x", "type": 0, "owner": "nobody"}).fails(400, "There is no user with the username nobody [error-invalid-user]", "error-invalid-user")
		s.post(eve, create, doc{"name": "x", "type": 0, "room": doc{"id": "GENERAL"}}).fails(400, "A team's main room is made along with it: leave out room.id [error-action-not-allowed]", "error-action-not-allowed")
		s.post(eve, create, doc{"name": "x"}).fails(400, missing("type")+" [invalid-params]", "invalid-params")
		s.post(eve, create, doc{"name": "x", "type": 2}).is(400)
	})
	t.Run("owner", func(t *testing.T) {
		s := s.in(t)
		team := s.post(s.admin, create, doc{"name": "hers", "type": 1, "owner": eve.id}).is(200).at("team").(doc)
		members := s.get(eve, "/api/v1/teams.members?teamId="+team["_id"].(string)).is(200)
		if members.at("total") != 1.0 || members.text("members", 0, "user", "username") != "eve" || members.text("members", 0, "roles", 0) != "owner" {
			t.Errorf("members: %s", members.body)
		}
	})
	t.Run("info", func(t *testing.T) {
		s := s.in(t)
		id := private["_id"].(string)
		for _, query := range []string{"?teamId=" + id, "?teamName=ops"} {
			if d := differ(s.get(bob, "/api/v1/teams.info"+query).is(200).at("teamInfo").(doc), changed(private, doc{"rooms": 1.0, "numberOfUsers": 1.0})); d != "" {
				t.Errorf("team (-want +got):\n%s", d)
			}
			s.get(s.admin, "/api/v1/teams.info"+query).is(200) // view-all-teams
			s.get(eve, "/api/v1/teams.info"+query).fails(403, "unauthorized", "")
		}
		s.get(eve, "/api/v1/teams.info?teamName=web").is(200)
		for _, query := range []string{"?teamId=nothing", "?teamName=general", "?teamName=nothing"} {
			s.get(s.admin, "/api/v1/teams.info"+query).fails(400, "Team not found", "")
		}
		s.get(s.admin, "/api/v1/teams.info").is(400)
	})
	t.Run("members", func(t *testing.T) {
		s := s.in(t)
		const path = "/api/v1/teams.members?teamName=web"
		members := s.get(bob, path).is(200)
		if members.at("total") != 2.0 || members.text("members", 0, "user", "_id") != s.admin.id || members.text("members", 1, "user", "_id") != bob.id {
			t.Errorf("members: %s", members.body)
		}
		if roles := members.at("members", 1, "roles").([]any); len(roles) > 0 {
			t.Errorf("bob has the roles %v", roles)
		}
		if got := s.get(bob, path+"&username=BO").is(200).at("total"); got != 1.0 {
			t.Errorf("a filter leaves %v members", got)
		}
		if got := s.get(bob, path+"&count=1&offset=1").is(200); got.at("count") != 1.0 || got.at("offset") != 1.0 || got.at("total") != 2.0 {
			t.Errorf("a page: %s", got.body)
		}
		if got := s.get(eve, path).is(200).at("total"); got != 0.0 {
			t.Errorf("who is not in the team sees %v members", got)
		}
		s.get(eve, "/api/v1/teams.members?teamId=nothing").fails(400, "team-does-not-exist", "")
		s.post(eve, "/api/v1/channels.join", doc{"roomName": "web"}).is(200)
		if got := s.get(eve, path).is(200).at("total"); got != 3.0 {
			t.Errorf("%v members after one has joined, want 3", got)
		}
		s.post(eve, "/api/v1/channels.leave", doc{"roomName": "web"}).is(200)
	})
	t.Run("list", func(t *testing.T) {
		s := s.in(t)
		names := func(as account, path string) (names []any) {
			t.Helper()
			for _, team := range s.get(as, path).is(200).at("teams").([]any) {
				names = append(names, team.(doc)["name"])
			}
			return names
		}
		for _, tt := range []struct {
			as   account
			path string
			want []any
		}{
			{bob, "/api/v1/teams.list", []any{"web", "ops"}},
			{bob, `/api/v1/teams.list?sort={"name":1}`, []any{"ops", "web"}},
			{bob, "/api/v1/teams.list?count=1&offset=1", []any{"ops"}},
			{eve, "/api/v1/teams.list", []any{"hers"}},
			{s.admin, "/api/v1/teams.listAll", []any{"web", "ops", "hers"}},
		} {
			if d := differ(doc{"names": names(tt.as, tt.path)}, doc{"names": tt.want}); d != "" {
				t.Errorf("%s (-want +got):\n%s", tt.path, d)
			}
		}
		s.get(bob, "/api/v1/teams.listAll").fails(403, "unauthorized", "")
	})
	t.Run("name follows", func(t *testing.T) {
		s := s.in(t)
		s.post(bob, "/api/v1/groups.rename", doc{"roomName": "ops", "name": "platform"}).is(200)
		s.get(bob, "/api/v1/teams.info?teamName=platform").is(200)
		s.get(bob, "/api/v1/teams.info?teamName=ops").fails(400, "Team not found", "")
	})
}

func TestTeamRooms(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob, eve := s.user("bob", "user"), s.user("eve", "user")
	team := s.post(bob, "/api/v1/teams.create", doc{"name": "ops", "type": 1, "members": []any{eve.id}}).is(200).at("team").(doc)
	id := team["_id"].(string)
	room := func(as account, family, name string) answer {
		t.Helper()
		return s.post(as, "/api/v1/"+family+"s.create", doc{"name": name, "extraData": doc{"teamId": id}})
	}
	kept := room(bob, "channel", "kept").is(200).text("channel", "_id")
	removed := room(bob, "group", "removed").is(200).text("group", "_id")
	room(eve, "channel", "other").fails(403, "unauthorized", "") // is no owner there
	s.post(bob, "/api/v1/channels.create", doc{"name": "x", "extraData": doc{"teamId": "nothing"}}).fails(400, "team-does-not-exist", "")
	if got := s.get(bob, "/api/v1/rooms.info?roomId="+kept).is(200).at("room").(doc); got["teamId"] != id || got["teamMain"] != nil {
		t.Errorf("a room of the team: %v", got)
	}
	if got := s.get(bob, "/api/v1/teams.info?teamId="+id).is(200).at("teamInfo", "rooms"); got != 3.0 {
		t.Errorf("%v rooms, want 3", got)
	}
	s.post(bob, "/api/v1/groups.delete", doc{"roomName": "ops"}).fails(400, "Cannot delete a team channel [error-cannot-delete-team-channel]", "error-cannot-delete-team-channel")

	const path = "/api/v1/teams.delete"
	s.post(eve, path, doc{"teamId": id}).fails(403, "unauthorized", "")
	s.post(bob, path, doc{"teamName": "nothing"}).fails(400, "team-does-not-exist", "")
	s.post(bob, path, doc{}).is(400)
	s.post(bob, path, doc{"teamName": "ops", "roomsToRemove": []any{removed, "GENERAL"}}).says(200, done)
	s.get(bob, "/api/v1/teams.info?teamId="+id).fails(400, "Team not found", "")
	s.get(s.admin, "/api/v1/rooms.info?roomId=GENERAL").is(200)
	for _, gone := range []string{removed, team["roomId"].(string)} {
		s.get(bob, "/api/v1/rooms.info?roomId="+gone).fails(400, `The required "roomId" or "roomName" param provided does not match any room [error-room-not-found]`, "error-room-not-found")
	}
	if got := s.get(bob, "/api/v1/rooms.info?roomId="+kept).is(200).at("room").(doc); got["teamId"] != nil {
		t.Errorf("a room that stayed is still of the team: %v", got)
	}
	s.post(s.admin, "/api/v1/teams.create", doc{"name": "ops", "type": 0}).is(200)
}
