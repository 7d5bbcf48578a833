package api_test

import (
	"cmp"
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// The members of a new record at compatibility level 7, as the published page shows them.
const (
	incomingKeys = `type username channel scriptEnabled name enabled scriptEngine overrideDestinationChannelEnabled token
		userId _createdAt _createdBy _id`
	outgoingKeys = "type username channel scriptEnabled name enabled scriptEngine userId _createdAt _createdBy _id event urls"
)

// more are the members that level 8 answers as well.
func more(level int) string {
	if level >= 8 {
		return " _updatedAt skipTranspile"
	}
	return ""
}

func TestCreateSchema(t *testing.T) {
	t.Parallel()
	in, out := newIncoming, newOutgoing
	tests := []struct {
		name string
		body any
		want string
	}{
		{"empty", doc{}, lines(missing("type"), missing("type"), oneOf)},
		{"incoming without type", in(doc{"type": omit{}}), lines(missing("type"), missing("type"), oneOf)},
		{"outgoing without type", out(doc{"type": omit{}}), lines(missing("type"), missing("type"), oneOf)},
		{"incoming without username", in(doc{"username": omit{}}), lines(missing("username"), missing("username"), oneOf)},
		{"outgoing without username", out(doc{"username": omit{}}), lines(missing("username"), missing("username"), oneOf)},
		{"incoming without channel", in(doc{"channel": omit{}}), lines(missing("channel"), missing("channel"), oneOf)},
		{"outgoing without channel", out(doc{"channel": omit{}}), lines(missing("channel"), missing("channel"), oneOf)},
		{"incoming without scriptEnabled", in(doc{"scriptEnabled": omit{}}), lines(missing("scriptEnabled"), missing("event"), oneOf)},
		{"incoming without name", in(doc{"name": omit{}}), lines(missing("name"), missing("event"), oneOf)},
		{"incoming without enabled", in(doc{"enabled": omit{}}), lines(missing("enabled"), missing("event"), oneOf)},
		{"the first of two that are missing", in(doc{"username": omit{}, "enabled": omit{}}), lines(missing("username"), missing("username"), oneOf)},
		{"incoming with an unknown property", in(doc{"bogus": 1}), lines(extra, missing("event"), oneOf)},
		{"incoming with urls", in(doc{"urls": []any{"http://x"}}), lines(extra, missing("event"), oneOf)},
		{"incoming with a token", in(doc{"token": "x"}), lines(extra, missing("event"), oneOf)},
		{"incoming with an integrationId", in(doc{"integrationId": "x"}), lines(extra, missing("event"), oneOf)},
		{"outgoing without event", out(doc{"event": omit{}, "urls": omit{}}), lines(noIncoming, missing("event"), oneOf)},
		{"outgoing without event, with urls", out(doc{"event": omit{}}), lines(extra, missing("event"), oneOf)},
		{"outgoing with an unknown property", out(doc{"bogus": 1}), lines(extra, extra, oneOf)},
		{"outgoing with the override flag", out(doc{"overrideDestinationChannelEnabled": true}), lines(extra, extra, oneOf)},
		{"outgoing with a target_url", out(doc{"target_url": "http://x"}), lines(extra, extra, oneOf)},
		{"incoming of another type", in(doc{"type": "x"}), lines(noIncoming, missing("event"), oneOf)},
		{"outgoing of another type", out(doc{"type": "x"}), lines(extra, noOutgoing, oneOf)},
		{"incoming type with an event", out(doc{"type": "webhook-incoming"}), lines(extra, noOutgoing, oneOf)},
		{"enabled is a word", in(doc{"enabled": "yes"}), lines("must be boolean", missing("event"), oneOf)},
		{"channel is an array", in(doc{"channel": []any{"#general"}}), lines("must be string", missing("event"), oneOf)},
		{"name is an object", in(doc{"name": doc{}}), lines("must be string", missing("event"), oneOf)},
		{"urls with an empty one", out(doc{"urls": []any{""}}), lines(extra, tooShort, oneOf)},
		{"urls is a string", out(doc{"urls": "http://x"}), lines(extra, "must be array", oneOf)},
		{"triggerWords with an empty one", out(doc{"triggerWords": []any{""}}), lines(extra, tooShort, oneOf)},
		{"triggerWords is a string", out(doc{"triggerWords": "go"}), lines(extra, "must be array", oneOf)},
		{"triggerWords with an object", out(doc{"triggerWords": []any{doc{}}}), lines(extra, "must be string", oneOf)},
		{"retryCount is a word", out(doc{"retryCount": "x"}), lines(extra, "must be number", oneOf)},
		{"array", []any{}, lines("must be object", "must be object", oneOf)},
	}
	levels(t, func(t *testing.T, level int, s *server) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				s.in(t).post(s.admin, createPath, tt.body).refuses(level, "body", tt.want)
			})
		}
		if list := s.get(s.admin, listPath); list.at("total") != 0.0 {
			t.Errorf("refused documents made integrations: %s", list.body)
		}
	})
}

func TestCreateUnknownType(t *testing.T) {
	t.Parallel()
	levels(t, func(t *testing.T, _ int, s *server) {
		nobody := s.user("nobody", "user")
		tests := []struct {
			name string
			body doc
		}{
			{"incoming and more", newIncoming(doc{"type": "webhook-incoming-invalid"})},
			{"more and incoming", newIncoming(doc{"type": "my-webhook-incoming"})},
			{"outgoing and more", newOutgoing(doc{"type": "webhook-outgoing-invalid"})},
			{"both names as incoming", newIncoming(doc{"type": "webhook-incoming webhook-outgoing"})},
			{"both names as outgoing", newOutgoing(doc{"type": "webhook-outgoing webhook-incoming"})},
			{"before the other rules", newIncoming(doc{"type": "webhook-incoming-invalid", "channel": "", "username": ""})},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				s := s.in(t)
				s.post(s.admin, createPath, tt.body).says(400, `{"success":false,"error":"Invalid integration type."}`)
				s.post(nobody, createPath, tt.body).says(400, `{"success":false,"error":"Invalid integration type."}`)
			})
		}
	})
}

