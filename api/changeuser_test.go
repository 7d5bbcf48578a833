package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

const (
	updateUserPath = "/api/v1/users.update"
	statusPath     = "/api/v1/users.setActiveStatus"
	deleteUserPath = "/api/v1/users.delete"
)

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	s := start(t)
	ada, bob := s.user("ada", "user"), s.user("bob", "user")
	change := func(as account, id string, data doc) answer {
		t.Helper()
		return s.post(as, updateUserPath, doc{"userId": id, "data": data})
	}
	t.Run("everything", func(t *testing.T) {
		s := s.in(t)
		changed := change(s.admin, ada.id, doc{
			"username": "ada.king", "name": "Ada King", "email": "king@example.com", "verified": true, "bio": "b", "nickname": "n",
			"statusText": "s", "roles": []any{"user", "bot"}, "requirePasswordChange": true, "customFields": doc{"team": "x"},
		}).is(200).at("user").(doc)
		want := doc{
			"_id": ada.id, "username": "ada.king", "name": "Ada King", "emails": []any{doc{"address": "king@example.com", "verified": true}},
			"bio": "b", "nickname": "n", "statusText": "s", "roles": []any{"user", "bot"}, "requirePasswordChange": true, "active": true,
			"customFields": doc{"team": "x"},
		}
		if d := differ(changed, want); d != "" {
			t.Errorf("changed user (-want +got):\n%s", d)
		}
		if d := differ(s.get(s.admin, "/api/v1/users.info?username=ada.king").is(200).at("user").(doc), want); d != "" {
			t.Errorf("users.info (-want +got):\n%s", d)
		}
		s.get(ada, "/api/v1/me").is(200)
	})
	t.Run("refused", func(t *testing.T) {
		s := s.in(t)
		const lacks = "Editing user is not allowed: this needs the permission "
		change(bob, bob.id, doc{"name": "x"}).fails(400, lacks+"edit-other-user-info [error-action-not-allowed]", "error-action-not-allowed")
		s.grant("assign-roles", "owner")
		change(s.admin, bob.id, doc{"roles": []any{"user"}}).fails(400, lacks+"assign-roles [error-action-not-allowed]", "error-action-not-allowed")
		s.grant("assign-roles", "admin")
		for _, tt := range []struct {
			data            doc
			text, errorType string
		}{
			{doc{"username": "ROCKET.cat"}, "ROCKET.cat is already in use :(", "error-field-unavailable"},
			{doc{"username": "two words"}, "two words is not a valid name: use digits, letters, dots, dashes and underscores", "error-input-is-not-a-valid-field"},
			{doc{"email": "nowhere"}, "Invalid email nowhere", "error-invalid-email"},
			{doc{"email": "KING@example.com"}, "KING@example.com is already in use :(", "error-field-unavailable"},
			{doc{"roles": []any{"king"}}, "Invalid role: king", "error-invalid-role"},
		} {
			change(s.admin, bob.id, tt.data).fails(400, tt.text+" ["+tt.errorType+"]", tt.errorType)
		}
		change(s.admin, "nobody", doc{"name": "x"}).fails(400, "Invalid user [error-invalid-user]", "error-invalid-user")
		change(s.admin, s.admin.id, doc{"roles": []any{"user"}}).fails(400, "Leaving the app without admins is not allowed [error-admin-required]", "error-admin-required")
		s.post(s.admin, updateUserPath, doc{"data": doc{}}).fails(400, missing("userId")+" [invalid-params]", "invalid-params")
		change(s.admin, bob.id, doc{"services": doc{}}).fails(400, extra+" [invalid-params]", "invalid-params")
	})
	t.Run("another password ends the logins", func(t *testing.T) {
		s := s.in(t)
		eve := s.user("eve", "user")
		change(s.admin, eve.id, doc{"password": "another one"}).is(200)
		s.get(eve, "/api/v1/me").is(401)
		s.logIn("", doc{"user": "eve", "password": "another one"}).is(200)
	})
}

