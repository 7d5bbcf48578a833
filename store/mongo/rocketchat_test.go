package mongo

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

const ada = "Xk3bQ9vTzR2mPq7sW"

// adopted opens a database with documents as several versions of Rocket.Chat wrote them.
func adopted(t *testing.T) *Store {
	t.Helper()
	text, err := os.ReadFile("testdata/upstream.json")
	if err != nil {
		t.Fatal(err)
	}
	var fixture bson.D
	if err := bson.UnmarshalExtJSON(text, false, &fixture); err != nil {
		t.Fatal(err)
	}
	address := newDatabase(t)
	s, err := connect(t.Context(), address, plain)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, e := range fixture {
		if _, err := s.in(e.Key).InsertMany(t.Context(), []any(e.Value.(bson.A))); err != nil {
			t.Fatal(err)
		}
	}
	if err := Adopt(t.Context(), address, workspace.Seed{}); err != nil {
		t.Fatal(err)
	}
	return openAt(t, address, plain)
}

// everythingIn answers every document of a database, by collection and id.
func everythingIn(t *testing.T, s *Store) map[string]bson.M {
	t.Helper()
	everything := map[string]bson.M{}
	names, err := s.db.ListCollectionNames(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		for _, doc := range all(t, s, name) {
			everything[name+" "+idText(rawOf(doc["_id"]))] = doc
		}
	}
	return everything
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func TestRocketChatsUsers(t *testing.T) {
	s, ctx := adopted(t), t.Context()
	for _, find := range []func() (workspace.User, error){
		func() (workspace.User, error) { return s.User(ctx, ada) },
		func() (workspace.User, error) { return s.UserByUsername(ctx, "ada.LOVELACE") },
		func() (workspace.User, error) { return s.UserByEmail(ctx, "ada@example.COM") },
		func() (workspace.User, error) {
			_, u, err := s.SessionUser(ctx, hashOf("token-of-a-login"))
			return u, err
		},
		func() (workspace.User, error) {
			_, u, err := s.SessionUser(ctx, hashOf("personal-token"))
			return u, err
		},
	} {
		u, err := find()
		u.PasswordHash = bytes.TrimLeft(u.PasswordHash, "$2ab")
		want := workspace.User{
			ID: ada, Username: "Ada.Lovelace", Name: "Ada Lovelace", Email: "Ada@Example.com", Verified: true, Roles: []string{"user", "admin"},
			PasswordHash: []byte("10$1VXE0cTobs8Iru4nl3D9w.7tX3NN5mo3Skq1T/NqXYCkmu6sQY/Ce"), Active: true, StatusText: "thinking",
			CustomFields: []byte(`{"team":"engines","floor":3}`), CreatedAt: time.Date(2024, 2, 3, 4, 5, 6, 7e6, time.UTC),
			UpdatedAt: time.Date(2024, 2, 3, 4, 5, 6, 107e6, time.UTC),
		}
		if diff := cmp.Diff(want, u); diff != "" || err != nil {
			t.Errorf("user (%v): want -, got +\n%s", err, diff)
		}
	}
	sessions, err := s.Sessions(ctx, ada)
	if err != nil || len(sessions) != 3 || sessions[1].Name != "ci" || !sessions[1].ExpiresAt.IsZero() ||
		!sessions[2].ExpiresAt.Equal(time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC).Add(90*24*time.Hour)) {
		t.Errorf("Sessions = %+v, %v", sessions, err)
	}
	if err := s.RemoveExpired(ctx, storetest.At(0)); err != nil {
		t.Fatal(err)
	}
	for token, open := range map[string]bool{"token-of-a-login": true, "personal-token": true, "token-long-ended": false} {
		if _, _, err := s.SessionUser(ctx, hashOf(token)); (err == nil) != open {
			t.Errorf("session %s after the ended ones were forgotten: %v", token, err)
		}
	}
	users, total, err := s.Users(ctx, workspace.UserFilter{}, workspace.Page{})
	if err != nil || total != 4 || users[0].ID != "rocket.cat" || !users[0].Bot || users[3].ID != "noNameYet" {
		t.Errorf("Users = %+v, %d, %v", users, total, err)
	}
}