// callers are users by what they may do with integrations of either kind.
type callers struct {
	both account // both permissions
	all  account // manage-…
	own  account // manage-own-…
	none account
}

// people makes the callers. They are in #general, not in #elsewhere.
func (s *server) people() callers {
	s.t.Helper()
	var change []any
	for _, kind := range []string{"incoming", "outgoing"} {
		change = append(change,
			doc{"_id": "manage-" + kind + "-integrations", "roles": []string{"admin", "guest"}},
			doc{"_id": "manage-own-" + kind + "-integrations", "roles": []string{"admin", "user"}})
	}
	s.post(s.admin, "/api/v1/permissions.update", doc{"permissions": change}).is(200)
	s.room("channel", "elsewhere")
	return callers{both: s.admin, all: s.user("all", "guest"), own: s.user("own", "user"), none: s.user("none", "anonymous")}
}

// refusal is what a rule answers.
type refusal struct {
	text, errorType string
	details         doc
}

func (r refusal) of(a answer) {
	a.t.Helper()
	a.fails(400, r.text, r.errorType).because(r.details)
}

func byMethod(name string) doc { return doc{"method": name} }

// The rules for new incoming integrations, in their order.
var (
	inNotAuthorized = refusal{"Unauthorized [not_authorized]", "not_authorized", byMethod("addIncomingIntegration")}
	inChannelBlank  = refusal{"Invalid channel [error-invalid-channel]", "error-invalid-channel", byMethod("addIncomingIntegration")}
	inChannelStart  = refusal{
		"Invalid channel. Start with @ or # [error-invalid-channel-start-with-chars]", "error-invalid-channel-start-with-chars",
		byMethod("updateIncomingIntegration"),
	}
	inUsernameBlank = refusal{"Invalid username [error-invalid-username]", "error-invalid-username", byMethod("addIncomingIntegration")}
	scriptsFrozen   = refusal{"integration-scripts-disabled", "", nil}
	engineFrozen    = refusal{"integration-scripts-isolated-vm-disabled", "", nil}
	inUnknownUser   = refusal{"Invalid user [error-invalid-user]", "error-invalid-user", byMethod("addIncomingIntegration")}
	inImpersonation = refusal{
		"User selected for the incoming integration lacks the 'message-impersonate' permission. [error-user-lacks-message-impersonate-permission]",
		"error-user-lacks-message-impersonate-permission", byMethod("addIncomingIntegration"),
	}
	inUnknownRoom = refusal{"Invalid room [error-invalid-room]", "error-invalid-room", byMethod("addIncomingIntegration")}
	inNotInRoom   = refusal{"Invalid Channel [error-invalid-channel]", "error-invalid-channel", byMethod("addIncomingIntegration")}
)

