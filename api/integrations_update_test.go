package api_test

import (
	"context"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/integrations"
)

func TestUpdateSchema(t *testing.T) {
	t.Parallel()
	in := func(change doc) doc { return changed(newIncoming(doc{"integrationId": "x"}), change) }
	out := func(change doc) doc { return changed(newOutgoing(doc{"integrationId": "x"}), change) }
	tests := []struct {
		name string
		body any
		want string
	}{
		{"empty", doc{}, lines(missing("integrationId"), missing("type"), oneOf)},
		{"incoming without type", in(doc{"type": omit{}}), lines(missing("type"), missing("type"), oneOf)},
		{"incoming without integrationId", in(doc{"integrationId": omit{}}), lines(missing("integrationId"), missing("event"), oneOf)},
		{"incoming without channel", in(doc{"channel": omit{}}), lines(missing("channel"), missing("channel"), oneOf)},
		{"incoming without scriptEnabled", in(doc{"scriptEnabled": omit{}}), lines(missing("scriptEnabled"), missing("event"), oneOf)},
		{"incoming without name", in(doc{"name": omit{}}), lines(missing("name"), missing("event"), oneOf)},
		{"incoming without enabled", in(doc{"enabled": omit{}}), lines(missing("enabled"), missing("event"), oneOf)},
		{"incoming with an object as scriptEngine", in(doc{"scriptEngine": doc{}}), lines("must be string", missing("event"), oneOf)},
		{"incoming of another type", in(doc{"type": "x"}), lines(noIncoming, missing("event"), oneOf)},
		{"outgoing without event", out(doc{"event": omit{}}), lines(noIncoming, missing("event"), oneOf)},
		{"outgoing with an unknown property", out(doc{"bogus": 1}), lines(noIncoming, extra, oneOf)},
		{"outgoing with the override flag", out(doc{"overrideDestinationChannelEnabled": true}), lines(noIncoming, extra, oneOf)},
		{"outgoing without username", out(doc{"username": omit{}}), lines(noIncoming, missing("username"), oneOf)},
		{"outgoing without channel", out(doc{"channel": omit{}}), lines(missing("channel"), missing("channel"), oneOf)},
		{"outgoing without name", out(doc{"name": omit{}}), lines(missing("name"), missing("name"), oneOf)},
		{"outgoing with an empty url", out(doc{"urls": []any{""}}), lines(noIncoming, tooShort, oneOf)},
		{"array", []any{}, lines("must be object", "must be object", oneOf)},
	}
	levels(t, func(t *testing.T, level int, s *server) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				s.in(t).update(s.admin, tt.body).refuses(level, "body", tt.want)
			})
		}
	})
}

