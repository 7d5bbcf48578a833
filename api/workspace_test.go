package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/workspace"
)

// TestEveryMethodNeedsALogin holds it of all that is served under /api/v1 but the login itself and
// what clients ask before.
func TestEveryMethodNeedsALogin(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, r := range s.api.Routes() {
		if !strings.HasPrefix(r.Path, "/api/v1/") || slices.Contains([]string{loginPath, "/api/v1/info", "/api/v1/settings.public"}, r.Path) {
			continue
		}
		s.do(request{method: r.Method, path: r.Path}).says(401, notLoggedIn)
	}
}

const (
	noUserParam   = `The required "userId" or "username" param was not provided`
	noSuchUser    = `The required "userId" or "username" param provided does not match any users`
	notAnyChannel = `The required "roomId" or "roomName" param provided does not match any channel`
	notAnyGroup   = `The required "roomId" or "roomName" param provided does not match any group`
	oneProperty   = "must match a schema in anyOf"
)

// newUser is the least that a new user needs, but for what change says.
func newUser(username string, change doc) doc {
	return changed(doc{"username": username, "name": "Name of " + username, "email": username + "@example.com", "password": "a password"}, change)
}

func TestUsersCreate(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	const path = "/api/v1/users.create"
	inGeneral := func(s *server, username string) bool {
		return s.get(s.admin, "/api/v1/channels.members?roomId=GENERAL&filter="+username).is(200).at("total") == 1.0
	}
	t.Run("least", func(t *testing.T) {
		s := s.in(t)
		u := s.post(s.admin, path, newUser("Least.User-1", nil)).is(200).at("user").(doc)
		want := doc{
			"username": "Least.User-1", "name": "Name of Least.User-1", "emails": []any{doc{"address": "Least.User-1@example.com", "verified": false}},
			"roles": []any{"user"}, "active": true, "type": "user", "bio": nil, "requirePasswordChange": nil, "services": nil, "password": nil,
		}
		if d := differ(u, want); d != "" {
			t.Errorf("created user (-want +got):\n%s", d)
		}
		if !inGeneral(s, "Least.User-1") {
			t.Error("the user is not in #general")
		}
		if got := s.logIn("", doc{"user": "Least.User-1", "password": "a password"}).is(200).text("data", "userId"); got != u["_id"] {
			t.Errorf("the login is for %s, want %s", got, u["_id"])
		}
	})
	t.Run("everything", func(t *testing.T) {
		s := s.in(t)
		u := s.post(s.admin, path, newUser("full", doc{
			"roles": []any{"user", "bot"}, "active": false, "verified": true, "bio": "b", "nickname": "n", "statusText": "s",
			"customFields": doc{"team": "x"}, "requirePasswordChange": true, "joinDefaultChannels": false, "sendWelcomeEmail": false,
		})).is(200).at("user").(doc)
		want := doc{
			"roles": []any{"user", "bot"}, "active": false, "emails": []any{doc{"address": "full@example.com", "verified": true}}, "bio": "b",
			"nickname": "n", "statusText": "s", "customFields": doc{"team": "x"}, "requirePasswordChange": true,
		}
		if d := differ(u, want); d != "" {
			t.Errorf("created user (-want +got):\n%s", d)
		}
		if inGeneral(s, "full") {
			t.Error("the user is in #general without joinDefaultChannels")
		}
	})
	t.Run("random password", func(t *testing.T) {
		s := s.in(t)
		s.post(s.admin, path, newUser("random", doc{"setRandomPassword": true})).is(200)
		s.logIn("", doc{"user": "random", "password": "a password"}).says(401, unauthorized)
	})

	tests := []struct {
		name            string
		as              account
		in              doc
		text, errorType string
	}{
		{"username taken", s.admin, newUser("bob", doc{"email": "other@example.com"}), "bob is already in use :( [error-field-unavailable]", "error-field-unavailable"},
		{"username taken, in other case", s.admin, newUser("BOB", doc{"email": "other@example.com"}), "BOB is already in use :( [error-field-unavailable]", "error-field-unavailable"},
		{"e-mail address taken", s.admin, newUser("other", doc{"email": "bob@example.com"}), "bob@example.com is already in use :( [error-field-unavailable]", "error-field-unavailable"},
		{"e-mail address taken, in other case", s.admin, newUser("other", doc{"email": "Bob@Example.com"}), "Bob@Example.com is already in use :( [error-field-unavailable]", "error-field-unavailable"},
		{"bad username", s.admin, newUser("two words", doc{"email": "other@example.com"}), "two words is not a valid name: use digits, letters, dots, dashes and underscores [error-input-is-not-a-valid-field]", "error-input-is-not-a-valid-field"},
		{"empty username", s.admin, newUser("", doc{"email": "other@example.com"}), " is not a valid name: use digits, letters, dots, dashes and underscores [error-input-is-not-a-valid-field]", "error-input-is-not-a-valid-field"},
		{"bad e-mail address", s.admin, newUser("other", doc{"email": "nowhere"}), "Invalid email nowhere [error-invalid-email]", "error-invalid-email"},
		{"e-mail address with a name", s.admin, newUser("other", doc{"email": "A <a@example.com>"}), "Invalid email A <a@example.com> [error-invalid-email]", "error-invalid-email"},
		{"empty password", s.admin, newUser("other", doc{"password": ""}), "The field Password is required [error-the-field-is-required]", "error-the-field-is-required"},
		{"unknown role", s.admin, newUser("other", doc{"roles": []any{"king"}}), "Invalid role: king [error-invalid-role]", "error-invalid-role"},
		{"not allowed", bob, newUser("other", nil), "Adding user is not allowed [error-action-not-allowed]", "error-action-not-allowed"},
		{"extra member", s.admin, newUser("other", doc{"admin": true}), extra + " [invalid-params]", "invalid-params"},
		{"no e-mail address", s.admin, newUser("other", doc{"email": omit{}}), missing("email") + " [invalid-params]", "invalid-params"},
		{"no name", s.admin, newUser("other", doc{"name": omit{}}), missing("name") + " [invalid-params]", "invalid-params"},
		{"no password", s.admin, newUser("other", doc{"password": omit{}}), missing("password") + " [invalid-params]", "invalid-params"},
		{"no username", s.admin, newUser("other", doc{"username": omit{}}), missing("username") + " [invalid-params]", "invalid-params"},
		{"roles that are no list", s.admin, newUser("other", doc{"roles": "admin"}), "must be array [invalid-params]", "invalid-params"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.in(t).post(tt.as, path, tt.in).fails(400, tt.text, tt.errorType)
		})
	}
	t.Run("roles need assign-roles", func(t *testing.T) {
		s := s.in(t)
		s.grant("create-user", "admin", "user")
		s.post(bob, path, newUser("by.bob", nil)).is(200)
		s.post(bob, path, newUser("king", doc{"roles": []any{"admin"}})).fails(400, "This needs the permission assign-roles [error-action-not-allowed]", "error-action-not-allowed")
	})
	t.Run("nobody was added by a refusal", func(t *testing.T) {
		s := s.in(t)
		for _, username := range []string{"other", "king"} {
			s.get(s.admin, "/api/v1/users.info?username="+username).fails(400, "User not found.", "")
		}
	})
}