func TestCreateIncomingRules(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people()
	direct := s.post(p.own, "/api/v1/im.create", doc{"username": "admin"}).is(200)
	tests := []struct {
		name   string
		as     account
		change doc
		want   refusal
	}{
		{"1 no permission", p.none, nil, inNotAuthorized},
		{"2 channel empty", p.both, doc{"channel": ""}, inChannelBlank},
		{"2 channel of spaces", p.both, doc{"channel": "  \t"}, inChannelBlank},
		{"2 channel null, which is coerced", p.both, doc{"channel": nil}, inChannelBlank},
		{"3 no prefix", p.both, doc{"channel": "general"}, inChannelStart},
		{"3 second without prefix", p.both, doc{"channel": "#general,general"}, inChannelStart},
		{"3 empty part at the end", p.both, doc{"channel": "#general,"}, inChannelStart},
		{"3 empty part in the middle", p.both, doc{"channel": "#general, ,@rocket.cat"}, inChannelStart},
		{"3 scoped name", p.both, doc{"channel": "all_public_channels"}, inChannelStart},
		{"4 username empty", p.both, doc{"username": ""}, inUsernameBlank},
		{"4 username of spaces", p.both, doc{"username": " "}, inUsernameBlank},
		{"4 username null, which is coerced", p.both, doc{"username": nil}, inUsernameBlank},
		{"6 unknown user", p.both, doc{"username": "nobody"}, inUnknownUser},
		{"6 username in another case", p.both, doc{"username": "Rocket.Cat"}, inUnknownUser},
		{"6 username with spaces around", p.both, doc{"username": " rocket.cat "}, inUnknownUser},
		{"6 user id", p.both, doc{"username": p.own.id}, inUnknownUser},
		{"8 unknown room", p.both, doc{"channel": "#nowhere"}, inUnknownRoom},
		{"8 room name in another case", p.both, doc{"channel": "#General"}, inUnknownRoom},
		{"8 no room name", p.both, doc{"channel": "#"}, inUnknownRoom},
		{"8 unknown user to write to", p.both, doc{"channel": "@nobody"}, inUnknownRoom},
		{"8 user to write to in another case", p.both, doc{"channel": "@Admin"}, inUnknownRoom},
		{"8 no user to write to", p.both, doc{"channel": "@"}, inUnknownRoom},
		{"8 second room unknown", p.both, doc{"channel": "#general,#nowhere"}, inUnknownRoom},
		{"8 unknown room, with one permission", p.own, doc{"channel": "#nowhere"}, inUnknownRoom},
		{"8 a room's name behind @", p.both, doc{"channel": "@general"}, inUnknownRoom},
		{"8 a username behind #", p.both, doc{"channel": "#rocket.cat"}, inUnknownRoom},
		{"9 not in the room, manage-own", p.own, doc{"channel": "#elsewhere"}, inNotInRoom},
		{"9 not in the room, manage", p.all, doc{"channel": "#elsewhere"}, inNotInRoom},
		{"9 in the first room only", p.own, doc{"channel": "#general,#elsewhere"}, inNotInRoom},
		{"9 direct message, manage-own", p.own, doc{"channel": "@admin"}, inNotInRoom},
		{"9 direct message, manage", p.all, doc{"channel": "@admin"}, inNotInRoom},
		{"9 direct message to oneself", p.own, doc{"channel": "@own"}, inNotInRoom},
		{"9 the rooms are looked at one by one", p.own, doc{"channel": "#elsewhere,#nowhere"}, inNotInRoom},
		{"8 the rooms are looked at one by one", p.own, doc{"channel": "#nowhere,#elsewhere"}, inUnknownRoom},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.of(s.in(t).post(tt.as, createPath, newIncoming(tt.change)))
		})
	}
	if list := s.get(s.admin, listPath); list.at("total") != 0.0 {
		t.Errorf("refused requests made integrations: %s", list.body)
	}
	passes := []struct {
		name     string
		as       account
		channel  string
		channels []any
	}{
		{"room by name", p.both, "#general", []any{"#general"}},
		{"room by id", p.both, "#GENERAL", []any{"#GENERAL"}},
		{"user by name", p.both, "@own", []any{"@own"}},
		{"user by id", p.both, "@" + p.own.id, []any{"@" + p.own.id}},
		{"several, trimmed", p.both, " #general ,\t@own,#elsewhere ", []any{"#general", "@own", "#elsewhere"}},
		{"the same twice", p.both, "#general,#general", []any{"#general", "#general"}},
		{"a room of others, with both permissions", p.both, "#elsewhere", []any{"#elsewhere"}},
		{"own room, manage-own", p.own, "#general", []any{"#general"}},
		{"own room, manage", p.all, "#general", []any{"#general"}},
		{"direct room by its id", p.own, "#" + direct.text("room", "_id"), []any{"#" + direct.text("room", "_id")}},
	}
	for _, tt := range passes {
		t.Run("passes: "+tt.name, func(t *testing.T) {
			got := s.in(t).made(tt.as, newIncoming(doc{"channel": tt.channel}))
			if diff := gocmp.Diff(tt.channels, got["channel"]); diff != "" {
				t.Errorf("create with channel %q stores others (-want +got):\n%s", tt.channel, diff)
			}
		})
	}
}

// breach is a change to a request that breaks one rule.
type breach struct {
	order  int
	part   string // what it changes: two breaches of one part exclude each other
	as     account
	change doc
	want   refusal
}

// inOrder makes requests that break two rules each, and asks for the refusal of the earlier one.
// Applies says of two breaches of different parts whether both of them hold.
func inOrder(t *testing.T, caller account, breaches []breach, applies func(first, second breach) bool, send func(t *testing.T, as account, change doc) answer) {
	t.Helper()
	slices.SortStableFunc(breaches, func(a, b breach) int { return cmp.Compare(a.order, b.order) })
	for n, first := range breaches {
		for _, second := range breaches[n+1:] {
			if first.part == second.part || !applies(first, second) {
				continue
			}
			t.Run(first.name()+" wins over "+second.name(), func(t *testing.T) {
				change := maps.Clone(first.change)
				if change == nil {
					change = doc{}
				}
				maps.Copy(change, second.change)
				as := caller
				for _, b := range []breach{first, second} {
					if b.as.id != "" {
						as = b.as
					}
				}
				first.want.of(send(t, as, change))
			})
		}
	}
}

func (b breach) name() string {
	for name, value := range b.change {
		text, ok := value.(string)
		if ok && len(text) < 30 {
			return strings.TrimSpace(string(rune('a'+b.order-1)) + " " + name + " " + text)
		}
	}
	return strings.TrimSpace(string(rune('a'+b.order-1)) + " " + b.part)
}

func always(breach, breach) bool { return true }

func TestCreateIncomingOrder(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.level, o.freeze = 8, integrations.AllFrozen })
	p := s.people()
	breaches := []breach{
		{1, "caller", p.none, nil, inNotAuthorized},
		{2, "channel", account{}, doc{"channel": " "}, inChannelBlank},
		{3, "channel", account{}, doc{"channel": "#nowhere,general"}, inChannelStart},
		{4, "username", account{}, doc{"username": ""}, inUsernameBlank},
		{5, "script", account{}, doc{"script": "1"}, scriptsFrozen},
		{6, "username", account{}, doc{"username": "nobody"}, inUnknownUser},
		{7, "username", account{}, doc{"username": "none"}, inImpersonation},
		{8, "channel", account{}, doc{"channel": "#nowhere"}, inUnknownRoom},
		{9, "channel", account{}, doc{"channel": "#elsewhere"}, inNotInRoom},
	}
	for _, b := range breaches {
		t.Run(b.name(), func(t *testing.T) {
			as := p.own
			if b.as.id != "" {
				as = b.as
			}
			b.want.of(s.in(t).post(as, createPath, newIncoming(b.change)))
		})
	}
	inOrder(t, p.own, breaches, always, func(t *testing.T, as account, change doc) answer {
		return s.in(t).post(as, createPath, newIncoming(change))
	})
	t.Run("a refused request gives nobody the role bot", func(t *testing.T) {
		u, err := s.chat.UserByUsername(context.Background(), "none")
		must(t, err)
		if u.HasRole(workspace.RoleBot) {
			t.Errorf("roles of none = %v, want no bot", u.Roles)
		}
	})
}