func TestRocketChatsRoomsAndMessages(t *testing.T) {
	s, ctx := adopted(t), t.Context()
	general, err := s.RoomByName(ctx, "general")
	if err != nil || general.ID != "GENERAL" || general.Type != workspace.Channel || !general.Default || general.Topic != "all" {
		t.Errorf("RoomByName = %+v, %v", general, err)
	}
	direct, err := s.Room(ctx, ada+"rocket.cat")
	if err != nil || len(direct.Members) != 2 || direct.Members[1] != (workspace.UserRef{ID: "rocket.cat", Username: "rocket.cat"}) {
		t.Errorf("Room = %+v, %v", direct, err)
	}
	sub, err := s.Subscription(ctx, "GENERAL", ada)
	if err != nil || !slices.Equal(sub.Roles, []string{"owner"}) {
		t.Errorf("Subscription = %+v, %v", sub, err)
	}
	messages, total, err := s.Messages(ctx, workspace.MessageFilter{RoomID: "GENERAL"}, workspace.Page{})
	if err != nil || total != 2 || messages[0].ID != "m2" || messages[1].ID != "m1" {
		t.Fatalf("Messages = %+v, %d, %v", messages, total, err)
	}
	m := messages[0]
	if string(m.Attachments) != `[{"ts":"2024-05-01T00:00:00.000Z","text":"quoted","collapsed":false}]` ||
		len(m.Reactions) != 1 || !slices.Equal(m.Reactions[0].Usernames, []string{"rocket.cat"}) {
		t.Errorf("message = %+v with %s", m, m.Attachments)
	}
	file, err := s.OpenFile(ctx, "u1")
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(file)
	if string(content) != "hello" || err != nil {
		t.Errorf("file holds %q, %v", content, err)
	}
	if _, err := s.OpenFile(ctx, "u2"); !errors.Is(err, workspace.ErrNotFound) {
		t.Errorf("OpenFile of one that is kept elsewhere: %v, want %v", err, workspace.ErrNotFound)
	}
}

func TestRocketChatsIntegrations(t *testing.T) {
	s, ctx := adopted(t), t.Context()
	list, total, err := s.Integrations(ctx, integrations.Filter{Incoming: permissions.All, Outgoing: permissions.All}, workspace.Page{})
	if err != nil || total != 2 || list[0].ID != "oLd0utG0ing" {
		t.Fatalf("Integrations = %+v, %d, %v", list, total, err)
	}
	old, hook := list[0], list[1]
	if !slices.Equal(old.Channels, []string{"#general"}) || old.RetryCount == nil || *old.RetryCount != 6 || old.ScriptError == nil ||
		old.ScriptError.Message != "SyntaxError: once a text" || *old.Token != "t2" || *old.ScriptCompiled != "var Script" {
		t.Errorf("outgoing integration = %+v", old)
	}
	if *hook.Token != "aTokenOfAnIncomingHook" || hook.Kind != integrations.Incoming || !hook.Enabled || *hook.Emoji != ":robot:" {
		t.Errorf("incoming integration = %+v", hook)
	}
	found, err := s.IntegrationByURL(ctx, "https://example.com/a")
	if err != nil || found.ID != old.ID {
		t.Errorf("IntegrationByURL = %+v, %v", found, err)
	}
}