func TestUpdateOneself(t *testing.T) {
	t.Parallel()
	s := start(t)
	const path = "/api/v1/users.updateOwnBasicInfo"
	post := func(as account, data doc) answer {
		t.Helper()
		return s.post(as, path, doc{"data": data})
	}
	digest := func(password string) string {
		sum := sha256.Sum256([]byte(password))
		return hex.EncodeToString(sum[:])
	}
	s.post(s.admin, "/api/v1/users.create", doc{"email": "ada@example.com", "name": "Ada", "password": "first", "username": "ada"}).is(200)
	var logins []account
	for range 2 {
		in := s.logIn("", doc{"user": "ada", "password": "first"}).is(200)
		logins = append(logins, account{id: in.text("data", "userId"), token: in.text("data", "authToken")})
	}
	ada := logins[0]
	token := s.post(ada, "/api/v1/users.generatePersonalAccessToken", doc{"tokenName": "ci"}).is(200).text("token")

	if got := post(ada, doc{"name": "Ada King", "bio": "b"}).is(200).text("user", "name"); got != "Ada King" {
		t.Errorf("name %q, want Ada King", got)
	}
	for _, secret := range []doc{{"newPassword": "second"}, {"email": "king@example.com"}, {"newPassword": "second", "currentPassword": digest("wrong")}} {
		post(ada, secret).fails(400, "Invalid password [error-invalid-password]", "error-invalid-password")
	}
	post(ada, doc{"newPassword": "second", "email": "king@example.com", "currentPassword": digest("first")}).is(200)
	s.get(ada, "/api/v1/me").is(200)
	s.get(logins[1], "/api/v1/me").is(401)
	s.get(account{id: ada.id, token: token}, "/api/v1/me").is(200)
	s.logIn("", doc{"user": "king@example.com", "password": "second"}).is(200)
}