func byFunction(name string) doc { return doc{"function": name} }

// The rules for new outgoing integrations, in their order. Which function upstream names in the
// details is open but for its beginning.
var (
	outNotAuthorized = refusal{"[not_authorized]", "not_authorized", nil}
	outEvent         = refusal{"Invalid event type [error-invalid-event-type]", "error-invalid-event-type", byFunction("validateOutgoing._verifyRequiredFields")}
	outUsernameBlank = refusal{"Invalid username [error-invalid-username]", "error-invalid-username", byFunction("validateOutgoing._verifyRequiredFields")}
	outTargetRoom    = refusal{"Invalid Target Room [error-invalid-targetRoom]", "error-invalid-targetRoom", byFunction("validateOutgoing._verifyRequiredFields")}
	outURLs          = refusal{"Invalid URLs [error-invalid-urls]", "error-invalid-urls", byFunction("validateOutgoing._verifyRequiredFields")}
	outChannel       = refusal{"Invalid Channel [error-invalid-channel]", "error-invalid-channel", byFunction("validateOutgoing")}
	outChannelStart  = refusal{
		"Invalid channel. Start with @ or # [error-invalid-channel-start-with-chars]", "error-invalid-channel-start-with-chars",
		byFunction("validateOutgoing"),
	}
	outEventPermission = refusal{
		"Invalid permission for required Integration creation. [error-invalid-permissions]", "error-invalid-permissions",
		byFunction("validateOutgoing"),
	}
	outUnknownUser = refusal{"Invalid user (did you delete the `rocket.cat` user?) [error-invalid-user]", "error-invalid-user", byFunction("validateOutgoing")}
	outScoped      = refusal{"Invalid Channel [error-invalid-channel]", "error-invalid-channel", byFunction("validateOutgoing._verifyUserHasPermissionForChannels")}
	outUnknownRoom = refusal{"Invalid room [error-invalid-room]", "error-invalid-room", byFunction("validateOutgoing._verifyUserHasPermissionForChannels")}
	outNotInRoom   = refusal{"Invalid Channel [error-invalid-channel]", "error-invalid-channel", byFunction("validateOutgoing._verifyUserHasPermissionForChannels")}
)