func TestUsersInfoAndList(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob, carol := s.user("bob", "user"), s.user("carol", "user")
	full := doc{"_id": bob.id, "username": "bob", "roles": []any{"user"}, "emails": []any{doc{"address": "bob@example.com", "verified": false}}}
	public := doc{"_id": bob.id, "username": "bob", "name": "bob", "active": true, "status": "offline", "type": "user", "roles": nil, "emails": nil, "services": nil, "createdAt": nil}
	tests := []struct {
		name  string
		as    account
		query string
		want  doc
	}{
		{"by id", s.admin, "userId=" + bob.id, full},
		{"by username", s.admin, "username=bob", full},
		{"oneself", bob, "username=bob", full},
		{"another user", carol, "username=bob", public},
		{"the bot", carol, "userId=rocket.cat", doc{"_id": "rocket.cat", "username": "rocket.cat", "name": "Rocket.Cat", "type": "bot", "status": "online"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := differ(s.in(t).get(tt.as, "/api/v1/users.info?"+tt.query).is(200).at("user").(doc), tt.want); d != "" {
				t.Errorf("users.info?%s (-want +got):\n%s", tt.query, d)
			}
		})
	}
	s.get(s.admin, "/api/v1/users.info?userId=unknown").fails(400, "User not found.", "")
	s.get(s.admin, "/api/v1/users.info?username=BOB").fails(400, "User not found.", "")
	s.get(s.admin, "/api/v1/users.info?userId=").fails(400, noUserParam+" [error-user-param-not-provided]", "error-user-param-not-provided")
	s.get(s.admin, "/api/v1/users.info").fails(400, lines(missing("userId"), missing("username"), oneProperty)+" [invalid-params]", "invalid-params")

	names := func(a answer) string {
		var list []string
		for _, u := range a.is(200).at("users").([]any) {
			list = append(list, u.(doc)["username"].(string))
		}
		return strings.Join(list, " ")
	}
	for query, want := range map[string]string{
		"sort=" + url.QueryEscape(`{"username":1}`):            "admin bob carol rocket.cat",
		"sort=" + url.QueryEscape(`{"username":-1}`):           "rocket.cat carol bob admin",
		"count=2&sort=" + url.QueryEscape(`{"username":1}`):    "admin bob",
		"offset=3&sort=" + url.QueryEscape(`{"username":1}`):   "rocket.cat",
		"name=CAR&sort=" + url.QueryEscape(`{"username":1}`):   "carol",
		"offset=99&sort=" + url.QueryEscape(`{"username":-1}`): "",
	} {
		a := s.get(s.admin, "/api/v1/users.list?"+query)
		if got := names(a); got != want {
			t.Errorf("users.list?%s lists %q, want %q", query, got, want)
		}
		total := 4.0
		if strings.HasPrefix(query, "name") {
			total = 1
		}
		if d := differ(a.doc(), doc{"count": float64(len(strings.Fields(want))), "total": total, "success": true}); d != "" {
			t.Errorf("users.list?%s (-want +got):\n%s", query, d)
		}
	}
	if d := differ(s.get(carol, "/api/v1/users.list?name=bob").at("users", 0).(doc), public); d != "" {
		t.Errorf("users.list shows to others (-want +got):\n%s", d)
	}
	s.grant("view-outside-room", "admin")
	s.get(carol, "/api/v1/users.list").fails(400, "Not allowed [error-not-allowed]", "error-not-allowed")
}