func TestDeactivateUser(t *testing.T) {
	t.Parallel()
	s := start(t)
	ada, bob := s.user("ada", "user"), s.user("bob", "user")
	in := s.made(s.admin, newIncoming(doc{"username": "ada", "enabled": true}))["_id"].(string)
	other := s.made(s.admin, newIncoming(doc{"username": "bob", "enabled": true}))["_id"].(string)
	s.post(bob, statusPath, doc{"userId": ada.id, "activeStatus": false}).fails(403, "unauthorized", "")
	s.post(s.admin, statusPath, doc{"userId": s.admin.id, "activeStatus": false}).fails(400, "Leaving the app without admins is not allowed [error-admin-required]", "error-admin-required")

	shared := s.post(ada, "/api/v1/channels.create", doc{"name": "shared", "members": []any{"bob"}}).is(200).text("channel", "_id")
	s.post(ada, "/api/v1/groups.create", doc{"name": "alone"}).is(200)
	refused := s.post(s.admin, statusPath, doc{"userId": ada.id, "activeStatus": false}).is(400)
	if d := differ(refused.doc(), doc{
		"success": false, "error": "[user-last-owner]", "errorType": "user-last-owner",
		"details": doc{"shouldChangeOwner": []any{"shared"}, "shouldBeRemoved": []any{"alone"}},
	}); d != "" {
		t.Errorf("the last owner (-want +got):\n%s", d)
	}
	s.get(ada, "/api/v1/me").is(200)

	done := s.post(s.admin, statusPath, doc{"userId": ada.id, "activeStatus": false, "confirmRelinquish": true}).is(200)
	if d := differ(done.at("user").(doc), doc{"_id": ada.id, "active": false}); d != "" {
		t.Errorf("answer (-want +got):\n%s", d)
	}
	s.get(ada, "/api/v1/me").is(401)
	s.post(bob, "/api/v1/channels.setTopic", doc{"roomId": shared, "topic": "mine now"}).is(200)
	s.get(s.admin, "/api/v1/groups.info?roomName=alone").is(400)
	if s.stored(in)["enabled"] != false || s.stored(other)["enabled"] != true {
		t.Error("not the integrations of the deactivated user alone are disabled")
	}

	s.post(s.admin, statusPath, doc{"userId": ada.id, "activeStatus": true}).is(200)
	s.get(ada, "/api/v1/me").is(401)
	if s.stored(in)["enabled"] != false {
		t.Error("an integration came back by itself")
	}
}

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	s := start(t)
	ada, bob := s.user("ada", "user"), s.user("bob", "user")
	s.post(bob, deleteUserPath, doc{"userId": ada.id}).fails(403, "User does not have the permissions required for this action [error-unauthorized]", "")
	s.post(s.admin, deleteUserPath, doc{}).fails(400, `The required "userId" or "username" param was not provided [error-user-param-not-provided]`, "error-user-param-not-provided")
	s.post(s.admin, deleteUserPath, doc{"userId": s.admin.id}).fails(400, "Leaving the app without admins is not allowed [error-admin-required]", "error-admin-required")

	message := s.say(ada, "#general", "hi")["_id"].(string)
	alone := s.post(ada, "/api/v1/groups.create", doc{"name": "alone"}).is(200).text("group", "_id")
	if got := s.post(s.admin, deleteUserPath, doc{"userId": ada.id}).is(400).text("errorType"); got != "user-last-owner" {
		t.Errorf("errorType %s, want user-last-owner", got)
	}
	done := s.post(s.admin, deleteUserPath, doc{"username": "ada", "confirmRelinquish": true}).is(200)
	if d := differ(done.doc(), doc{"deletedRooms": []any{alone}, "success": true}); d != "" {
		t.Errorf("answer (-want +got):\n%s", d)
	}
	s.get(ada, "/api/v1/me").is(401)
	s.get(s.admin, "/api/v1/users.info?username=ada").is(400)
	s.get(s.admin, "/api/v1/chat.getMessage?msgId="+message).is(400)
	s.post(s.admin, deleteUserPath, doc{"userId": bob.id}).says(200, `{"deletedRooms":[],"success":true}`)
}