func TestCreateOutgoingRules(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people()
	s.room("channel", "LL_PUBLIC_CHANNELS") // what is left of a name without its first letter
	tests := []struct {
		name   string
		as     account
		change doc
		want   refusal
	}{
		{"1 no permission", p.none, nil, outNotAuthorized},
		{"3 event empty", p.both, doc{"event": ""}, outEvent},
		{"3 event of spaces", p.both, doc{"event": " "}, outEvent},
		{"3 unknown event", p.both, doc{"event": "messageSent"}, outEvent},
		{"3 event in another case", p.both, doc{"event": "SendMessage"}, outEvent},
		{"3 name of an object's own member", p.both, doc{"event": "toString"}, outEvent},
		{"4 username empty", p.both, doc{"username": ""}, outUsernameBlank},
		{"4 username of spaces", p.both, doc{"username": " "}, outUsernameBlank},
		{"5 no target room", p.both, doc{"event": "userCreated"}, outTargetRoom},
		{"5 target room empty", p.both, doc{"event": "userCreated", "targetRoom": ""}, outTargetRoom},
		{"5 target room of spaces", p.both, doc{"event": "userCreated", "targetRoom": " "}, outTargetRoom},
		{"5 target room null", p.both, doc{"event": "userCreated", "targetRoom": nil}, outTargetRoom},
		{"6 no urls", p.both, doc{"urls": omit{}}, outURLs},
		{"6 urls null", p.both, doc{"urls": nil}, outURLs},
		{"6 urls empty", p.both, doc{"urls": []any{}}, outURLs},
		{"6 urls of spaces", p.both, doc{"urls": []any{" ", "\t"}}, outURLs},
		{"7 channel of spaces", p.both, doc{"channel": "   "}, outChannel},
		{"8 no prefix", p.both, doc{"channel": "general"}, outChannelStart},
		{"8 second without prefix", p.both, doc{"channel": "#general,general"}, outChannelStart},
		{"8 empty part", p.both, doc{"channel": "#general,"}, outChannelStart},
		{"8 scoped name and more", p.both, doc{"channel": "all_public_channels_x"}, outChannelStart},
		{"9 roomCreated, manage-own", p.own, doc{"event": "roomCreated"}, outEventPermission},
		{"9 roomArchived, manage-own", p.own, doc{"event": "roomArchived"}, outEventPermission},
		{"9 userCreated, manage-own", p.own, doc{"event": "userCreated", "targetRoom": "#general"}, outEventPermission},
		{"10 unknown user", p.both, doc{"username": "nobody"}, outUnknownUser},
		{"10 username in another case", p.both, doc{"username": "Rocket.Cat"}, outUnknownUser},
		{"12 all_private_groups, manage-own", p.own, doc{"channel": "all_private_groups"}, outScoped},
		{"12 all_direct_messages, manage-own", p.own, doc{"channel": "#general,all_direct_messages"}, outScoped},
		{"13 unknown room", p.both, doc{"channel": "#nowhere"}, outUnknownRoom},
		{"13 unknown user to listen to", p.both, doc{"channel": "@nobody"}, outUnknownRoom},
		{"13 second room unknown", p.both, doc{"channel": "#general,#nowhere"}, outUnknownRoom},
		{"13 scoped name in another case", p.both, doc{"channel": "ALL_PUBLIC_CHANNELS"}, outUnknownRoom},
		{"13 scoped name in mixed case", p.both, doc{"channel": "All_Direct_Messages"}, outUnknownRoom},
		{"14 not in the room, manage-own", p.own, doc{"channel": "#elsewhere"}, outNotInRoom},
		{"14 not in the room, manage", p.all, doc{"channel": "#elsewhere"}, outNotInRoom},
		{"14 direct messages, manage-own", p.own, doc{"channel": "@admin"}, outNotInRoom},
		{"14 direct messages, manage", p.all, doc{"channel": "@own"}, outNotInRoom},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.of(s.in(t).post(tt.as, createPath, newOutgoing(tt.change)))
		})
	}
	if list := s.get(s.admin, listPath); list.at("total") != 0.0 {
		t.Errorf("refused requests made integrations: %s", list.body)
	}
	none := []any{}
	passes := []struct {
		name   string
		as     account
		change doc
		want   doc
	}{
		{"no channel means all public ones", p.both, doc{"channel": ""}, doc{"channel": none}},
		{"no channel, manage-own", p.own, doc{"channel": ""}, doc{"channel": none}},
		{"all_public_channels, manage-own", p.own, doc{"channel": "all_public_channels"}, doc{"channel": []any{"all_public_channels"}}},
		{
			"every scoped name, manage", p.all,
			doc{"channel": "all_public_channels, all_private_groups,all_direct_messages"},
			doc{"channel": []any{"all_public_channels", "all_private_groups", "all_direct_messages"}},
		},
		{"own room, manage-own", p.own, nil, doc{"channel": []any{"#general"}}},
		{"own room, manage", p.all, nil, doc{"channel": []any{"#general"}}},
		{"room and user of others, both", p.both, doc{"channel": "#elsewhere, @own"}, doc{"channel": []any{"#elsewhere", "@own"}}},
		{"fileUploaded", p.own, doc{"event": "fileUploaded"}, doc{"event": "fileUploaded", "channel": []any{"#general"}}},
		{"roomJoined", p.own, doc{"event": "roomJoined"}, doc{"event": "roomJoined", "channel": []any{"#general"}}},
		{"roomLeft", p.own, doc{"event": "roomLeft"}, doc{"event": "roomLeft", "channel": []any{"#general"}}},
		{"roomCreated has no channel", p.all, doc{"event": "roomCreated", "channel": "nonsense"}, doc{"event": "roomCreated", "channel": none}},
		{"roomArchived has no channel", p.all, doc{"event": "roomArchived", "channel": "   "}, doc{"event": "roomArchived", "channel": none}},
		{"userCreated", p.all, doc{"event": "userCreated", "targetRoom": "#general"}, doc{"event": "userCreated", "channel": none, "targetRoom": "#general"}},
		{"urls are not checked", p.own, doc{"urls": []any{"no url"}}, doc{"urls": []any{"no url"}}},
		{"blank urls are dropped", p.own, doc{"urls": []any{" ", "http://a", "\t", "http://b"}}, doc{"urls": []any{"http://a", "http://b"}}},
	}
	for _, tt := range passes {
		t.Run("passes: "+tt.name, func(t *testing.T) {
			if diff := differ(s.in(t).made(tt.as, newOutgoing(tt.change)), tt.want); diff != "" {
				t.Errorf("create with %v stores otherwise (-want +got):\n%s", tt.change, diff)
			}
		})
	}
}

func TestCreateOutgoingOrder(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.freeze = integrations.AllFrozen })
	p := s.people()
	breaches := outgoingBreaches()
	breaches = append(breaches, breach{1, "caller", p.none, nil, outNotAuthorized}, breach{2, "script", account{}, doc{"script": "1"}, scriptsFrozen})
	for _, b := range breaches {
		t.Run(b.name(), func(t *testing.T) {
			as := p.own
			if b.as.id != "" {
				as = b.as
			}
			b.want.of(s.in(t).post(as, createPath, newOutgoing(b.change)))
		})
	}
	inOrder(t, p.own, breaches, outgoingApplies, func(t *testing.T, as account, change doc) answer {
		return s.in(t).post(as, createPath, newOutgoing(change))
	})
}

// outgoingBreaches break the rules that create and update share, for a caller who holds manage-own.
func outgoingBreaches() []breach {
	return []breach{
		{3, "event", account{}, doc{"event": "x"}, outEvent},
		{4, "username", account{}, doc{"username": ""}, outUsernameBlank},
		{5, "event", account{}, doc{"event": "userCreated"}, outTargetRoom},
		{6, "urls", account{}, doc{"urls": []any{" "}}, outURLs},
		{7, "channel", account{}, doc{"channel": " "}, outChannel},
		{8, "channel", account{}, doc{"channel": "#nowhere,general"}, outChannelStart},
		{9, "event", account{}, doc{"event": "roomCreated"}, outEventPermission},
		{10, "username", account{}, doc{"username": "nobody"}, outUnknownUser},
		{12, "channel", account{}, doc{"channel": "all_private_groups,#nowhere"}, outScoped},
		{13, "channel", account{}, doc{"channel": "#nowhere"}, outUnknownRoom},
		{14, "channel", account{}, doc{"channel": "#elsewhere"}, outNotInRoom},
	}
}

// outgoingApplies leaves out channels beside an event that has none.
func outgoingApplies(first, second breach) bool {
	return first.part != "channel" || second.change["event"] == nil
}