func TestUpdateLookup(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people()
	first := s.made(p.both, newOutgoing(doc{"name": "first", "urls": []any{"http://a/1", "http://a/2"}}))
	second := s.made(p.own, newOutgoing(doc{"name": "second", "urls": []any{"http://a/2", "http://a/3"}}))
	in := s.made(p.both, newIncoming(nil))
	unknown := refusal{"No integration found.", "", nil}
	outgoing := func(change doc) doc {
		return newOutgoing(changed(doc{"token": "t", "urls": []any{"http://a/2"}}, change))
	}
	refused := []struct {
		name string
		as   account
		body doc
	}{
		{"incoming, unknown id", p.both, newIncoming(doc{"integrationId": "x"})},
		{"incoming, empty id", p.both, newIncoming(doc{"integrationId": ""})},
		{"incoming is not looked up by url", p.both, newIncoming(doc{"integrationId": "x", "target_url": "http://a/1"})},
		{"outgoing, unknown id", p.both, outgoing(doc{"integrationId": "x"})},
		{"outgoing, neither id nor url", p.both, outgoing(nil)},
		{"outgoing, both null", p.both, outgoing(doc{"integrationId": nil, "target_url": nil})},
		{"outgoing, unknown url", p.both, outgoing(doc{"target_url": "http://a/4"})},
		{"outgoing, the url goes before the id", p.both, outgoing(doc{"integrationId": first["_id"], "target_url": "http://a/4"})},
		{"before permission and rules, incoming", p.none, newIncoming(doc{"integrationId": "x", "channel": ""})},
		{"before permission and rules, outgoing", p.none, outgoing(doc{"integrationId": "x", "event": ""})},
	}
	for _, tt := range refused {
		t.Run(tt.name, func(t *testing.T) { unknown.of(s.in(t).update(tt.as, tt.body)) })
	}
	t.Run("unknown type", func(t *testing.T) {
		s := s.in(t)
		want := refusal{"Invalid integration type.", "", nil}
		want.of(s.update(p.none, newIncoming(doc{"integrationId": in["_id"], "type": "webhook-incoming-x"})))
		want.of(s.update(p.none, outgoing(doc{"integrationId": first["_id"], "type": "webhook-outgoing-x"})))
	})
	found := []struct {
		name string
		body doc
		id   any
	}{
		{"by id", outgoing(doc{"integrationId": second["_id"], "urls": []any{"http://a/2", "http://a/3"}}), second["_id"]},
		{"by a url of two: the oldest", outgoing(doc{"target_url": "http://a/2", "urls": []any{"http://a/1"}}), first["_id"]},
		{"by a url that the first gave up", outgoing(doc{"target_url": "http://a/2", "urls": []any{"http://a/2", "http://a/3"}}), second["_id"]},
		{"by url, with another's id", outgoing(doc{"target_url": "http://a/3", "integrationId": first["_id"]}), second["_id"]},
	}
	for _, tt := range found {
		t.Run("found "+tt.name, func(t *testing.T) {
			if got := s.in(t).update(p.both, tt.body).is(200).at("integration", "_id"); got != tt.id {
				t.Errorf("update of %v changed %v, want %v", tt.body, got, tt.id)
			}
		})
	}
	t.Run("by the url of somebody else's, for who manages their own", func(t *testing.T) {
		upNotYours.of(s.in(t).update(p.own, outgoing(doc{"target_url": "http://a/1"})))
	})
}

// The rules for updates that differ from those for creating.
var (
	upNotAuthorized = refusal{"Unauthorized [not_authorized]", "not_authorized", byMethod("updateIncomingIntegration")}
	upInvalid       = refusal{"Invalid integration [error-invalid-integration]", "error-invalid-integration", byMethod("updateIncomingIntegration")}
	upChannelBlank  = refusal{"Invalid channel [error-invalid-channel]", "error-invalid-channel", byMethod("updateIncomingIntegration")}
	upFrozen        = refusal{"[integration-scripts-disabled]", "integration-scripts-disabled", nil}
	upEngineFrozen  = refusal{"[integration-scripts-isolated-vm-disabled]", "integration-scripts-isolated-vm-disabled", nil}
	upUnknownRoom   = refusal{"Invalid room [error-invalid-room]", "error-invalid-room", byMethod("updateIncomingIntegration")}
	upNotInRoom     = refusal{"Invalid Channel [error-invalid-channel]", "error-invalid-channel", byMethod("updateIncomingIntegration")}
	upUnknownUser   = refusal{"Invalid Post As User [error-invalid-post-as-user]", "error-invalid-post-as-user", byMethod("updateIncomingIntegration")}
	upImpersonation = refusal{inImpersonation.text, inImpersonation.errorType, byMethod("updateIncomingIntegration")}

	upToken     = refusal{"Invalid token [error-invalid-token]", "error-invalid-token", byMethod("updateOutgoingIntegration")}
	upOutgoing  = refusal{"Unauthorized [not_authorized]", "not_authorized", byMethod("updateOutgoingIntegration")}
	upNotYours  = refusal{"[methods] updateOutgoingIntegration -> integration not found [invalid_integration]", "invalid_integration", nil}
	upAnyScript = doc{"script": "2", "scriptEnabled": true}
)