func TestRoles(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	const add, remove = "/api/v1/roles.addUserToRole", "/api/v1/roles.removeUserFromRole"
	scopes := map[string]string{}
	for _, r := range s.get(bob, "/api/v1/roles.list").is(200).at("roles").([]any) {
		r := r.(doc)
		if r["name"] != r["_id"] || r["protected"] != true {
			t.Errorf("role %v", r)
		}
		scopes[r["_id"].(string)] = r["scope"].(string)
	}
	for id, scope := range map[string]string{
		"admin": "Users", "user": "Users", "bot": "Users", "app": "Users",
		"owner": "Subscriptions", "moderator": "Subscriptions", "leader": "Subscriptions",
	} {
		if scopes[id] != scope {
			t.Errorf("role %s has scope %q, want %q", id, scopes[id], scope)
		}
	}
	roles := func() any { return s.get(s.admin, "/api/v1/users.info?username=bob").is(200).at("user", "roles") }
	if got := s.post(s.admin, add, doc{"username": "bob", "roleId": "bot"}).is(200).text("role", "_id"); got != "bot" {
		t.Errorf("added role %q, want bot", got)
	}
	s.post(s.admin, add, doc{"username": "bob", "roleName": "admin"}).is(200)
	if d := cmp.Diff([]any{"user", "bot", "admin"}, roles()); d != "" {
		t.Errorf("roles after adding two (-want +got):\n%s", d)
	}
	s.post(bob, remove, doc{"username": "admin", "roleId": "admin"}).is(200) // bob is an administrator now
	s.post(bob, add, doc{"username": "admin", "roleId": "admin"}).is(200)
	s.post(s.admin, remove, doc{"username": "bob", "roleName": "bot"}).is(200)
	s.post(s.admin, remove, doc{"username": "bob", "roleId": "admin"}).is(200)
	if d := cmp.Diff([]any{"user"}, roles()); d != "" {
		t.Errorf("roles after removing two (-want +got):\n%s", d)
	}

	ops := s.room("channel", "ops")
	tests := []struct {
		name, path      string
		as              account
		in              doc
		text, errorType string
	}{
		{"held", add, s.admin, doc{"username": "bob", "roleId": "user"}, "User already in role [error-user-already-in-role]", "error-user-already-in-role"},
		{"not held", remove, s.admin, doc{"username": "bob", "roleId": "bot"}, "User is not in this role [error-user-not-in-role]", "error-user-not-in-role"},
		{"the last administrator", remove, s.admin, doc{"username": "admin", "roleId": "admin"}, "Leaving the app without admins is not allowed [error-admin-required]", "error-admin-required"},
		{"unknown role", add, s.admin, doc{"username": "bob", "roleId": "king"}, "Invalid role: king [error-invalid-role]", "error-invalid-role"},
		{"no role", remove, s.admin, doc{"username": "bob"}, "Invalid role:  [error-invalid-role]", "error-invalid-role"},
		{"unknown user", add, s.admin, doc{"username": "nobody", "roleId": "bot"}, "There is no user with the username nobody [error-invalid-user]", "error-invalid-user"},
		{"no user", add, s.admin, doc{"roleId": "bot"}, missing("username") + " [invalid-params]", "invalid-params"},
		{"not allowed to add", add, bob, doc{"username": "bob", "roleId": "admin"}, "Accessing permissions is not allowed [error-action-not-allowed]", "error-action-not-allowed"},
		{"not allowed to remove", remove, bob, doc{"username": "admin", "roleId": "admin"}, "Accessing permissions is not allowed [error-action-not-allowed]", "error-action-not-allowed"},
		{"not in that room", add, s.admin, doc{"username": "bob", "roleId": "moderator", "roomId": ops}, `The required "roomId" or "roomName" param provided does not match any room [error-room-not-found]`, "error-room-not-found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s.in(t).post(tt.as, tt.path, tt.in).fails(400, tt.text, tt.errorType)
		})
	}
	t.Run("in a room", func(t *testing.T) {
		s := s.in(t)
		m := s.say(s.admin, "#general", "by the administrator")
		edit := doc{"roomId": "GENERAL", "msgId": m["_id"], "text": "by the moderator"}
		s.post(bob, "/api/v1/chat.update", edit).is(400)
		s.post(s.admin, add, doc{"username": "bob", "roleId": "moderator", "roomId": "GENERAL"}).is(200)
		s.post(bob, "/api/v1/chat.update", edit).is(200)
		s.post(s.admin, remove, doc{"username": "bob", "roleId": "moderator", "roomId": "GENERAL"}).is(200)
		s.post(bob, "/api/v1/chat.update", edit).is(400)
	})
	t.Run("admin is for those who may give it", func(t *testing.T) {
		s := s.in(t)
		s.grant("access-permissions", "admin", "user")
		s.post(bob, add, doc{"username": "bob", "roleId": "bot"}).is(200)
		s.post(bob, add, doc{"username": "bob", "roleId": "admin"}).fails(400, "Assigning admin is not allowed [error-action-not-allowed]", "error-action-not-allowed")
	})
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	const list, update = "/api/v1/permissions.listAll", "/api/v1/permissions.update"
	holders := func(a answer, member, id string) any {
		for _, p := range a.is(200).at(member).([]any) {
			if p := p.(doc); p["_id"] == id {
				return p["roles"]
			}
		}
		return nil
	}
	change := func(id string, roles ...any) doc {
		return doc{"permissions": []any{doc{"_id": id, "roles": append([]any{}, roles...)}}}
	}

	a := s.get(bob, list).is(200)
	for _, id := range []string{"manage-incoming-integrations", "manage-own-incoming-integrations", "manage-outgoing-integrations", "manage-own-outgoing-integrations"} {
		if d := cmp.Diff([]any{"admin"}, holders(a, "update", id)); d != "" {
			t.Errorf("holders of %s (-want +got):\n%s", id, d)
		}
	}
	if d := differ(a.doc(), doc{"remove": []any{}, "success": true}); d != "" {
		t.Errorf("permissions.listAll (-want +got):\n%s", d)
	}

	t.Run("update", func(t *testing.T) {
		s := s.in(t)
		a := s.post(s.admin, update, doc{"permissions": []any{
			doc{"_id": "manage-own-incoming-integrations", "roles": []any{"user", "admin"}}, doc{"_id": "edit-message", "roles": []any{}},
		}})
		if d := cmp.Diff([]any{"user", "admin"}, holders(a, "permissions", "manage-own-incoming-integrations")); d != "" {
			t.Errorf("holders after the update (-want +got):\n%s", d)
		}
		if d := cmp.Diff([]any{}, holders(a, "permissions", "edit-message")); d != "" {
			t.Errorf("holders after an update to none (-want +got):\n%s", d)
		}
		if got, want := len(a.at("permissions").([]any)), len(s.get(bob, list).at("update").([]any)); got != want {
			t.Errorf("permissions.update answers %d permissions, want all %d", got, want)
		}
		s.post(bob, createPath, newIncoming(doc{"channel": "#general"})).is(200) // at once
	})
	t.Run("updatedSince", func(t *testing.T) {
		s := s.in(t)
		since := time.Now().Add(time.Hour).UTC()
		for _, text := range []string{since.Format("2006-01-02T15:04:05.000Z"), since.Format(time.RFC3339Nano), since.Add(24 * time.Hour).Format(time.DateOnly)} {
			if got := s.get(bob, list+"?updatedSince="+url.QueryEscape(text)).is(200).at("update").([]any); len(got) != 0 {
				t.Errorf("updatedSince=%s answers %d permissions, want none", text, len(got))
			}
		}
		newest := ""
		for _, p := range s.get(bob, list).at("update").([]any) {
			newest = max(newest, p.(doc)["_updatedAt"].(string))
		}
		at, err := time.Parse("2006-01-02T15:04:05.000Z", newest)
		must(t, err)
		if got := s.get(bob, list+"?updatedSince="+at.Add(-time.Millisecond).Format("2006-01-02T15:04:05.000Z")).is(200).at("update").([]any); len(got) != 2 {
			t.Errorf("since right before the last change %d permissions were updated, want the 2 of it", len(got))
		}
		if got := s.get(bob, list+"?updatedSince=2020-01-01").is(200).at("update").([]any); len(got) < 50 {
			t.Errorf("since 2020 %d permissions were updated, want all", len(got))
		}
		if got := s.get(bob, list+"?updatedSince=").is(200).at("update").([]any); len(got) < 50 {
			t.Errorf("an empty updatedSince answers %d permissions, want all", len(got))
		}
		for _, text := range []string{"yesterday", "2020-13-01"} {
			s.get(bob, list+"?updatedSince="+text).fails(400, `The "updatedSince" query parameter must be a valid date. [error-roomId-param-invalid]`, "error-roomId-param-invalid")
		}
	})
	t.Run("refusals", func(t *testing.T) {
		s := s.in(t)
		s.post(bob, update, change("edit-message")).fails(403, "User does not have the permissions required for this action [error-unauthorized]", "")
		s.post(s.admin, update, change("fly", "admin")).says(400, `{"success":false,"error":"Invalid permission","errorType":"error-invalid-permission"}`)
		s.post(s.admin, update, change("edit-message", "king")).says(400, `{"success":false,"error":"Invalid role","errorType":"error-invalid-role"}`)
		s.post(s.admin, update, doc{"permissions": []any{doc{"_id": "delete-message", "roles": []any{"admin"}}, doc{"_id": "fly", "roles": []any{}}}}).
			fails(400, "Invalid permission", "error-invalid-permission")
		if d := cmp.Diff([]any{"admin", "owner", "moderator"}, holders(s.get(bob, list), "update", "delete-message")); d != "" {
			t.Errorf("a refused update changed another permission (-want +got):\n%s", d)
		}
		for _, bad := range []struct {
			in   any
			text string
		}{
			{doc{}, missing("permissions")},
			{doc{"permissions": []any{}, "x": 1}, extra},
			{doc{"permissions": []any{doc{"_id": "edit-message", "roles": []any{}, "x": 1}}}, extra},
			{doc{"permissions": []any{doc{"roles": []any{}}}}, missing("_id")},
			{doc{"permissions": []any{doc{"_id": "edit-message"}}}, missing("roles")},
			{change("edit-message", "user", "user"), "must NOT have duplicate items (items ## 1 and 0 are identical)"},
			{doc{"permissions": "x"}, "must be array"},
		} {
			s.post(s.admin, update, bad.in).fails(400, bad.text+" [invalid-params]", "invalid-params")
		}
	})
	t.Run("no roles deny even administrators", func(t *testing.T) {
		s := s.in(t)
		s.post(s.admin, update, change("create-c")).is(200)
		s.post(s.admin, "/api/v1/channels.create", doc{"name": "late"}).fails(403, "unauthorized", "")
		s.post(s.admin, update, change("access-permissions")).is(200)
		s.post(s.admin, update, change("access-permissions", "admin")).fails(403, "User does not have the permissions required for this action [error-unauthorized]", "")
	})
}