func TestCreateIncomingRecord(t *testing.T) {
	t.Parallel()
	levels(t, func(t *testing.T, level int, s *server) {
		s.user("poster", "bot")
		poster, err := s.chat.UserByUsername(t.Context(), "poster")
		must(t, err)
		byAdmin := doc{"_id": s.admin.id, "username": "admin"}
		tests := []struct {
			name   string
			change doc
			keys   string // beside those of every record
			want   doc
		}{
			{"the least", nil, "", doc{
				"type": "webhook-incoming", "username": "rocket.cat", "channel": []any{"#general"}, "scriptEnabled": false, "name": "in",
				"enabled": false, "scriptEngine": "isolated-vm", "overrideDestinationChannelEnabled": false, "userId": "rocket.cat", "_createdBy": byAdmin,
			}},
			{"another user", doc{"username": "poster"}, "", doc{"username": "poster", "userId": poster.ID, "_createdBy": byAdmin}},
			{"nulls are dropped", doc{
				"script": nil, "alias": nil, "avatar": nil, "emoji": nil, "scriptEngine": nil, "overrideDestinationChannelEnabled": nil,
			}, "", doc{"scriptEngine": "isolated-vm", "overrideDestinationChannelEnabled": false}},
			{"empty texts are kept", doc{"script": "", "alias": "", "avatar": "", "emoji": ""}, "script alias avatar emoji", doc{
				"script": "", "alias": "", "avatar": "", "emoji": "",
			}},
			{"every option", doc{
				"alias": "A <b>", "avatar": "http://a/b.png", "emoji": ":ghost:", "script": "x", "scriptEngine": "isolated-vm",
				"overrideDestinationChannelEnabled": true, "enabled": true, "skipTranspile": true,
			}, "alias avatar emoji script skipTranspile", doc{
				"alias": "A <b>", "avatar": "http://a/b.png", "emoji": ":ghost:", "script": "x", "scriptEngine": "isolated-vm",
				"overrideDestinationChannelEnabled": true, "enabled": true, "skipTranspile": true,
			}},
			{"skipTranspile false", doc{"skipTranspile": false}, "skipTranspile", doc{"skipTranspile": false}},
			{"coerced", doc{
				"name": 5, "enabled": "true", "scriptEnabled": 0, "overrideDestinationChannelEnabled": 1, "alias": true,
			}, "alias", doc{"name": "5", "enabled": true, "scriptEnabled": false, "overrideDestinationChannelEnabled": true, "alias": "true"}},
			{"null is coerced where it is not allowed", doc{"name": nil, "enabled": nil, "scriptEnabled": nil}, "", doc{"name": "", "enabled": false, "scriptEnabled": false}},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				s := s.in(t)
				got := s.made(s.admin, newIncoming(tt.change))
				checkRecord(t, level, got, incomingKeys+" "+tt.keys, tt.want)
				token, _ := got["token"].(string)
				if !regexp.MustCompile(`^[2-9A-HJ-NP-TW-Za-km-z]{48}$`).MatchString(token) {
					t.Errorf("token = %q, want 48 of the characters that do not look alike", token)
				}
				checkStored(t, s, got)
			})
		}
		t.Run("each has its own token and id", func(t *testing.T) {
			s := s.in(t)
			a, b := s.made(s.admin, newIncoming(nil)), s.made(s.admin, newIncoming(nil))
			if a["token"] == b["token"] || a["_id"] == b["_id"] {
				t.Errorf("two integrations share %v or %v", a["token"], a["_id"])
			}
		})
	})
}

// checkRecord holds a new record against the members that it has and what some of them are.
func checkRecord(t *testing.T, level int, got doc, names string, want doc) {
	t.Helper()
	wanted := slices.Compact(words(names + more(level)))
	if diff := gocmp.Diff(wanted, keys(got)); diff != "" {
		t.Errorf("the record has other members (-want +got):\n%s", diff)
	}
	if diff := differ(got, want); diff != "" {
		t.Errorf("the record is another (-want +got):\n%s", diff)
	}
	patterns := map[string]string{
		"_id": `^[0-9a-f]{24}$`, "_createdAt": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`, "_updatedAt": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`,
	}
	for name, pattern := range patterns {
		text, sent := got[name].(string)
		if sent && !regexp.MustCompile(pattern).MatchString(text) {
			t.Errorf("%s = %q, want a match of %s", name, text, pattern)
		}
	}
}

// checkStored holds the answer to a create against the record as it is kept: it has _updatedAt and
// skipTranspile at either level.
func checkStored(t *testing.T, s *server, created doc) {
	t.Helper()
	kept := s.stored(created["_id"].(string))
	wanted := slices.Compact(slices.Sorted(slices.Values(append(keys(created), "_updatedAt", "skipTranspile"))))
	if diff := gocmp.Diff(wanted, keys(kept)); diff != "" {
		t.Errorf("the stored record has other members (-want +got):\n%s", diff)
	}
	if diff := differ(kept, created); diff != "" {
		t.Errorf("the stored record is another (-answered +stored):\n%s", diff)
	}
}