func TestRocketChatsRules(t *testing.T) {
	s, ctx := adopted(t), t.Context()
	seed := storetest.Seed()
	seed.Permissions = append(seed.Permissions, permissions.Permission{ID: "message-impersonate", Roles: []string{"bot"}})
	seed.Roles = append(seed.Roles, workspace.Role{ID: "admin", Name: "changed"})
	seed.Settings = append(seed.Settings, workspace.Setting{ID: "Site_Url", Value: []byte(`"other"`)})
	if seeded, err := s.Seeded(ctx); !seeded || err != nil {
		t.Errorf("Seeded = %v, %v", seeded, err)
	}
	if err := s.Supplement(ctx, seed); err != nil {
		t.Fatal(err)
	}
	list, err := s.Permissions(ctx)
	at := slices.IndexFunc(list, func(p permissions.Permission) bool { return p.ID == "message-impersonate" })
	if err != nil || at < 0 || !slices.Equal(list[at].Roles, []string{"bot", "app"}) || len(list) != 5 {
		t.Errorf("Permissions = %+v, %v", list, err)
	}
	roles, err := s.Roles(ctx)
	at = slices.IndexFunc(roles, func(r workspace.Role) bool { return r.ID == "admin" })
	if err != nil || at < 0 || roles[at].Name != "admin" || len(roles) != 4 {
		t.Errorf("Roles = %+v, %v", roles, err)
	}
	settings, err := s.Settings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, setting := range settings {
		values[setting.ID] = string(setting.Value)
	}
	if values["Message_MaxAllowedSize"] != "7000" || values["Site_Url"] != `"https://chat.example.com"` || values["Assets_logo"] == "" {
		t.Errorf("Settings = %v", values)
	}
}

// TestUnknownMembersStay changes documents of Rocket.Chat's, and looks what has become of the members
// that this server does not know.
func TestUnknownMembersStay(t *testing.T) {
	s, ctx := adopted(t), t.Context()
	before := everythingIn(t, s)
	u, err := s.User(ctx, ada)
	room, roomErr := s.Room(ctx, "GENERAL")
	m, messageErr := s.Message(ctx, "m2")
	i, hookErr := s.Integration(ctx, "oLd0utG0ing")
	if err := errors.Join(err, roomErr, messageErr, hookErr); err != nil {
		t.Fatal(err)
	}
	u.Name, u.Email, u.StatusText = "Ada King", "king@example.com", ""
	room.Topic, m.Text, i.Name = "other", "other", "other"
	guest, err := s.User(ctx, "g8FdT5yLmN1cVb4xZ")
	if err != nil {
		t.Fatal(err)
	}
	guest.Name = "Other"
	if err := errors.Join(
		s.SaveUser(ctx, u), s.SaveUser(ctx, guest), s.SaveRoom(ctx, room, storetest.Effects(1, 1, "a")), s.SaveMessage(ctx, m, nil), s.SaveIntegration(ctx, i),
		s.AddUserRole(ctx, ada, "auditor", storetest.At(1)), s.SetPassword(ctx, ada, []byte("new"), storetest.At(1), hashOf("token-of-a-login")),
		s.AddRoomRole(ctx, "GENERAL", ada, "leader"),
		s.SavePermissions(ctx, []permissions.Permission{{ID: "change-setting-Site_Url", Roles: []string{}, UpdatedAt: storetest.At(1)}}),
		s.SaveSetting(ctx, workspace.Setting{ID: "Message_MaxAllowedSize", Value: []byte("9")}),
	); err != nil {
		t.Fatal(err)
	}
	// The members that change, by the document. All others stay, those inside of others, too.
	changes := map[string][]string{
		"users " + ada:                                   {"name", "emails.0.address", "statusText", "roles", "services.password.bcrypt", "services.resume.loginTokens", "_updatedAt", "requirePasswordChange"},
		"users g8FdT5yLmN1cVb4xZ":                        {"name"},
		"rocketchat_room GENERAL":                        {"topic", "ro"},
		"rocketchat_message m2":                          {"msg", "parseUrls"},
		"rocketchat_integrations oLd0utG0ing":            {"name", "channel", "scriptError", "retryCount"},
		"rocketchat_subscription s1":                     {"roles", "u.name"},
		"rocketchat_permissions change-setting-Site_Url": {"roles", "_updatedAt"},
		"rocketchat_settings Message_MaxAllowedSize":     {"value"},
		"rocketchat_room " + ada + "rocket.cat":          {"usernames", "u"},
		"rocketchat_room pRivate1":                       {"u"},
	}
	after := everythingIn(t, s)
	for name, doc := range before {
		if strings.HasPrefix(name, "grapnel_") {
			continue
		}
		old, now := flat(doc), flat(after[name])
		for path, value := range old {
			if !mayChange(changes[name], path) && cmp.Diff(value, now[path]) != "" {
				t.Errorf("%s: %s was %v and is %v", name, path, value, now[path])
			}
		}
		for path := range now {
			if _, known := old[path]; !known && !mayChange(changes[name], path) {
				t.Errorf("%s: %s is new", name, path)
			}
		}
	}
	if got := after["users "+ada]["emails"]; cmp.Diff(got, bson.A{
		bson.D{is("address", "king@example.com"), is("verified", true)}, bson.D{is("address", "second@example.com"), is("verified", false)},
	}) != "" {
		t.Errorf("e-mail addresses are %v", got)
	}
	if _, _, err := s.SessionUser(ctx, hashOf("personal-token")); err != nil {
		t.Errorf("personal token after a new password: %v", err)
	}
}