func TestChannels(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob, carol := s.user("bob", "user"), s.user("carol", "user")
	const create = "/api/v1/channels.create"

	room := s.post(s.admin, create, doc{"name": "Ops.team-1_x"}).is(200).at("channel").(doc)
	ops := room["_id"].(string)
	want := doc{
		"name": "Ops.team-1_x", "fname": "Ops.team-1_x", "t": "c", "u": doc{"_id": s.admin.id, "username": "admin"}, "ro": false,
		"default": false, "usersCount": 1.0, "msgs": 0.0, "sysMes": true,
	}
	if d := differ(room, want); d != "" {
		t.Errorf("created channel (-want +got):\n%s", d)
	}
	full := s.post(bob, create, doc{
		"name": "full", "members": []any{"carol", "nobody", "bob"}, "readOnly": true, "excludeSelf": true, "customFields": doc{"a": 1},
		"extraData": doc{"topic": "T", "broadcast": true, "encrypted": false},
	}).is(200).at("channel").(doc)
	want = doc{"ro": true, "topic": "T", "broadcast": true, "customFields": doc{"a": 1.0}, "usersCount": 1.0}
	if d := differ(full, want); d != "" {
		t.Errorf("created channel (-want +got):\n%s", d)
	}
	t.Run("create is refused", func(t *testing.T) {
		s := s.in(t)
		for _, tt := range []struct {
			in              doc
			text, errorType string
		}{
			{doc{"name": "general"}, "A channel with name 'general' exists [error-duplicate-channel-name]", "error-duplicate-channel-name"},
			{doc{"name": "two words"}, "two words is not a valid name: use digits, letters, dots, dashes and underscores [error-input-is-not-a-valid-field]", "error-input-is-not-a-valid-field"},
			{doc{"name": ""}, " is not a valid name: use digits, letters, dots, dashes and underscores [error-input-is-not-a-valid-field]", "error-input-is-not-a-valid-field"},
			{doc{}, missing("name") + " [invalid-params]", "invalid-params"},
			{doc{"name": "x", "topic": "x"}, extra + " [invalid-params]", "invalid-params"},
			{doc{"name": "x", "extraData": doc{"x": 1}}, extra + " [invalid-params]", "invalid-params"},
		} {
			s.post(s.admin, create, tt.in).fails(400, tt.text, tt.errorType)
		}
		s.grant("create-c", "admin")
		s.post(bob, create, doc{"name": "mine"}).fails(403, "unauthorized", "")
	})
	t.Run("info", func(t *testing.T) {
		s := s.in(t)
		for _, query := range []string{"roomId=" + ops, "roomName=Ops.team-1_x"} {
			if got := s.get(bob, "/api/v1/channels.info?"+query).is(200).text("channel", "_id"); got != ops {
				t.Errorf("channels.info?%s answers %s, want %s", query, got, ops)
			}
		}
		s.get(bob, "/api/v1/channels.info").fails(400, lines(missing("roomId"), missing("roomName"), oneProperty)+" [invalid-params]", "invalid-params")
		s.get(bob, "/api/v1/channels.info?roomId=").fails(400, `The parameter "roomId" or "roomName" is required [error-roomid-param-not-provided]`, "error-roomid-param-not-provided")
	})
	t.Run("join", func(t *testing.T) {
		s := s.in(t)
		if got := s.post(bob, "/api/v1/channels.join", doc{"roomId": ops}).is(200).at("channel", "usersCount"); got != 2.0 {
			t.Errorf("usersCount after a join = %v, want 2", got)
		}
		if got := s.post(bob, "/api/v1/channels.join", doc{"roomName": "Ops.team-1_x"}).is(200).at("channel", "usersCount"); got != 2.0 {
			t.Errorf("usersCount after joining again = %v, want 2", got)
		}
		s.post(bob, "/api/v1/channels.join", doc{}).fails(400, lines(missing("roomId"), missing("roomName"), oneOf)+" [invalid-params]", "invalid-params")
	})
	t.Run("invite", func(t *testing.T) {
		s := s.in(t)
		const invite = "/api/v1/channels.invite"
		room := s.room("channel", "invited", "bob")
		s.post(bob, invite, doc{"roomId": room, "userId": carol.id}).fails(400, "Not allowed [error-not-allowed]", "error-not-allowed")
		s.post(s.admin, invite, doc{"roomId": room, "userId": carol.id}).is(200)
		s.post(s.admin, invite, doc{"roomName": "invited", "username": "rocket.cat"}).is(200)
		for n := range 5 {
			s.user(fmt.Sprintf("guest%d", n), "user")
		}
		s.post(s.admin, invite, doc{"roomId": room, "user": "guest0"}).is(200)
		s.post(s.admin, invite, doc{"roomId": room, "usernames": []any{"guest1", "guest2"}}).is(200)
		guest3, err := s.chat.UserByUsername(t.Context(), "guest3")
		must(t, err)
		if got := s.post(s.admin, invite, doc{"roomId": room, "userIds": []any{guest3.ID, bob.id}}).is(200).at("channel", "usersCount"); got != 8.0 {
			t.Errorf("usersCount after the invitations = %v, want 8", got)
		}
		s.post(s.admin, invite, doc{"roomId": room, "username": "nobody"}).fails(400, noSuchUser+" [error-invalid-user]", "error-invalid-user")
		s.post(s.admin, invite, doc{"roomId": room, "usernames": []any{"guest4", "nobody"}}).fails(400, noSuchUser+" [error-invalid-user]", "error-invalid-user")
		s.post(s.admin, invite, doc{"roomId": room}).fails(400, noUserParam+" [error-user-param-not-provided]", "error-user-param-not-provided")
		if got := s.get(s.admin, "/api/v1/channels.members?roomId="+room+"&filter=guest4").is(200).at("total"); got != 0.0 {
			t.Errorf("a refused invitation put %v users into the room", got)
		}
	})
	t.Run("list", func(t *testing.T) {
		s := s.in(t)
		sorted := url.QueryEscape(`{"name":1}`)
		a := s.get(bob, "/api/v1/channels.list?sort="+sorted).is(200)
		var names []string
		for _, c := range a.at("channels").([]any) {
			names = append(names, c.(doc)["name"].(string))
		}
		if got := strings.Join(names, " "); !strings.Contains(got, "general") || !strings.Contains(got, "Ops.team-1_x") || a.at("total") != float64(len(names)) {
			t.Errorf("channels.list lists %s", a.body)
		}
		if got := s.get(bob, "/api/v1/channels.list?count=1&offset=1&sort="+sorted).is(200); got.text("channels", 0, "name") != names[1] || got.at("count") != 1.0 || got.at("offset") != 1.0 || got.at("total") != float64(len(names)) {
			t.Errorf("second page of one: %s, want %s", got.body, names[1])
		}
		s.grant("view-c-room", "admin")
		if got := s.get(carol, "/api/v1/channels.list").is(200); strings.Contains(got.body, "Ops.team-1_x") || !strings.Contains(got.body, `"name":"full"`) {
			t.Errorf("who may not see channels gets more than their own: %s", got.body)
		}
		for _, method := range []string{"info", "messages", "members"} {
			s.get(carol, "/api/v1/channels."+method+"?roomId="+ops).fails(403, "unauthorized", "")
		}
		s.post(carol, "/api/v1/channels.join", doc{"roomId": ops}).fails(403, "unauthorized", "")
		s.grant("view-c-room", "admin", "user", "bot", "app", "anonymous")
	})
	t.Run("members", func(t *testing.T) {
		s := s.in(t)
		a := s.get(bob, "/api/v1/channels.members?roomId="+ops).is(200)
		if d := differ(a.doc(), doc{"count": 2.0, "offset": 0.0, "total": 2.0}); d != "" {
			t.Errorf("channels.members (-want +got):\n%s", d)
		}
		if d := differ(a.at("members", 0).(doc), doc{"_id": s.admin.id, "username": "admin", "name": "Admin", "status": "offline", "emails": nil}); d != "" {
			t.Errorf("first member (-want +got):\n%s", d)
		}
		if got := s.get(bob, "/api/v1/channels.members?roomName=Ops.team-1_x&filter=BO").is(200); got.at("total") != 1.0 || got.text("members", 0, "username") != "bob" {
			t.Errorf("members like BO: %s", got.body)
		}
		if got := s.get(bob, "/api/v1/channels.members?count=1&offset=1&roomId="+ops).is(200); got.text("members", 0, "username") != "bob" || got.at("count") != 1.0 || got.at("total") != 2.0 {
			t.Errorf("second member: %s", got.body)
		}
	})
	t.Run("no such channel", func(t *testing.T) {
		s := s.in(t)
		group := s.room("group", "crew")
		for _, query := range []string{"roomId=unknown", "roomId=" + group, "roomName=crew"} {
			s.get(s.admin, "/api/v1/channels.info?"+query).fails(400, notAnyChannel+" [error-room-not-found]", "error-room-not-found")
			s.get(s.admin, "/api/v1/channels.members?"+query).fails(400, notAnyChannel+" [error-room-not-found]", "error-room-not-found")
		}
		s.get(s.admin, "/api/v1/channels.messages?roomId="+group).fails(400, notAnyChannel+" [error-room-not-found]", "error-room-not-found")
		s.post(s.admin, "/api/v1/channels.join", doc{"roomId": group}).fails(400, notAnyChannel+" [error-room-not-found]", "error-room-not-found")
		s.post(s.admin, "/api/v1/channels.invite", doc{"roomId": group, "username": "bob"}).fails(400, notAnyChannel+" [error-room-not-found]", "error-room-not-found")
	})
}

