package storetest

import (
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// The builders answer records with every field set, each number another record. A test that
// wants less clears what it does not want.

// At is a moment, n seconds after the first one. It has milliseconds, as stores keep them.
func At(n int) time.Time {
	return time.Date(2026, time.March, 4, 5, 6, 7, int(89*time.Millisecond), time.UTC).Add(time.Duration(n) * time.Second)
}

// ID answers an id such as user5.
func ID(kind string, n int) string { return fmt.Sprintf("%s%d", kind, n) }

// User answers user n.
func User(n int) workspace.User {
	return workspace.User{
		ID: ID("user", n), Username: ID("Jane.Doe", n), Name: ID("Jané <Doe> ", n), Email: ID("Jane", n) + "@example.com",
		Verified: true, PasswordHash: []byte("$2a$10$" + ID("hash", n)), Roles: []string{"user", ID("role", n)},
		Bot: true, Active: true, Bio: "about\n\"me\"", Nickname: ID("nick", n), StatusText: "at lunch 🍜",
		CustomFields: []byte(`{"b": 1, "a": [1.0]}`), MustChange: true, CreatedAt: At(n), UpdatedAt: At(n + 1),
	}
}

// BareUser answers user n with nothing but what every user has.
func BareUser(n int) workspace.User {
	return workspace.User{ID: ID("user", n), Username: ID("user", n), CreatedAt: At(n), UpdatedAt: At(n)}
}

// Session answers login n of a user.
func Session(n int, userID string) workspace.Session {
	return workspace.Session{Hash: ID("aGFzaA+/", n) + "=", UserID: userID, CreatedAt: At(n), ExpiresAt: At(n + 100)}
}

// PersonalToken answers personal access token n of a user. It expires, which none does.
func PersonalToken(n int, userID string) workspace.Session {
	s := Session(n, userID)
	s.Name, s.Ending, s.Bypass = ID("CI <main> ", n), "a1b2c3", true
	return s
}

// Ref answers how records name user n.
func Ref(n int) workspace.UserRef { return User(n).Ref() }

// Room answers channel n.
func Room(n int) workspace.Room {
	return workspace.Room{
		ID: ID("room", n), Type: workspace.Channel, Name: ID("General", n), DisplayName: ID("Général ", n),
		Topic: "<topic>", Description: "what\nfor", Creator: Ref(n), Members: []workspace.UserRef{Ref(n), Ref(n + 1)},
		ReadOnly: true, Default: true, Archived: true, Broadcast: true, Muted: []string{"a", "b"},
		CustomFields: []byte(`{"b": 1, "a": [1.0]}`), TeamID: ID("team", n), TeamMain: true, CreatedAt: At(n), UpdatedAt: At(n + 1),
	}
}

// Direct answers the direct room of users a and b.
func Direct(a, b int) workspace.Room {
	return workspace.Room{
		ID: workspace.DirectID(ID("user", a), ID("user", b)), Type: workspace.Direct, Creator: Ref(a),
		Members: []workspace.UserRef{Ref(a), Ref(b)}, CreatedAt: At(a), UpdatedAt: At(a),
	}
}

// Subscription puts a user into a room.
func Subscription(roomID, userID string) workspace.Subscription {
	return workspace.Subscription{
		ID: roomID + "-" + userID, RoomID: roomID, UserID: userID, Roles: []string{"owner", "leader"}, Blocked: true, CreatedAt: At(3),
	}
}

// Message answers message n of a room, posted at second n.
func Message(n int, roomID string) workspace.Message {
	groupable := false
	return workspace.Message{
		ID: ID("message", n), RoomID: roomID, Kind: workspace.UserJoins, Author: Ref(n), Text: ID("héllo <b> & \u2028 \x00 👋 ", n), At: At(n), UpdatedAt: At(n + 1),
		Alias: "Build <bot>", Avatar: "https://example.com/a.png", Emoji: ":tada:", Attachments: []byte(`[ {"text": "<&>", "n": 1.0} ]`),
		Groupable: &groupable, ParseURLs: true, ThreadID: ID("message", n-1), InRoom: true, Custom: []byte(`{"b" : 1, "a" : 2}`),
		Bot: []byte(`{ "i" : "integration1" }`), EditedAt: At(n + 2), EditedBy: Ref(n + 1), Causes: []string{"integration1", "integration2"},
		Reactions: []workspace.Reaction{{Emoji: ":tada:", Usernames: []string{"jane", "<joe>"}}, {Emoji: ":+1:", Usernames: []string{"joe"}}},
	}
}

// File answers file n of user 1 in a room, without its content.
func File(n int, roomID string) workspace.File {
	return workspace.File{
		ID: ID("file", n), Name: ID("<é> ", n) + ".png", Type: "image/png", Format: "png", Width: n, Height: n + 1,
		RoomID: roomID, UserID: "user1", CreatedAt: At(n),
	}
}

// Showing answers message n of user 1, which shows a file.
func Showing(n int, f workspace.File) workspace.Message {
	m := Message(n, f.RoomID)
	m.Author = Ref(1)
	m.Files = []workspace.FileRef{f.Ref()}
	return m
}

// Messages answers the messages of a room from one number to another.
func Messages(from, to int, roomID string) []workspace.Message {
	var list []workspace.Message
	for n := from; n <= to; n++ {
		list = append(list, Message(n, roomID))
	}
	return list
}

// BareMessage answers message n with nothing but what every message has.
func BareMessage(n int, roomID string) workspace.Message {
	return workspace.Message{ID: ID("message", n), RoomID: roomID, Author: workspace.UserRef{ID: "user1"}, At: At(n), UpdatedAt: At(n)}
}

// Effect answers effect n under a key, raised and due at second n, in a lane of its key.
func Effect(n int, key string) workspace.Effect {
	return workspace.Effect{
		ID: ID("delivery", n), Key: key, Lane: "lane of " + key, At: At(n), Due: At(n), Body: fmt.Appendf(nil, "{\"n\" : %d, \x00\xff}", n),
	}
}

// Effects answers the effects from one number to another.
func Effects(from, to int, key string) []workspace.Effect {
	var list []workspace.Effect
	for n := from; n <= to; n++ {
		list = append(list, Effect(n, key))
	}
	return list
}

// Ordered answers the effects from one number to another, in a lane in which order counts.
func Ordered(from, to int, key string) []workspace.Effect {
	list := Effects(from, to, key)
	for n := range list {
		list[n].Ordered, list[n].Lane = true, "ordered lane of "+key
	}
	return list
}

// joins are subscriptions that lead to nothing.
func joins(subs ...workspace.Subscription) []workspace.Join {
	var list []workspace.Join
	for _, sub := range subs {
		list = append(list, workspace.Join{Subscription: sub})
	}
	return list
}

// Incoming answers incoming integration n, made by user1.
func Incoming(n int) integrations.Integration {
	i := Outgoing(n)
	i.Kind = integrations.Incoming
	return i
}

// Outgoing answers outgoing integration n, made by user1. It calls one URL of its own and one that
// all of them call.
func Outgoing(n int) integrations.Integration {
	return integrations.Integration{
		ID: ID("integration", n), Kind: integrations.Outgoing, Name: ID("CI 100% <α> ", n), Enabled: true,
		Username: "rocket.cat", UserID: "rocket.cat", Channels: []string{"#general", "@jane"}, Token: new(ID("token", n)),
		Alias: new("Alias"), Avatar: new("https://example.com/a.png"), Emoji: new(":tada:"),
		Script: new("class Script {\n  // <&> \u2028\n}"), ScriptEnabled: true, ScriptEngine: integrations.Engine, SkipTranspile: true,
		ScriptCompiled: new("var Script"), ScriptError: &integrations.ScriptFault{Name: "SyntaxError", Message: "no <", Stack: "at 1:2"},
		OverrideChannel: true, Event: workspace.SendMessage, TargetRoom: new("#target"),
		URLs: []string{OwnURL(n), SharedURL}, TriggerWords: []string{"deploy", "roll back"},
		TriggerWordAnywhere: new(true), RunOnEdits: new(true), RetryFailedCalls: new(true), RetryCount: new(6),
		RetryDelay: new("powers-of-ten"), ImpersonateUser: new(true),
		CreatedAt: At(n), CreatedBy: integrations.Actor{ID: "user1", Username: "jane"},
		UpdatedAt: At(n + 1), UpdatedBy: &integrations.Actor{ID: "user2", Username: "joe"},
	}
}

// SharedURL is a URL that every Outgoing calls.
const SharedURL = "https://example.com/shared?a=1&b=2"

// OwnURL is the URL that only Outgoing(n) calls.
func OwnURL(n int) string { return ID("https://example.com/hooks/", n) }

// Outage answers the outage of lane n of an integration.
func Outage(n int, integrationID string) integrations.Outage {
	return integrations.Outage{
		Lane: ID("lane", n), IntegrationID: integrationID, URL: OwnURL(n), Since: At(n), LastError: ID("refused <", n), Told: At(n + 1),
	}
}

// LastError answers failure n of an integration's script.
func LastError(n int, integrationID string) integrations.LastError {
	return integrations.LastError{
		IntegrationID: integrationID, At: At(n), Method: integrations.ProcessIncomingRequest, Name: "TypeError", Message: ID("x is <not> ", n),
		Line: n, Column: n + 1, Stack: "TypeError: x is <not>\n>    1 | x()", Console: []string{"log: a", ""}, Remedy: "write <y>",
	}
}

// Options answers the options of integration n, with something in every member.
func Options(n int) integrations.Options {
	return integrations.Options{
		IntegrationID: ID("integration", n), UpdatedAt: At(n), Policy: integrations.PolicyGrapnel,
		Retry:   &integrations.Retry{Attempts: n + 1, First: 1500 * time.Millisecond, Longest: time.Hour},
		Ordered: true, Signing: integrations.Signing{Generation: n, OldUntil: At(n + 1)},
		TLS:    integrations.TLS{Insecure: true, CA: "-----BEGIN <\n"},
		Limits: integrations.Limits{Rate: 0.5, Burst: 7, Concurrency: 3, Body: 1 << 40},
		Log:    integrations.LogRules{MetadataOnly: true, Age: 48 * time.Hour, Entries: 9, Bytes: 1 << 33},
	}
}

// Permission answers permission n.
func Permission(n int) permissions.Permission {
	return permissions.Permission{ID: ID("permission", n), Roles: []string{"admin", ID("role", n)}, UpdatedAt: At(n)}
}

// Role answers role n.
func Role(n int) workspace.Role {
	return workspace.Role{ID: ID("role", n), Name: ID("Role ", n), Description: "what <for>", Scope: workspace.ScopeSubscriptions, UpdatedAt: At(n)}
}

// Seed answers a small workspace: users 1 and 2 in room 1.
func Seed() workspace.Seed {
	return workspace.Seed{
		Roles:         []workspace.Role{Role(2), Role(1)},
		Permissions:   []permissions.Permission{Permission(1), Permission(2)},
		Settings:      []workspace.Setting{{ID: "a", Value: []byte(`"<text>"`)}, {ID: "b", Value: []byte(`5000`)}},
		Users:         []workspace.User{User(1), User(2)},
		Rooms:         []workspace.Room{Room(1)},
		Subscriptions: []workspace.Subscription{Subscription("room1", "user1"), Subscription("room1", "user2")},
		Secrets:       map[string][]byte{"key": {0, 1, 0xff}},
	}
}