func TestPersonalTokens(t *testing.T) {
	t.Parallel()
	s := start(t)
	ada, guest := s.user("ada", "user"), s.user("guest", "guest")
	const make, renew, remove, list = "/api/v1/users.generatePersonalAccessToken", "/api/v1/users.regeneratePersonalAccessToken",
		"/api/v1/users.removePersonalAccessToken", "/api/v1/users.getPersonalAccessTokens"
	names := func() (names []any) {
		t.Helper()
		for _, token := range s.get(ada, list).is(200).at("tokens").([]any) {
			names = append(names, token.(doc)["name"])
		}
		return names
	}
	s.post(guest, make, doc{"tokenName": "ci"}).fails(400, "Not Authorized [not-authorized]", "not-authorized")
	s.post(ada, make, doc{}).fails(400, missing("tokenName")+" [invalid-params]", "invalid-params")
	s.post(ada, make, doc{"tokenName": ""}).fails(400, "A personal access token needs a name [error-token-name-required]", "error-token-name-required")

	token := s.post(ada, make, doc{"tokenName": "ci", "bypassTwoFactor": true}).is(200).text("token")
	s.get(account{id: ada.id, token: token}, "/api/v1/me").is(200)
	s.get(account{id: s.admin.id, token: token}, "/api/v1/me").is(401)
	s.post(ada, make, doc{"tokenName": "ci"}).fails(400, "A token with this name already exists [error-token-already-exists]", "error-token-already-exists")
	shown := s.get(ada, list).is(200).at("tokens", 0).(doc)
	if d := differ(shown, doc{"name": "ci", "bypassTwoFactor": true, "lastTokenPart": token[len(token)-6:]}); d != "" {
		t.Errorf("token (-want +got):\n%s", d)
	}

	second := s.post(ada, renew, doc{"tokenName": "ci"}).is(200).text("token")
	s.get(account{id: ada.id, token: token}, "/api/v1/me").is(401)
	s.get(account{id: ada.id, token: second}, "/api/v1/me").is(200)
	s.post(ada, renew, doc{"tokenName": "cd"}).fails(400, "Token does not exist [error-token-does-not-exists]", "error-token-does-not-exists")
	s.post(ada, remove, doc{"tokenName": "ci"}).says(200, done)
	s.get(account{id: ada.id, token: second}, "/api/v1/me").is(401)
	if got := names(); len(got) != 0 {
		t.Errorf("tokens %v are left", got)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.post(s.admin, "/api/v1/users.create", doc{"email": "ada@example.com", "name": "Ada", "password": "secret", "username": "ada"}).is(200)
	in := func() account {
		t.Helper()
		a := s.logIn("", doc{"user": "ada", "password": "secret"}).is(200)
		return account{id: a.text("data", "userId"), token: a.text("data", "authToken")}
	}
	first, second, third := in(), in(), in()
	listed := s.get(second, "/api/v1/sessions/list").is(200)
	current := 0
	for _, row := range listed.at("sessions").([]any) {
		if row.(doc)["current"] == true {
			current++
		}
	}
	if listed.at("total") != 3.0 || current != 1 {
		t.Errorf("three logins, one of them this: %s", listed.body)
	}
	paged := s.get(second, "/api/v1/sessions/list?count=1&offset=1").is(200)
	if paged.at("count") != 1.0 || paged.at("offset") != 1.0 || paged.at("total") != 3.0 || paged.text("sessions", 0, "sessionId") != listed.text("sessions", 1, "sessionId") {
		t.Errorf("the second page of one: %s", paged.body)
	}
	if got := s.get(second, "/api/v1/sessions/list?offset=3").is(200); got.at("count") != 0.0 {
		t.Errorf("a page beyond the last: %s", got.body)
	}
	s.get(second, "/api/v1/sessions/list?sort=x").fails(400, `Invalid sort parameter provided: "x" [error-invalid-sort]`, "error-invalid-sort")
	id := s.get(first, "/api/v1/sessions/list").is(200).text("sessions", 0, "sessionId")
	s.post(s.admin, "/api/v1/sessions/logout.me", doc{"sessionId": id}).fails(400, "Token does not exist [error-token-does-not-exists]", "error-token-does-not-exists")
	for _, row := range listed.at("sessions").([]any) {
		if row.(doc)["current"] == true {
			s.post(first, "/api/v1/sessions/logout.me", doc{"sessionId": row.(doc)["sessionId"]}).is(200)
		}
	}
	s.get(second, "/api/v1/me").is(401)

	if got := s.post(first, "/api/v1/users.logoutOtherClients", nil).is(200).text("token"); got != first.token {
		t.Errorf("token %s, want the caller's", got)
	}
	s.get(third, "/api/v1/me").is(401)
	fourth := in()
	s.post(first, "/api/v1/users.removeOtherTokens", nil).says(200, done)
	s.get(fourth, "/api/v1/me").is(401)

	s.post(first, "/api/v1/users.logout", doc{"userId": s.admin.id}).fails(400, "Not authorized [error-not-authorized]", "error-not-authorized")
	s.post(s.admin, "/api/v1/users.logout", doc{"userId": first.id}).is(200)
	s.get(first, "/api/v1/me").is(401)

	s.post(s.user("eve", "user"), "/api/v1/users.createToken", doc{"username": "ada"}).fails(400, "Not authorized [error-not-authorized]", "error-not-authorized")
	made := s.post(s.admin, "/api/v1/users.createToken", doc{"username": "ada"}).is(200)
	s.get(account{id: made.text("data", "userId"), token: made.text("data", "authToken")}, "/api/v1/me").is(200)
}