func TestMessages(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	for n := range 60 {
		s.say(s.admin, "#general", strconv.Itoa(n))
	}
	const path = "/api/v1/channels.messages?roomId=GENERAL"
	tests := []struct {
		query                string
		first, last          string
		count, offset, total float64
	}{
		{"", "59", "10", 50, 0, 60},
		{"&count=5", "59", "55", 5, 0, 60},
		{"&count=5&offset=5", "54", "50", 5, 5, 60},
		{"&count=0", "59", "0", 60, 0, 60},
		{"&count=5&offset=58", "1", "0", 2, 58, 60},
		{"&count=3&sort=" + url.QueryEscape(`{"ts":1}`), "0", "2", 3, 0, 60},
		{"&mentionIds=x&pinned=false&query=%7B%7D", "59", "10", 50, 0, 60},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			a := s.in(t).get(bob, path+tt.query).is(200)
			if d := differ(a.doc(), doc{"count": tt.count, "offset": tt.offset, "total": tt.total, "success": true}); d != "" {
				t.Errorf("page (-want +got):\n%s", d)
			}
			if first, last := a.text("messages", 0, "msg"), a.text("messages", int(tt.count)-1, "msg"); first != tt.first || last != tt.last {
				t.Errorf("messages %s to %s, want %s to %s", first, last, tt.first, tt.last)
			}
		})
	}
	s.get(bob, "/api/v1/channels.messages").fails(400, missing("roomId")+" [invalid-params]", "invalid-params")
	s.get(bob, path+"&sort=x").fails(400, `Invalid sort parameter provided: "x" [error-invalid-sort]`, "error-invalid-sort")
	s.get(bob, path+"&count=x").fails(400, "must be number [invalid-params]", "invalid-params")
}