func TestUpdateIncomingRules(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people()
	theirs := s.made(p.both, newIncoming(nil))
	own := s.made(p.own, newIncoming(nil))
	ofAll := s.made(p.all, newIncoming(nil))
	tests := []struct {
		name   string
		as     account
		record doc
		change doc
		want   refusal
	}{
		{"channel empty", p.both, theirs, doc{"channel": ""}, upChannelBlank},
		{"channel of spaces", p.both, theirs, doc{"channel": "  "}, upChannelBlank},
		{"no prefix", p.both, theirs, doc{"channel": "general"}, inChannelStart},
		{"empty part", p.both, theirs, doc{"channel": "#general,"}, inChannelStart},
		{"no permission", p.none, theirs, nil, upNotAuthorized},
		{"somebody else's", p.own, theirs, nil, upInvalid},
		{"unknown room", p.both, theirs, doc{"channel": "#nowhere"}, upUnknownRoom},
		{"unknown user to write to", p.both, theirs, doc{"channel": "@nobody"}, upUnknownRoom},
		{"not in the room, manage-own", p.own, own, doc{"channel": "#elsewhere"}, upNotInRoom},
		{"not in the room, manage", p.all, ofAll, doc{"channel": "#elsewhere"}, upNotInRoom},
		{"direct message", p.own, own, doc{"channel": "@admin"}, upNotInRoom},
		{"unknown user", p.both, theirs, doc{"username": "nobody"}, upUnknownUser},
		{"username empty", p.both, theirs, doc{"username": ""}, upUnknownUser},
		{"username in another case", p.both, theirs, doc{"username": "Rocket.Cat"}, upUnknownUser},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			before := s.stored(tt.record["_id"].(string))
			tt.want.of(s.update(tt.as, newIncoming(changed(doc{"integrationId": tt.record["_id"], "name": "other"}, tt.change))))
			if diff := gocmp.Diff(before, s.stored(tt.record["_id"].(string))); diff != "" {
				t.Errorf("the refused update changed the record (-before +after):\n%s", diff)
			}
		})
	}
	t.Run("who is to post is gone", func(t *testing.T) {
		s := s.in(t)
		orphan := s.record("orphan", integrations.Incoming)
		orphan.Username, orphan.UserID = "gone", "gone"
		s.plant(orphan)
		update := newIncoming(doc{"integrationId": "orphan", "username": omit{}})
		upUnknownUser.of(s.update(s.admin, update))
		s.update(s.admin, changed(update, doc{"username": "rocket.cat"})).is(200)
		s.update(s.admin, update).is(200)
	})
}

func TestUpdateIncomingOrder(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.level, o.freeze = 8, integrations.AllFrozen })
	p := s.people()
	own := s.made(p.own, newIncoming(nil))
	theirs := s.made(p.both, newIncoming(nil))
	breaches := []breach{
		{1, "record", account{}, doc{"integrationId": "x"}, refusal{"No integration found.", "", nil}},
		{2, "channel", account{}, doc{"channel": " "}, upChannelBlank},
		{3, "channel", account{}, doc{"channel": "#nowhere,general"}, inChannelStart},
		{4, "caller", p.none, nil, upNotAuthorized},
		{5, "record", account{}, doc{"integrationId": theirs["_id"]}, upInvalid},
		{6, "script", account{}, upAnyScript, upFrozen},
		{7, "channel", account{}, doc{"channel": "#nowhere"}, upUnknownRoom},
		{8, "channel", account{}, doc{"channel": "#elsewhere"}, upNotInRoom},
		{9, "username", account{}, doc{"username": "nobody"}, upUnknownUser},
		{10, "username", account{}, doc{"username": "none"}, upImpersonation},
	}
	send := func(t *testing.T, as account, change doc) answer {
		return s.in(t).update(as, newIncoming(changed(doc{"integrationId": own["_id"]}, change)))
	}
	for _, b := range breaches {
		t.Run(b.name(), func(t *testing.T) {
			as := p.own
			if b.as.id != "" {
				as = b.as
			}
			b.want.of(send(t, as, b.change))
		})
	}
	inOrder(t, p.own, breaches, always, send)
}