func mayChange(paths []string, path string) bool {
	return path == "grapnel" || strings.HasPrefix(path, "grapnel.") || slices.ContainsFunc(paths, func(p string) bool {
		return path == p || strings.HasPrefix(path, p+".")
	})
}

// flat answers the members of a document that have none themselves, by their paths.
func flat(doc bson.M) map[string]any {
	paths := map[string]any{}
	for name, value := range doc {
		maps.Copy(paths, flatUnder(name, value))
	}
	return paths
}

func flatUnder(path string, value any) map[string]any {
	paths := map[string]any{}
	switch v := value.(type) {
	case bson.D:
		for _, e := range v {
			maps.Copy(paths, flatUnder(path+"."+e.Key, e.Value))
		}
	case bson.A:
		for n, e := range v {
			maps.Copy(paths, flatUnder(path+"."+string(rune('0'+n)), e))
		}
	default:
		paths[path] = v
	}
	return paths
}

// TestSubscriptionsNameRoomAndUser looks at the members by which Rocket.Chat's clients show rooms.
func TestSubscriptionsNameRoomAndUser(t *testing.T) {
	s, ctx := openAt(t, newDatabase(t), plain), t.Context()
	room, direct := storetest.Room(1), storetest.Direct(1, 2)
	first, second := storetest.User(1), storetest.User(2)
	if err := errors.Join(
		s.AddUser(ctx, first, nil, nil),
		s.AddRoom(ctx, room, []workspace.Subscription{storetest.Subscription(room.ID, first.ID)}, nil),
		s.AddUser(ctx, second, []workspace.Subscription{storetest.Subscription(room.ID, second.ID)}, nil),
		s.AddRoom(ctx, direct, nil, nil),
		s.Join(ctx, []workspace.Join{{Subscription: storetest.Subscription(direct.ID, first.ID)}, {Subscription: storetest.Subscription(direct.ID, second.ID)}}),
	); err != nil {
		t.Fatal(err)
	}
	want := func(roomID string, u workspace.User, kind, name, display string) {
		t.Helper()
		doc, err := readOne[bson.M](ctx, s.in(subscriptionsName), bson.D{is("rid", roomID), is("u._id", u.ID)})
		if err != nil {
			t.Error(err)
			return
		}
		got := bson.D{is("u", doc["u"]), is("t", doc["t"]), is("name", doc["name"]), is("fname", doc["fname"])}
		user := bson.D{is("_id", u.ID), is("username", u.Username), is("name", u.Name)}
		if diff := cmp.Diff(bson.D{is("u", user), is("t", kind), is("name", name), is("fname", display)}, got); diff != "" {
			t.Errorf("subscription of %s to %s: want -, got +\n%s", u.ID, roomID, diff)
		}
	}
	for _, u := range []workspace.User{first, second} {
		want(room.ID, u, "c", room.Name, room.DisplayName)
	}
	want(direct.ID, first, "d", second.Username, second.Name)
	want(direct.ID, second, "d", first.Username, first.Name)

	room.Name, room.DisplayName, room.Type = "other", "", workspace.Group
	second.Username, second.Name = "joe", "Joe"
	if err := errors.Join(s.SaveRoom(ctx, room, nil), s.SaveUser(ctx, second)); err != nil {
		t.Fatal(err)
	}
	want(room.ID, first, "p", "other", "other")
	want(room.ID, second, "p", "other", "other")
	want(direct.ID, first, "d", "joe", "Joe")
	want(direct.ID, second, "d", first.Username, first.Name)
}