func TestCreateOutgoingRecord(t *testing.T) {
	t.Parallel()
	levels(t, func(t *testing.T, level int, s *server) {
		tests := []struct {
			name   string
			change doc
			keys   string
			want   doc
		}{
			{"the least", nil, "", doc{
				"type": "webhook-outgoing", "username": "rocket.cat", "channel": []any{"#general"}, "event": "sendMessage", "scriptEnabled": false,
				"name": "out", "enabled": false, "scriptEngine": "isolated-vm", "userId": "rocket.cat", "urls": []any{"http://127.0.0.1:9/x"},
				"_createdBy": doc{"_id": s.admin.id, "username": "admin"},
			}},
			{"nulls are dropped", doc{
				"script": nil, "alias": nil, "avatar": nil, "emoji": nil, "scriptEngine": nil, "targetRoom": nil, "token": nil, "retryDelay": nil,
				"triggerWords": nil, "triggerWordAnywhere": nil, "runOnEdits": nil, "retryFailedCalls": nil, "impersonateUser": nil, "retryCount": nil,
			}, "", doc{"scriptEngine": "isolated-vm"}},
			{"empty texts are kept", doc{"alias": "", "avatar": "", "emoji": "", "script": "", "token": "", "targetRoom": ""}, "alias avatar emoji script token targetRoom", doc{
				"alias": "", "avatar": "", "emoji": "", "script": "", "token": "", "targetRoom": "",
			}},
			{"the token as it was sent", doc{"token": " my token "}, "token", doc{"token": " my token "}},
			{"every option", doc{
				"alias": "A", "avatar": "http://a/b.png", "emoji": ":ghost:", "script": "x", "targetRoom": "#general", "token": "t", "triggerWords": []any{"!a", "!b"},
				"triggerWordAnywhere": true, "runOnEdits": true, "retryFailedCalls": true, "retryCount": 3, "retryDelay": "powers-of-two", "impersonateUser": true,
				"skipTranspile": true,
			}, `alias avatar emoji script targetRoom token triggerWords triggerWordAnywhere runOnEdits retryFailedCalls retryCount retryDelay
				impersonateUser skipTranspile`, doc{
				"alias": "A", "avatar": "http://a/b.png", "emoji": ":ghost:", "script": "x", "targetRoom": "#general", "token": "t", "triggerWords": []any{"!a", "!b"},
				"triggerWordAnywhere": true, "runOnEdits": true, "retryFailedCalls": true, "retryCount": 3.0, "retryDelay": "powers-of-two", "impersonateUser": true,
				"skipTranspile": true,
			}},
			{"blank trigger words are dropped", doc{"triggerWords": []any{" ", "!a", "\t"}}, "triggerWords", doc{"triggerWords": []any{"!a"}}},
			{"trigger words of an event without them", doc{"event": "fileUploaded", "triggerWords": []any{"!a"}}, "", doc{"event": "fileUploaded"}},
			{"runOnEdits false", doc{"runOnEdits": false}, "runOnEdits", doc{"runOnEdits": false}},
			{"retry defaults", doc{"retryFailedCalls": true}, "retryFailedCalls retryCount retryDelay", doc{"retryCount": 4.0, "retryDelay": "powers-of-ten"}},
			{"retry, zero", doc{"retryFailedCalls": true, "retryCount": 0, "retryDelay": " "}, "retryFailedCalls retryCount retryDelay", doc{"retryCount": 4.0, "retryDelay": "powers-of-ten"}},
			{"retry, negative", doc{"retryFailedCalls": true, "retryCount": -2}, "retryFailedCalls retryCount retryDelay", doc{"retryCount": 4.0}},
			{"retry, less than one", doc{"retryFailedCalls": true, "retryCount": 0.5}, "retryFailedCalls retryCount retryDelay", doc{"retryCount": 4.0}},
			{"retry, part of a number", doc{"retryFailedCalls": true, "retryCount": 2.7}, "retryFailedCalls retryCount retryDelay", doc{"retryCount": 2.0}},
			{"retry, number as text", doc{"retryFailedCalls": true, "retryCount": "6"}, "retryFailedCalls retryCount retryDelay", doc{"retryCount": 6.0}},
			{"retry, delay in capitals", doc{"retryFailedCalls": true, "retryDelay": "Increments-Of-Two"}, "retryFailedCalls retryCount retryDelay", doc{"retryDelay": "increments-of-two"}},
			{"no retry, its options as they were sent", doc{"retryFailedCalls": false, "retryCount": 3, "retryDelay": "Powers-Of-Two"}, "retryFailedCalls retryCount retryDelay", doc{
				"retryFailedCalls": false, "retryCount": 3.0, "retryDelay": "Powers-Of-Two",
			}},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				s := s.in(t)
				got := s.made(s.admin, newOutgoing(tt.change))
				checkRecord(t, level, got, outgoingKeys+" "+tt.keys, tt.want)
				checkStored(t, s, got)
			})
		}
	})
}

const (
	goodScript = "class Script { process_incoming_request({ request }) { return { content: { text: 'scripted' } }; } }"
	badScript  = "class Script {\n  process_incoming_request( {\n}"
)

func TestCreateScript(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(doc) doc{"incoming": newIncoming, "outgoing": newOutgoing}
	tests := []struct {
		name                      string
		change                    doc
		script, compiled, faulted bool
	}{
		{"good", doc{"scriptEnabled": true, "script": goodScript}, true, true, false},
		{"syntax error", doc{"scriptEnabled": true, "script": badScript}, true, false, true},
		{"not enabled", doc{"scriptEnabled": false, "script": goodScript}, true, false, false},
		{"syntax error, not enabled", doc{"scriptEnabled": false, "script": badScript}, true, false, false},
		{"blank", doc{"scriptEnabled": true, "script": " \n"}, true, false, false},
		{"none", doc{"scriptEnabled": true}, false, false, false},
		{"null", doc{"scriptEnabled": true, "script": nil}, false, false, false},
		{"without transpiling", doc{"scriptEnabled": true, "script": goodScript, "skipTranspile": true}, true, true, false},
	}
	levels(t, func(t *testing.T, _ int, s *server) {
		for kind, body := range kinds {
			for _, tt := range tests {
				t.Run(kind+" "+tt.name, func(t *testing.T) {
					s := s.in(t)
					got := s.made(s.admin, body(tt.change))
					for name, want := range map[string]bool{"script": tt.script, "scriptCompiled": tt.compiled, "scriptError": tt.faulted} {
						if _, ok := got[name]; ok != want {
							t.Errorf("create with %v: there is a %s: %v, want %v", tt.change, name, ok, want)
						}
					}
					if want, sent := tt.change["script"].(string); sent && got["script"] != want {
						t.Errorf("script = %q, want %q", got["script"], want)
					}
					if tt.compiled && got["scriptCompiled"] == "" {
						t.Error("scriptCompiled is empty")
					}
					if tt.faulted {
						checkFault(t, got["scriptError"])
					}
					checkStored(t, s, got)
				})
			}
		}
	})
}