func TestGroups(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob, carol := s.user("bob", "user"), s.user("carol", "user")
	group := s.post(bob, "/api/v1/groups.create", doc{"name": "crew", "members": []any{"rocket.cat"}, "extraData": nil}).is(200).at("group").(doc)
	crew := group["_id"].(string)
	if d := differ(group, doc{"name": "crew", "fname": "crew", "t": "p", "u": doc{"_id": bob.id, "username": "bob"}, "usersCount": 2.0}); d != "" {
		t.Errorf("created group (-want +got):\n%s", d)
	}
	s.post(bob, "/api/v1/groups.create", doc{"name": "crew"}).fails(400, "A channel with name 'crew' exists [error-duplicate-channel-name]", "error-duplicate-channel-name")
	s.post(bob, "/api/v1/groups.create", doc{"name": "general"}).fails(400, "A channel with name 'general' exists [error-duplicate-channel-name]", "error-duplicate-channel-name")
	s.post(bob, "/api/v1/groups.create", doc{}).fails(400, missing("name")+" [invalid-params]", "invalid-params")

	s.say(bob, "#crew", "among us")
	for _, query := range []string{"roomId=" + crew, "roomName=crew"} {
		if got := s.get(bob, "/api/v1/groups.messages?"+query).is(200); got.text("messages", 0, "msg") != "among us" || got.at("total") != 1.0 {
			t.Errorf("groups.messages?%s answers %s", query, got.body)
		}
		if got := s.get(bob, "/api/v1/groups.members?"+query).is(200); got.at("total") != 2.0 || got.text("members", 0, "username") != "bob" {
			t.Errorf("groups.members?%s answers %s", query, got.body)
		}
		for _, method := range []string{"messages", "members"} { // an administrator is no member
			s.get(s.admin, "/api/v1/groups."+method+"?"+query).fails(400, notAnyGroup+" [error-room-not-found]", "error-room-not-found")
		}
	}
	for _, query := range []string{"roomId=unknown", "roomName=unknown", "roomId=GENERAL", "roomName=general"} {
		s.get(bob, "/api/v1/groups.members?"+query).fails(400, notAnyGroup+" [error-room-not-found]", "error-room-not-found")
	}
	s.post(s.admin, "/api/v1/groups.invite", doc{"roomId": crew, "username": "admin"}).fails(400, notAnyGroup+" [error-room-not-found]", "error-room-not-found")
	if got := s.post(bob, "/api/v1/groups.invite", doc{"roomName": "crew", "username": "carol"}).is(200).at("group", "usersCount"); got != 3.0 {
		t.Errorf("usersCount after the owner's invitation = %v, want 3", got)
	}
	s.get(carol, "/api/v1/groups.messages?roomId="+crew).is(200)
	s.post(carol, "/api/v1/groups.invite", doc{"roomId": crew, "username": "admin"}).fails(400, "Not allowed [error-not-allowed]", "error-not-allowed")
	s.grant("create-p", "admin")
	s.post(bob, "/api/v1/groups.create", doc{"name": "mine"}).fails(403, "unauthorized", "")
}