func TestUpdateOutgoingOrder(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *options) { o.freeze = integrations.AllFrozen })
	p := s.people()
	own := s.made(p.own, newOutgoing(nil))
	theirs := s.made(p.both, newOutgoing(nil))
	breaches := append(
		outgoingBreaches(),
		breach{1, "record", account{}, doc{"integrationId": "x"}, refusal{"No integration found.", "", nil}},
		breach{15, "token", account{}, doc{"token": omit{}}, upToken},
		breach{15, "token", account{}, doc{"token": nil}, upToken},
		breach{15, "token", account{}, doc{"token": ""}, upToken},
		breach{15, "token", account{}, doc{"token": "  "}, upToken},
		breach{16, "caller", p.none, nil, upOutgoing},
		breach{17, "record", account{}, doc{"integrationId": theirs["_id"]}, upNotYours},
		breach{18, "script", account{}, upAnyScript, upFrozen},
	)
	send := func(t *testing.T, as account, change doc) answer {
		return s.in(t).update(as, newOutgoing(changed(doc{"integrationId": own["_id"], "token": "t"}, change)))
	}
	for _, b := range breaches {
		t.Run(b.name(), func(t *testing.T) {
			as := p.own
			if b.as.id != "" {
				as = b.as
			}
			b.want.of(send(t, as, b.change))
		})
	}
	inOrder(t, p.own, breaches, outgoingApplies, send)
	t.Run("and without a breach", func(t *testing.T) { send(t, p.own, nil).is(200) })
}

func TestUpdateIncomingRecord(t *testing.T) {
	t.Parallel()
	levels(t, func(t *testing.T, _ int, s *server) {
		s.user("poster", "bot")
		editor := s.user("editor", "admin")
		s.room("channel", "elsewhere")
		poster, err := s.chat.UserByUsername(t.Context(), "poster")
		must(t, err)
		loose, err := pool.Compile(t.Context(), integrations.ScriptSource{Text: goodScript})
		must(t, err)
		full := newIncoming(doc{
			"alias": "A", "avatar": "http://a/b.png", "emoji": ":ghost:", "script": goodScript, "scriptEnabled": true,
			"overrideDestinationChannelEnabled": true, "skipTranspile": true, "enabled": true,
		})
		tests := []struct {
			name   string
			change doc
			want   doc // what is other than before, nil: gone
		}{
			{"what is not sent stays; skipTranspile is false, and the script compiled anew", nil, doc{"skipTranspile": false, "scriptCompiled": loose}},
			{"name, channel and switches", doc{"name": "new", "channel": " #elsewhere, @editor", "enabled": false, "scriptEnabled": false}, doc{
				"name": "new", "channel": []any{"#elsewhere", "@editor"}, "enabled": false, "scriptEnabled": false, "skipTranspile": false,
			}},
			{"scriptCompiled outlives turning scripts off", doc{"scriptEnabled": false, "skipTranspile": true}, doc{"scriptEnabled": false}},
			{"options", doc{"alias": "B", "avatar": "", "emoji": ":x:", "overrideDestinationChannelEnabled": false, "skipTranspile": true}, doc{
				"alias": "B", "avatar": "", "emoji": ":x:", "overrideDestinationChannelEnabled": false,
			}},
			{"null clears", doc{"alias": nil, "avatar": nil, "emoji": nil, "skipTranspile": true}, doc{"alias": nil, "avatar": nil, "emoji": nil}},
			{"another user", doc{"username": "poster", "skipTranspile": true}, doc{"username": "poster", "userId": poster.ID}},
			{"no user stays the same", doc{"username": omit{}, "skipTranspile": true}, nil},
			{"members that an update does not know", doc{"bogus": []any{1}, "urls": "x", "event": "x", "skipTranspile": true}, nil},
			{"members that never change", doc{
				"token": "x", "_createdAt": "2000-01-01T00:00:00.000Z", "_createdBy": doc{"_id": "x"}, "userId": "x", "_id": "x", "scriptCompiled": "x", "skipTranspile": true,
			}, nil},
			{"the script in the text, not compiled while off", doc{"script": "1;", "scriptEnabled": false, "skipTranspile": true}, doc{"script": "1;", "scriptEnabled": false}},
			{"coerced", doc{"name": 7, "enabled": "false", "scriptEnabled": 1, "skipTranspile": "true"}, doc{"name": "7", "enabled": false}},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				s := s.in(t)
				id := s.made(s.admin, full)["_id"].(string)
				before := s.stored(id)
				update := newIncoming(doc{"integrationId": id, "name": "in", "enabled": true, "scriptEnabled": true})
				got := s.update(editor, changed(update, tt.change)).is(200).integration()
				checkUpdated(t, s, before, got, editor, tt.want)
			})
		}
	})
}