// checkFault asks a syntax error for its name and message, and for the place in the author's text.
func checkFault(t *testing.T, fault any) {
	t.Helper()
	e, _ := fault.(doc)
	message, _ := e["message"].(string)
	if e["name"] != "SyntaxError" || !regexp.MustCompile(`. \([23]:\d+\)$`).MatchString(message) {
		t.Errorf("scriptError = %v, want a SyntaxError in line 2 or 3", fault)
	}
	for name := range e {
		if !slices.Contains([]string{"name", "message", "stack"}, name) {
			t.Errorf("scriptError has a member %s", name)
		}
	}
}

func TestCreateMakesTheUserABot(t *testing.T) {
	t.Parallel()
	s := start(t)
	poster := s.user("poster", "user")
	roles := func() []string {
		u, err := s.chat.User(t.Context(), poster.id)
		must(t, err)
		return u.Roles
	}
	s.made(s.admin, newOutgoing(doc{"username": "poster"}))
	if got := roles(); !slices.Equal(got, []string{"user"}) {
		t.Errorf("roles after an outgoing integration = %v, want user alone", got)
	}
	s.made(s.admin, newIncoming(doc{"username": "poster"}))
	s.made(s.admin, newIncoming(doc{"username": "poster"}))
	if got := roles(); !slices.Equal(got, []string{"user", "bot"}) {
		t.Errorf("roles after two incoming integrations = %v, want user and bot", got)
	}
}

// TestImpersonation is about the rule of level 8: who an incoming integration posts as holds
// message-impersonate.
func TestImpersonation(t *testing.T) {
	t.Parallel()
	t.Run("level 7 does not ask", func(t *testing.T) {
		t.Parallel()
		s := start(t)
		s.user("poster", "user")
		s.grant("message-impersonate")
		made := s.made(s.admin, newIncoming(doc{"username": "poster"}))
		s.update(s.admin, newIncoming(doc{"integrationId": made["_id"], "username": "poster"})).is(200)
	})
	t.Run("level 8 asks", func(t *testing.T) {
		t.Parallel()
		s := start(t, func(o *options) { o.level = 8 })
		s.user("poster", "user")
		inImpersonation.of(s.post(s.admin, createPath, newIncoming(doc{"username": "poster"})))
		s.post(s.admin, createPath, newOutgoing(doc{"username": "poster"})).is(200)
		made := s.made(s.admin, newIncoming(nil))
		update := newIncoming(doc{"integrationId": made["_id"], "username": "poster"})
		onUpdate := refusal{inImpersonation.text, inImpersonation.errorType, byMethod("updateIncomingIntegration")}
		onUpdate.of(s.update(s.admin, update))
		s.grant("message-impersonate", "bot", "user")
		s.update(s.admin, update).is(200)
		s.post(s.admin, createPath, newIncoming(doc{"username": "poster"})).is(200)
		s.grant("message-impersonate")
		onUpdate.of(s.update(s.admin, changed(update, doc{"username": omit{}})))
		inImpersonation.of(s.post(s.admin, createPath, newIncoming(nil)))
	})
}

func TestCreateWhileFrozen(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		freeze integrations.Freeze
		want   refusal
	}{
		"all": {integrations.AllFrozen, scriptsFrozen}, "engine": {integrations.EngineFrozen, engineFrozen},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(o *options) { o.freeze = tt.freeze })
			for kind, body := range map[string]func(doc) doc{"incoming": newIncoming, "outgoing": newOutgoing} {
				t.Run(kind, func(t *testing.T) {
					s := s.in(t)
					tt.want.of(s.post(s.admin, createPath, body(doc{"script": goodScript})))
					tt.want.of(s.post(s.admin, createPath, body(doc{"script": goodScript, "scriptEnabled": true})))
					s.post(s.admin, createPath, body(nil)).is(200)
					s.post(s.admin, createPath, body(doc{"script": nil})).is(200)
					got := s.made(s.admin, body(doc{"script": " ", "scriptEnabled": true}))
					if got["scriptCompiled"] != nil || got["scriptError"] != nil {
						t.Errorf("a frozen script was compiled: %v", got)
					}
				})
			}
		})
	}
}

// TestScriptsOff is about DISABLE_INTEGRATION_SCRIPTS: scripts are kept, and none runs.
func TestScriptsOff(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.scriptsOff = true })
	made := s.made(s.admin, newIncoming(doc{"enabled": true, "scriptEnabled": true, "script": goodScript}))
	if made["script"] != goodScript || made["scriptCompiled"] == nil {
		t.Errorf("create with a script answers %v, want it kept and compiled", made)
	}
	s.post(account{}, "/hooks/"+made["_id"].(string)+"/"+made["token"].(string), doc{"text": "plain"}).is(200)
	if got := s.newest(workspace.GeneralID)["msg"]; got != "plain" {
		t.Errorf("the hook posted %q, want what was sent", got)
	}
}