func TestDirectRooms(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob, carol := s.user("bob", "user"), s.user("carol", "user")
	const create = "/api/v1/im.create"
	shared := workspace.DirectID(s.admin.id, bob.id)
	for _, in := range []doc{{"username": "bob"}, {"username": "@bob"}, {"usernames": "bob"}, {"usernames": " bob , admin"}} {
		room := s.post(s.admin, create, in).is(200).at("room").(doc)
		if room["_id"] != shared || room["rid"] != shared || room["t"] != "d" || len(room["usernames"].([]any)) != 2 {
			t.Errorf("im.create of %v answers %v, want the room %s of two", in, room, shared)
		}
	}
	if got := s.post(bob, create, doc{"username": "admin"}).is(200).text("room", "_id"); got != shared {
		t.Errorf("the other side's room is %s, want %s", got, shared)
	}
	three := s.post(s.admin, create, doc{"usernames": "bob,carol"}).is(200).at("room").(doc)
	if len(three["usernames"].([]any)) != 3 || three["_id"] == shared {
		t.Errorf("room of three: %v", three)
	}
	if got := s.post(s.admin, create, doc{"usernames": "bob,carol", "excludeSelf": true}).is(200).text("room", "_id"); got != workspace.DirectID(bob.id, carol.id) {
		t.Errorf("room of the two others is %s", got)
	}
	if got := s.post(bob, create, doc{"username": "bob"}).is(200).at("room", "usernames"); len(got.([]any)) != 1 {
		t.Errorf("notes to oneself are with %v", got)
	}
	s.post(s.admin, create, doc{"username": "nobody"}).fails(400, "There is no user with the username nobody [error-invalid-user]", "error-invalid-user")
	s.post(s.admin, create, doc{"usernames": "bob,nobody"}).fails(400, "There is no user with the username nobody [error-invalid-user]", "error-invalid-user")
	s.post(s.admin, create, doc{"usernames": ",", "excludeSelf": true}).fails(400, "Invalid arguments: name at least one user [error-invalid-arguments]", "error-invalid-arguments")
	s.post(s.admin, create, doc{}).fails(400, lines(missing("usernames"), missing("username"), oneOf)+" [invalid-params]", "invalid-params")
	s.grant("create-d", "admin")
	s.post(bob, create, doc{"username": "carol"}).fails(400, "Not allowed [error-not-allowed]", "error-not-allowed")
}