// checkUpdated holds the answer to an update against the record before it, what has changed, and
// the record as it is kept.
func checkUpdated(t *testing.T, s *server, before, got doc, editor account, want doc) {
	t.Helper()
	wanted := changed(before, doc{"_updatedAt": got["_updatedAt"], "_updatedBy": doc{"_id": editor.id, "username": editor.username}})
	for name, value := range want {
		if value == nil {
			delete(wanted, name)
			continue
		}
		wanted[name] = value
	}
	if diff := gocmp.Diff(wanted, got); diff != "" {
		t.Errorf("the update answers another record (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff(got, s.stored(got["_id"].(string))); diff != "" {
		t.Errorf("the stored record is another (-answered +stored):\n%s", diff)
	}
	if got["_updatedAt"].(string) < before["_updatedAt"].(string) {
		t.Errorf("_updatedAt went from %s back to %s", before["_updatedAt"], got["_updatedAt"])
	}
}

func TestUpdateOutgoingRecord(t *testing.T) {
	t.Parallel()
	levels(t, func(t *testing.T, _ int, s *server) {
		editor := s.user("editor", "admin")
		full := newOutgoing(doc{
			"alias": "A", "avatar": "http://a/b.png", "emoji": ":ghost:", "script": goodScript, "scriptEnabled": true, "skipTranspile": true,
			"targetRoom": "#general", "token": "t", "triggerWords": []any{"!a"}, "triggerWordAnywhere": true, "runOnEdits": true,
			"retryFailedCalls": true, "retryCount": 3, "retryDelay": "powers-of-two", "impersonateUser": true,
		})
		tests := []struct {
			name   string
			change doc
			want   doc
		}{
			{"what is not sent stays", nil, nil},
			{"name, channel, urls, token and switches", doc{"name": "new", "channel": "all_private_groups", "urls": []any{"http://b", " "}, "token": " x ", "enabled": true}, doc{
				"name": "new", "channel": []any{"all_private_groups"}, "urls": []any{"http://b"}, "token": " x ", "enabled": true,
			}},
			{"no channel", doc{"channel": ""}, doc{"channel": []any{}}},
			{"another user", doc{"username": "editor"}, doc{"username": "editor", "userId": editor.id}},
			{"another event", doc{"event": "roomCreated"}, doc{"event": "roomCreated", "channel": []any{}}},
			{"options", doc{
				"alias": "B", "avatar": "", "emoji": ":x:", "targetRoom": "#x", "triggerWords": []any{" ", "!b"}, "triggerWordAnywhere": false, "runOnEdits": false,
				"retryFailedCalls": true, "retryCount": 5, "retryDelay": "Powers-Of-Ten", "impersonateUser": false,
			}, doc{
				"alias": "B", "avatar": "", "emoji": ":x:", "targetRoom": "#x", "triggerWords": []any{"!b"}, "triggerWordAnywhere": false, "runOnEdits": false,
				"retryCount": 5.0, "retryDelay": "powers-of-ten", "impersonateUser": false,
			}},
			{"retry with its defaults", doc{"retryFailedCalls": true}, doc{"retryCount": 4.0, "retryDelay": "powers-of-ten"}},
			{"no retry any more", doc{"retryFailedCalls": false}, doc{"retryFailedCalls": false}},
			{"scripts off: what was compiled goes", doc{"scriptEnabled": false, "script": goodScript}, doc{"scriptEnabled": false, "scriptCompiled": nil}},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				s := s.in(t)
				id := s.made(s.admin, full)["_id"].(string)
				before := s.stored(id)
				update := newOutgoing(doc{"integrationId": id, "token": "t", "scriptEnabled": true})
				got := s.update(editor, changed(update, tt.change)).is(200).integration()
				checkUpdated(t, s, before, got, editor, tt.want)
			})
		}
	})
}