func TestChat(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob, carol := s.user("bob", "user"), s.user("carol", "user")
	ops, closed := s.room("channel", "ops"), s.room("group", "closed")
	const (
		post, send, update = "/api/v1/chat.postMessage", "/api/v1/chat.sendMessage", "/api/v1/chat.update"
		remove, get        = "/api/v1/chat.delete", "/api/v1/chat.getMessage?msgId="
		tooLong            = "Message size exceeds Message_MaxAllowedSize [error-message-size-exceeded]"
		notAllowed         = "Not allowed [error-not-allowed]"
	)

	t.Run("postMessage", func(t *testing.T) {
		s := s.in(t)
		a := s.post(bob, post, doc{"channel": "#ops", "text": " hello ", "tmid": "thread", "attachments": []any{doc{"msg": "moved"}}, "customFields": doc{"a": 1}}).is(200)
		m := a.at("message").(doc)
		want := doc{
			"rid": ops, "msg": "hello", "u": doc{"_id": bob.id, "username": "bob", "name": "bob"}, "tmid": "thread", "bot": nil, "groupable": false,
			"attachments": []any{doc{"text": "moved"}}, "parseUrls": false, "customFields": doc{"a": 1.0}, "alias": nil,
		}
		if d := differ(m, want); d != "" {
			t.Errorf("posted message (-want +got):\n%s", d)
		}
		at, err := time.Parse("2006-01-02T15:04:05.000Z", m["ts"].(string))
		must(t, err)
		if d := differ(a.doc(), doc{"channel": "#ops", "ts": float64(at.UnixMilli()), "success": true}); d != "" {
			t.Errorf("answer (-want +got):\n%s", d)
		}
		if d := cmp.Diff(m, s.get(carol, get+m["_id"].(string)).is(200).at("message")); d != "" {
			t.Errorf("chat.getMessage (-posted +got):\n%s", d)
		}
		for _, target := range []doc{{"roomId": ops}, {"roomId": []any{ops}}, {"channel": "ops"}, {"channel": []any{"#ops", "#general"}}} {
			if got := s.post(bob, post, changed(target, doc{"text": "x"})).is(200).text("message", "rid"); got != ops {
				t.Errorf("%v posted in %s, want %s", target, got, ops)
			}
		}
	})
	t.Run("postMessage is refused", func(t *testing.T) {
		s := s.in(t)
		for _, tt := range []struct {
			in              doc
			text, errorType string
		}{
			{doc{"channel": "#nowhere", "text": "x"}, "[invalid-channel]", "invalid-channel"},
			{doc{"channel": "@nobody", "text": "x"}, "[invalid-channel]", "invalid-channel"},
			{doc{"roomId": closed, "text": "x"}, notAllowed, "error-not-allowed"},
			{doc{"channel": "#ops", "text": strings.Repeat("x", 5001)}, tooLong, "error-message-size-exceeded"},
			{doc{"channel": "#ops", "text": "x", "alias": "A"}, "Not enough permission", ""},
			{doc{"channel": "#ops", "text": "x", "avatar": "/a.png"}, "Not enough permission", ""},
			{doc{"text": "x"}, lines(missing("roomId"), missing("channel"), oneOf) + " [invalid-params]", "invalid-params"},
		} {
			s.post(bob, post, tt.in).fails(400, tt.text, tt.errorType)
		}
		s.grant("message-impersonate", "bot", "app", "user")
		if got := s.post(bob, post, doc{"channel": "#ops", "text": "x", "alias": "A"}).is(200).text("message", "alias"); got != "A" {
			t.Errorf("alias = %q, want A", got)
		}
	})
	t.Run("sendMessage", func(t *testing.T) {
		s := s.in(t)
		m := s.post(bob, send, doc{"message": doc{"_id": "own-id", "rid": ops, "msg": "hello"}}).is(200).at("message").(doc)
		if d := differ(m, doc{"_id": "own-id", "rid": ops, "msg": "hello", "u": doc{"_id": bob.id, "username": "bob", "name": "bob"}}); d != "" {
			t.Errorf("sent message (-want +got):\n%s", d)
		}
		if got := s.post(bob, send, doc{"message": doc{"rid": ops, "msg": "hello"}}).is(200).text("message", "_id"); got == "" {
			t.Error("a message without an id of its own got none")
		}
		reply := s.post(bob, send, doc{"message": doc{"rid": ops, "msg": "me too", "tmid": "own-id", "tshow": true}}).is(200).text("message", "_id")
		if d := differ(s.get(bob, get+reply).is(200).at("message").(doc), doc{"tmid": "own-id", "tshow": true}); d != "" {
			t.Errorf("a reply that the room shows (-want +got):\n%s", d)
		}
		for _, tt := range []struct {
			in              doc
			text, errorType string
		}{
			{doc{"message": doc{"_id": "own-id", "rid": ops, "msg": "again"}}, "A message with the id own-id exists [error-invalid-message]", "error-invalid-message"},
			{doc{"message": doc{"rid": "unknown", "msg": "x"}}, "error-invalid-room", ""},
			{doc{"message": doc{"rid": "general", "msg": "x"}}, "error-invalid-room", ""}, // a name is no id
			{doc{"message": doc{"msg": "x"}}, "The 'rid' property on the message object is missing.", ""},
			{doc{"message": doc{"rid": closed, "msg": "x"}}, notAllowed, "error-not-allowed"},
			{doc{"message": doc{"rid": ops, "msg": strings.Repeat("x", 5001)}}, tooLong, "error-message-size-exceeded"},
			{doc{}, missing("message") + " [invalid-params]", "invalid-params"},
			{doc{"message": "x"}, "must be object [invalid-params]", "invalid-params"},
		} {
			s.post(bob, send, tt.in).fails(400, tt.text, tt.errorType)
		}
		if got := s.get(bob, get+"own-id").is(200).text("message", "msg"); got != "hello" {
			t.Errorf("a second message with the same id changed the first to %q", got)
		}
	})
	t.Run("update", func(t *testing.T) {
		s := s.in(t)
		m := s.say(bob, "#ops", "before")
		id := m["_id"].(string)
		edited := s.post(bob, update, doc{"roomId": ops, "msgId": id, "text": "after"}).is(200).at("message").(doc)
		want := doc{"_id": id, "msg": "after", "ts": m["ts"], "u": m["u"], "editedBy": doc{"_id": bob.id, "username": "bob"}, "editedAt": edited["_updatedAt"]}
		if d := differ(edited, want); d != "" || edited["editedAt"] == nil {
			t.Errorf("edited message (-want +got):\n%s", d)
		}
		if d := cmp.Diff(edited, s.get(bob, get+id).is(200).at("message")); d != "" {
			t.Errorf("chat.getMessage (-edited +got):\n%s", d)
		}
		if got := s.post(s.admin, update, doc{"roomId": ops, "msgId": id, "text": "by admin"}).is(200).at("message").(doc); got["editedBy"].(doc)["username"] != "admin" || got["u"].(doc)["username"] != "bob" {
			t.Errorf("edited by an administrator: %v", got)
		}
		for _, tt := range []struct {
			as              account
			in              doc
			text, errorType string
		}{
			{carol, doc{"roomId": ops, "msgId": id, "text": "x"}, "Message editing not allowed [error-action-not-allowed]", "error-action-not-allowed"},
			{bob, doc{"roomId": "GENERAL", "msgId": id, "text": "x"}, "The room id provided does not match where the message is from.", ""},
			{bob, doc{"roomId": ops, "msgId": "unknown", "text": "x"}, `No message found with the id of "unknown".`, ""},
			{bob, doc{"roomId": ops, "msgId": id, "text": strings.Repeat("x", 5001)}, tooLong, "error-message-size-exceeded"},
			{bob, doc{"roomId": ops, "msgId": id}, missing("text") + " [invalid-params]", "invalid-params"},
			{bob, doc{"msgId": id, "text": "x"}, missing("roomId") + " [invalid-params]", "invalid-params"},
		} {
			s.post(tt.as, update, tt.in).fails(400, tt.text, tt.errorType)
		}
		if got := s.get(bob, get+id).is(200).text("message", "msg"); got != "by admin" {
			t.Errorf("a refused edit changed the text to %q", got)
		}
	})
	t.Run("delete", func(t *testing.T) {
		s := s.in(t)
		m := s.say(bob, "#ops", "to go")
		id := m["_id"].(string)
		for _, tt := range []struct {
			as              account
			in              doc
			text, errorType string
		}{
			{carol, doc{"roomId": ops, "msgId": id}, "Not allowed [error-action-not-allowed]", "error-action-not-allowed"},
			{bob, doc{"roomId": "GENERAL", "msgId": id}, "The room id provided does not match where the message is from.", ""},
			{bob, doc{"roomId": ops, "msgId": "unknown"}, `No message found with the id of "unknown".`, ""},
			{bob, doc{"roomId": ops}, missing("msgId") + " [invalid-params]", "invalid-params"},
		} {
			s.post(tt.as, remove, tt.in).fails(400, tt.text, tt.errorType)
		}
		deleted := s.post(bob, remove, doc{"roomId": ops, "msgId": id}).is(200)
		want := doc{"_id": id, "ts": deleted.text("ts"), "message": doc{"_id": id, "rid": ops, "u": m["u"]}, "success": true}
		if d := cmp.Diff(want, deleted.doc()); d != "" {
			t.Errorf("chat.delete (-want +got):\n%s", d)
		}
		posted, _ := time.Parse(time.RFC3339, m["ts"].(string))
		if at, err := strconv.ParseInt(deleted.text("ts"), 10, 64); err != nil || at < posted.UnixMilli() {
			t.Errorf("deleted at %q, want milliseconds after %s", deleted.text("ts"), m["ts"])
		}
		s.get(bob, get+id).fails(400, `No message found with the id of "`+id+`".`, "")
		others := s.say(bob, "#ops", "to go, too")["_id"]
		s.post(s.admin, remove, doc{"roomId": ops, "msgId": others, "asUser": true}).is(200)
		s.grant("delete-own-message", "admin")
		kept := s.say(bob, "#ops", "stays")["_id"]
		s.post(bob, remove, doc{"roomId": ops, "msgId": kept}).fails(400, "Not allowed [error-action-not-allowed]", "error-action-not-allowed")
	})
	t.Run("getMessage", func(t *testing.T) {
		s := s.in(t)
		id := s.say(s.admin, "#closed", "secret")["_id"].(string)
		s.get(s.admin, get+id).is(200)
		s.get(bob, get+id).fails(400, notAllowed, "error-not-allowed")
		s.post(bob, update, doc{"roomId": closed, "msgId": id, "text": "x"}).is(400)
		s.post(bob, remove, doc{"roomId": closed, "msgId": id}).is(400)
		s.get(bob, get+"unknown").fails(400, `No message found with the id of "unknown".`, "")
		s.get(bob, get).fails(400, tooShort+" [invalid-params]", "invalid-params")
		s.do(request{method: http.MethodGet, path: "/api/v1/chat.getMessage", as: bob}).fails(400, missing("msgId")+" [invalid-params]", "invalid-params")
	})
}