func TestUpdateScript(t *testing.T) {
	t.Parallel()
	s := start(t)
	kinds := []struct {
		name string
		body func(doc) doc
	}{{"incoming", newIncoming}, {"outgoing", newOutgoing}}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			s := s.in(t)
			made := s.made(s.admin, kind.body(doc{"script": goodScript, "scriptEnabled": true}))
			update := func(script string) doc {
				return s.update(s.admin, kind.body(doc{
					"integrationId": made["_id"], "token": "t", "scriptEnabled": true, "script": script,
				})).is(200).integration()
			}
			broken := update(badScript)
			if broken["script"] != badScript || broken["scriptCompiled"] != nil {
				t.Errorf("update with a syntax error answers script %q and scriptCompiled %v", broken["script"], broken["scriptCompiled"])
			}
			checkFault(t, broken["scriptError"])
			mended := update(goodScript)
			if mended["scriptError"] != nil || mended["scriptCompiled"] != made["scriptCompiled"] {
				t.Errorf("update with the first script answers scriptError %v and scriptCompiled %q, want none and %q",
					mended["scriptError"], mended["scriptCompiled"], made["scriptCompiled"])
			}
		})
	}
}

// TestUpdateScriptAtOnce is about incoming integrations: what the script compiles to is kept before
// the rules behind it refuse the update.
func TestUpdateScriptAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people()
	tests := []struct {
		name     string
		change   doc
		compiled bool // anew
		faulted  bool
	}{
		{"unknown room", doc{"script": "class Script {}", "channel": "#nowhere"}, true, false},
		{"unknown user", doc{"script": "class Script {}", "username": "nobody"}, true, false},
		{"not in the room", doc{"script": "class Script {}", "channel": "#elsewhere"}, true, false},
		{"syntax error and unknown room", doc{"script": badScript, "channel": "#nowhere"}, false, true},
		{"skipTranspile with it", doc{"script": "class Script {}", "channel": "#nowhere", "skipTranspile": true}, true, false},
		{"scripts off", doc{"script": "class Script {}", "channel": "#nowhere", "scriptEnabled": false}, false, false},
		{"blank", doc{"script": " ", "channel": "#nowhere"}, false, false},
		{"an earlier rule refuses", doc{"script": "class Script {}", "channel": "general"}, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			id := s.made(p.own, newIncoming(doc{"script": goodScript, "scriptEnabled": true}))["_id"].(string)
			before := s.stored(id)
			s.update(p.own, newIncoming(changed(doc{"integrationId": id, "scriptEnabled": true}, tt.change))).is(400)
			after := s.stored(id)
			same := changed(after, doc{
				"scriptCompiled": before["scriptCompiled"], "scriptError": omit{}, "skipTranspile": before["skipTranspile"], "_updatedAt": before["_updatedAt"],
			})
			if diff := gocmp.Diff(before, same); diff != "" {
				t.Errorf("the refused update changed more than the script's result (-before +after):\n%s", diff)
			}
			kept, _ := after["scriptCompiled"].(string)
			if other := kept != before["scriptCompiled"]; other != (tt.compiled || tt.faulted) {
				t.Errorf("scriptCompiled is another: %v, want %v", other, tt.compiled || tt.faulted)
			}
			if tt.faulted {
				checkFault(t, after["scriptError"])
				if after["scriptCompiled"] != nil {
					t.Errorf("scriptCompiled is still %q", kept)
				}
			}
			if want := tt.compiled && tt.change["skipTranspile"] == true; after["skipTranspile"] != want {
				t.Errorf("skipTranspile = %v, want %v", after["skipTranspile"], want)
			}
		})
	}
}

// TestUpdateWhileFrozen is about FREEZE_INTEGRATION_SCRIPTS: everything but the script may change.
func TestUpdateWhileFrozen(t *testing.T) {
	t.Parallel()
	freezes := []struct {
		name   string
		freeze integrations.Freeze
		want   refusal
	}{{"all", integrations.AllFrozen, upFrozen}, {"engine", integrations.EngineFrozen, upEngineFrozen}}
	for _, f := range freezes {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(o *options) { o.freeze = f.freeze })
			for _, kind := range []struct {
				name integrations.Kind
				body func(doc) doc
			}{{integrations.Incoming, newIncoming}, {integrations.Outgoing, newOutgoing}} {
				t.Run(string(kind.name), func(t *testing.T) {
					s := s.in(t)
					id := s.scripted(kind.name)
					before := s.stored(id)
					update := kind.body(doc{"integrationId": id, "token": "t", "scriptEnabled": true})
					for _, change := range []doc{
						{"script": "class Script {}"}, {"script": goodScript, "scriptEngine": "vm2"}, {"scriptEngine": "vm2"},
					} {
						f.want.of(s.update(s.admin, changed(update, change)))
					}
					for _, change := range []doc{nil, {"script": goodScript}, {"script": goodScript, "scriptEngine": "isolated-vm"}, {"scriptEnabled": false, "skipTranspile": true}} {
						got := s.update(s.admin, changed(update, changed(change, doc{"name": "new", "alias": "B"}))).is(200).integration()
						want := doc{"name": "new", "alias": "B"}
						for _, name := range []string{"script", "scriptCompiled", "scriptEnabled", "scriptEngine", "skipTranspile", "scriptError"} {
							want[name] = before[name]
						}
						if diff := differ(got, want); diff != "" {
							t.Errorf("update with %v while frozen (-want +got):\n%s", change, diff)
						}
					}
				})
			}
		})
	}
}

// record is an integration of the administrator's to plant.
func (s *server) record(id string, kind integrations.Kind) integrations.Integration {
	at := time.Now().UTC().Truncate(time.Millisecond)
	token := "t"
	i := integrations.Integration{
		ID: id, Kind: kind, Name: "old", Username: "rocket.cat", UserID: "rocket.cat", Channels: []string{"#general"}, Token: &token,
		ScriptEngine: integrations.Engine, CreatedAt: at, UpdatedAt: at, CreatedBy: integrations.Actor{ID: s.admin.id, Username: "admin"},
	}
	if kind == integrations.Outgoing {
		i.Event, i.URLs = "sendMessage", []string{"http://127.0.0.1:9/x"}
	}
	return i
}

// scripted plants an integration with a script, as it was made before scripts were frozen.
func (s *server) scripted(kind integrations.Kind) (id string) {
	s.t.Helper()
	script := goodScript
	compiled, err := pool.Compile(context.Background(), integrations.ScriptSource{Text: script})
	must(s.t, err)
	i := s.record("scripted-"+string(kind), kind)
	i.Script, i.ScriptEnabled, i.ScriptCompiled = &script, true, &compiled
	s.plant(i)
	return i.ID
}
