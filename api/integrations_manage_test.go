package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// eventData is what a receiver of a planted delivery gets.
const eventData = `{"token":"t","bot":false,"channel_id":"GENERAL","channel_name":"general","message_id":"m",
	"timestamp":"2026-01-02T03:04:05.678Z","user_id":"u","user_name":"admin","text":"hello"}`

// planned plants a delivery that is due tomorrow, so that it stays as it is, and answers its id.
func (s *server) planned(integrationID string, change func(*integrations.Plan, *workspace.Effect)) string {
	s.t.Helper()
	p := integrations.Plan{
		URL: "http://127.0.0.1:9/x", Event: workspace.SendMessage, Data: []byte(eventData),
		UserID: s.admin.id, RoomID: workspace.GeneralID, MessageID: "m",
	}
	tomorrow := time.Now().UTC().Add(24 * time.Hour).Truncate(time.Millisecond)
	e := workspace.Effect{ID: workspace.NewID(), Key: integrationID, At: tomorrow, Due: tomorrow}
	if change != nil {
		change(&p, &e)
	}
	body, err := jsonv2.Marshal(p)
	must(s.t, err)
	e.Body = body
	must(s.t, s.store.AddEffects(context.Background(), []workspace.Effect{e}))
	return e.ID
}

// historyIDs answers an integration's history, the ids alone.
func (s *server) historyIDs(as account, integrationID string) []string {
	s.t.Helper()
	return s.get(as, historyPath+"?count=0&id="+url.QueryEscape(integrationID)).is(200).all("history", "_id")
}

// all answers one member of each item of a list.
func (a answer) all(list, member string) []string {
	a.t.Helper()
	items, ok := a.at(list).([]any)
	if !ok {
		a.t.Fatalf("%s: there is no list %s in %s", a.what, list, a.body)
	}
	values := []string{}
	for n := range items {
		values = append(values, a.text(list, n, member))
	}
	return values
}

// same asks for a list of names in that order.
func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s = %q, want %q", what, got, want)
	}
}

func TestRemoveSchema(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		body any
		want string
	}{
		{"empty", doc{}, lines(missing("type"), missing("type"), missing("type"), oneOf)},
		{"without type", doc{"integrationId": "x"}, lines(missing("type"), missing("type"), missing("type"), oneOf)},
		{"incoming alone", doc{"type": "webhook-incoming"}, lines(missing("integrationId"), missing("target_url"), missing("integrationId"), oneOf)},
		{"outgoing alone", doc{"type": "webhook-outgoing"}, lines(missing("integrationId"), missing("target_url"), missing("integrationId"), oneOf)},
		{"another type", doc{"type": "invalid-type", "integrationId": "x"}, lines(noIncoming, missing("target_url"), noOutgoing, oneOf)},
		{"incoming by url", doc{"type": "webhook-incoming", "target_url": "http://x"}, lines(missing("integrationId"), noOutgoing, missing("integrationId"), oneOf)},
		{"outgoing with both", doc{"type": "webhook-outgoing", "integrationId": "x", "target_url": "http://x"}, lines(noIncoming, oneOf)},
		{"id is an object", doc{"type": "webhook-incoming", "integrationId": doc{}}, lines("must be string", missing("target_url"), noOutgoing, oneOf)},
		{"array", []any{}, lines("must be object", "must be object", "must be object", oneOf)},
	}
	levels(t, func(t *testing.T, level int, s *server) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				s.in(t).post(s.admin, removePath, tt.body).refuses(level, "body", tt.want)
			})
		}
	})
}

func removing(kind string) map[string]refusal {
	details := byMethod("delete" + kind + "Integration")
	return map[string]refusal{
		"permission": {"Unauthorized [not_authorized]", "not_authorized", details},
		"yours":      {"Invalid integration [error-invalid-integration]", "error-invalid-integration", details},
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people()
	// bystander holds a permission that opens the route, and none for outgoing integrations.
	bystander := s.user("bystander", "app")
	s.grant("manage-own-incoming-integrations", "admin", "user", "app")
	in := s.made(p.both, newIncoming(nil))
	out := s.made(p.both, newOutgoing(doc{"urls": []any{"http://a/1", "http://a/2"}}))
	byID := func(kind string, record doc) doc {
		return doc{"type": "webhook-" + kind, "integrationId": record["_id"]}
	}
	invalidType, unknown := refusal{"Invalid integration type.", "", nil}, refusal{"No integration found.", "", nil}
	tests := []struct {
		name string
		as   account
		body doc
		want refusal
	}{
		{"type with more, incoming", p.both, doc{"type": "webhook-incoming-x", "integrationId": in["_id"]}, invalidType},
		{"type with more, outgoing", p.both, doc{"type": "webhook-outgoing-x", "integrationId": out["_id"]}, invalidType},
		{"the type beats the look-up", p.both, doc{"type": "webhook-incoming-x", "integrationId": "x"}, invalidType},
		{"unknown id, incoming", p.both, doc{"type": "webhook-incoming", "integrationId": "x"}, unknown},
		{"unknown id, outgoing", p.both, doc{"type": "webhook-outgoing", "integrationId": "x"}, unknown},
		{"unknown url", p.both, doc{"type": "webhook-outgoing", "target_url": "http://a/3"}, unknown},
		{"part of a url", p.both, doc{"type": "webhook-outgoing", "target_url": "http://a/"}, unknown},
		{"empty id", p.both, doc{"type": "webhook-incoming", "integrationId": ""}, unknown},
		{"the look-up beats the permission", bystander, doc{"type": "webhook-outgoing", "integrationId": "x"}, unknown},
		{"no permission for the type", bystander, byID("outgoing", out), removing("Outgoing")["permission"]},
		{"no permission for the type, by url", bystander, doc{"type": "webhook-outgoing", "target_url": "http://a/1"}, removing("Outgoing")["permission"]},
		{"somebody else's, incoming", p.own, byID("incoming", in), removing("Incoming")["yours"]},
		{"somebody else's, outgoing", p.own, byID("outgoing", out), removing("Outgoing")["yours"]},
		{"somebody else's, by url", p.own, doc{"type": "webhook-outgoing", "target_url": "http://a/2"}, removing("Outgoing")["yours"]},
		{"the declared type decides: incoming by an outgoing permission", bystander, byID("outgoing", in), removing("Outgoing")["permission"]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.want.of(s.in(t).post(tt.as, removePath, tt.body)) })
	}
	if n := s.get(s.admin, listPath).at("total"); n != 2.0 {
		t.Errorf("after refused removals there are %v integrations, want 2", n)
	}
	removals := []struct {
		name   string
		record func(s *server) doc
		as     account
		body   func(record doc) doc
	}{
		{"incoming", func(s *server) doc { return s.made(p.both, newIncoming(nil)) }, p.both, func(r doc) doc { return byID("incoming", r) }},
		{"incoming with more members", func(s *server) doc { return s.made(p.both, newIncoming(nil)) }, p.both, func(r doc) doc {
			return changed(byID("incoming", r), doc{"bogus": 1, "target_url": "http://a/1"})
		}},
		{"outgoing", func(s *server) doc { return s.made(p.both, newOutgoing(nil)) }, p.both, func(r doc) doc { return byID("outgoing", r) }},
		{"outgoing by url", func(s *server) doc {
			return s.made(p.both, newOutgoing(doc{"urls": []any{"http://b/1", "http://b/2"}}))
		}, p.both, func(doc) doc {
			return doc{"type": "webhook-outgoing", "target_url": "http://b/2", "bogus": 1}
		}},
		{"own incoming", func(s *server) doc { return s.made(p.own, newIncoming(nil)) }, p.own, func(r doc) doc { return byID("incoming", r) }},
		{"own outgoing", func(s *server) doc { return s.made(p.own, newOutgoing(nil)) }, p.own, func(r doc) doc { return byID("outgoing", r) }},
		{"anybody's incoming, manage", func(s *server) doc { return s.made(p.own, newIncoming(nil)) }, p.all, func(r doc) doc { return byID("incoming", r) }},
		{"anybody's outgoing, manage", func(s *server) doc { return s.made(p.own, newOutgoing(nil)) }, p.all, func(r doc) doc { return byID("outgoing", r) }},
		{"the record's own type is not compared", func(s *server) doc { return s.made(p.both, newIncoming(nil)) }, p.both, func(r doc) doc { return byID("outgoing", r) }},
		{"nor is that of an outgoing one", func(s *server) doc { return s.made(p.both, newOutgoing(nil)) }, p.both, func(r doc) doc { return byID("incoming", r) }},
	}
	for _, tt := range removals {
		t.Run("removes "+tt.name, func(t *testing.T) {
			s := s.in(t)
			id := tt.record(s)["_id"].(string)
			before := s.stored(id)
			got := s.post(tt.as, removePath, tt.body(before)).is(200).integration()
			if diff := cmp.Diff(before, got); diff != "" {
				t.Errorf("remove answers another record than the one before (-before +answered):\n%s", diff)
			}
			s.get(s.admin, getPath+"?integrationId="+id).fails(400, "The integration does not exists.", "")
			unknown.of(s.post(tt.as, removePath, tt.body(before)))
		})
	}
	t.Run("the history goes with an outgoing one", func(t *testing.T) {
		s := s.in(t)
		id := s.made(p.both, newOutgoing(nil))["_id"].(string)
		delivery := s.planned(id, nil)
		s.post(p.both, removePath, doc{"type": "webhook-outgoing", "integrationId": id}).is(200)
		same(t, "history of a removed integration", s.historyIDs(p.both, id))
		if _, err := s.store.Row(t.Context(), delivery); err == nil {
			t.Error("the delivery of a removed integration is still stored")
		}
	})
	t.Run("a removed hook is gone", func(t *testing.T) {
		s := s.in(t)
		h := s.newHook(nil)
		h.in(t).post(doc{"text": "x"}).is(200)
		s.post(p.both, removePath, doc{"type": "webhook-incoming", "integrationId": h.id}).is(200)
		h.in(t).post(doc{"text": "x"}).is(500)
	})
}

func TestGet(t *testing.T) {
	t.Parallel()
	levels(t, func(t *testing.T, level int, s *server) {
		p := s.people()
		theirs := s.made(p.both, newIncoming(nil))["_id"].(string)
		own := s.made(p.own, newOutgoing(nil))["_id"].(string)
		t.Run("without integrationId", func(t *testing.T) {
			s := s.in(t)
			s.get(p.none, getPath).refuses(level, "query", missing("integrationId"))
			s.get(p.none, getPath+"?createdBy=x").refuses(level, "query", missing("integrationId"))
			s.get(p.none, getPath+"?integrationId=a&integrationId=b").refuses(level, "query", "must be string")
		})
		const denied, unknown, empty = "not-authorized", "The integration does not exists.", `The query parameter "integrationId" is required.`
		tests := []struct {
			name, query string
			as          account
			want        string // the error; empty: there is none
		}{
			{"empty id", "?integrationId=", p.both, empty},
			{"empty id, without permission", "?integrationId=&createdBy=x", p.none, empty},
			{"unknown id", "?integrationId=x", p.both, unknown},
			{"unknown id, without permission", "?integrationId=x", p.none, unknown},
			{"somebody else's without permission", "?integrationId=" + theirs, p.none, denied},
			{"somebody else's with manage-own", "?integrationId=" + theirs, p.own, denied},
			{"somebody else's with manage", "?integrationId=" + own, p.all, ""},
			{"own with manage-own", "?integrationId=" + own, p.own, ""},
			{"made by", "?integrationId=" + own + "&createdBy=" + p.own.id, p.both, ""},
			{"not made by", "?integrationId=" + own + "&createdBy=" + p.both.id, p.both, unknown},
			{"not made by, without permission", "?integrationId=" + own + "&createdBy=x", p.none, unknown},
			{"extra keys", "?integrationId=" + own + "&fields={}&bogus=1", p.own, ""},
			{"id in an array of one", "?integrationId[]=" + own, p.own, ""},
			{"id at an index", "?integrationId[0]=" + own, p.own, ""},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				a := s.in(t).get(tt.as, getPath+tt.query)
				if tt.want == "" {
					a.is(200).integration()
					return
				}
				a.fails(400, tt.want, "").because(nil)
			})
		}
		t.Run("the token is answered", func(t *testing.T) {
			if got, _ := s.in(t).stored(theirs)["token"].(string); len(got) != 48 {
				t.Errorf("token = %q, want 48 characters", got)
			}
		})
	})
}

func TestListScope(t *testing.T) {
	t.Parallel()
	s := start(t)
	caller := s.user("caller", "user")
	const allIn, ownIn, allOut, ownOut = "manage-incoming-integrations", "manage-own-incoming-integrations", "manage-outgoing-integrations", "manage-own-outgoing-integrations"
	hold := func(s *server, held ...string) {
		var change []any
		for _, permission := range []string{allIn, ownIn, allOut, ownOut} {
			roles := []string{"admin"}
			if slices.Contains(held, permission) {
				roles = append(roles, "user")
			}
			change = append(change, doc{"_id": permission, "roles": roles})
		}
		s.post(s.admin, "/api/v1/permissions.update", doc{"permissions": change}).is(200)
	}
	s.made(s.admin, newIncoming(doc{"name": "theirs-in"}))
	s.made(s.admin, newOutgoing(doc{"name": "theirs-out"}))
	hold(s, allIn, allOut)
	s.made(caller, newIncoming(doc{"name": "own-in"}))
	s.made(caller, newOutgoing(doc{"name": "own-out"}))
	const theirsIn, theirsOut, in, out = "theirs-in", "theirs-out", "own-in", "own-out"
	tests := []struct {
		held []string
		want []string
	}{
		{[]string{allIn}, []string{theirsIn, in}},
		{[]string{allOut}, []string{theirsOut, out}},
		{[]string{ownIn}, []string{in}},
		{[]string{ownOut}, []string{out}},
		{[]string{allIn, allOut}, []string{theirsIn, theirsOut, in, out}},
		{[]string{allIn, ownIn}, []string{theirsIn, in}},
		{[]string{allOut, ownOut}, []string{theirsOut, out}},
		{[]string{allIn, ownOut}, []string{theirsIn, in, out}},
		{[]string{ownIn, allOut}, []string{theirsOut, in, out}},
		{[]string{ownIn, ownOut}, []string{in, out}},
		{[]string{allIn, ownIn, ownOut}, []string{in, out}}, // upstream's quirk: both own ones outweigh one of the others
		{[]string{allOut, ownIn, ownOut}, []string{in, out}},
		{[]string{allIn, allOut, ownIn}, []string{theirsIn, theirsOut, in, out}},
		{[]string{allIn, allOut, ownOut}, []string{theirsIn, theirsOut, in, out}},
		{[]string{allIn, allOut, ownIn, ownOut}, []string{theirsIn, theirsOut, in, out}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.held), func(t *testing.T) {
			s := s.in(t)
			hold(s, tt.held...)
			a := s.get(caller, listPath).is(200)
			same(t, "list", a.all("integrations", "name"), tt.want...)
			if total := a.at("total"); total != float64(len(tt.want)) {
				t.Errorf("total = %v, want %d", total, len(tt.want))
			}
		})
	}
	t.Run("none", func(t *testing.T) {
		s := s.in(t)
		hold(s)
		s.get(caller, listPath).is(403)
	})
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, name := range []string{"Alpha one", "beta ONE", "gamma (1.*)", "Ärger"} {
		s.made(s.admin, newIncoming(doc{"name": name}))
	}
	s.made(s.admin, newOutgoing(doc{"name": "alpha two"}))
	tests := []struct {
		name  string
		query url.Values
		want  []string
	}{
		{"no filter, as they were added", nil, []string{"Alpha one", "beta ONE", "gamma (1.*)", "Ärger", "alpha two"}},
		{"part of the name in any case", url.Values{"name": {"ALPHA"}}, []string{"Alpha one", "alpha two"}},
		{"end of the name", url.Values{"name": {"one"}}, []string{"Alpha one", "beta ONE"}},
		{"the name is no pattern", url.Values{"name": {".*"}}, []string{"gamma (1.*)"}},
		{"nor is an open bracket", url.Values{"name": {"("}}, []string{"gamma (1.*)"}},
		{"nor is a percent sign", url.Values{"name": {"%"}}, []string{}},
		{"other letters in any case", url.Values{"name": {"äRGER"}}, []string{"Ärger"}},
		{"no such name", url.Values{"name": {"x"}}, []string{}},
		{"incoming", url.Values{"type": {"webhook-incoming"}}, []string{"Alpha one", "beta ONE", "gamma (1.*)", "Ärger"}},
		{"outgoing", url.Values{"type": {"webhook-outgoing"}}, []string{"alpha two"}},
		{"the type is exact", url.Values{"type": {"webhook"}}, []string{}},
		{"name and type", url.Values{"name": {"alpha"}, "type": {"webhook-outgoing"}}, []string{"alpha two"}},
		{"query is ignored", url.Values{"query": {`{"name":"x"}`}}, []string{"Alpha one", "beta ONE", "gamma (1.*)", "Ärger", "alpha two"}},
		{"query is not even read", url.Values{"query": {`{`}}, []string{"Alpha one", "beta ONE", "gamma (1.*)", "Ärger", "alpha two"}},
		{"sorted", url.Values{"sort": {`{"name":1}`}}, []string{"Alpha one", "alpha two", "beta ONE", "gamma (1.*)", "Ärger"}},
		{"sorted backwards", url.Values{"sort": {`{"name":-1}`}, "type": {"webhook-incoming"}}, []string{"Ärger", "gamma (1.*)", "beta ONE", "Alpha one"}},
		{"by two fields", url.Values{"sort": {`{"type":-1,"name":-1}`}}, []string{"alpha two", "Ärger", "gamma (1.*)", "beta ONE", "Alpha one"}},
		{"by an unknown field", url.Values{"sort": {`{"ts":-1}`}}, []string{"Alpha one", "beta ONE", "gamma (1.*)", "Ärger", "alpha two"}},
		{"by nothing", url.Values{"sort": {`{}`}}, []string{"Alpha one", "beta ONE", "gamma (1.*)", "Ärger", "alpha two"}},
		{"page", url.Values{"offset": {"1"}, "count": {"2"}}, []string{"beta ONE", "gamma (1.*)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.in(t).get(s.admin, listPath+"?"+tt.query.Encode()).is(200)
			same(t, "list", a.all("integrations", "name"), tt.want...)
		})
	}
}

func TestListShowsWholeRecords(t *testing.T) {
	t.Parallel()
	s := start(t)
	in, out := s.made(s.admin, newIncoming(nil)), s.made(s.admin, newOutgoing(doc{"token": "t"}))
	a := s.get(s.admin, listPath).is(200)
	for n, made := range []doc{in, out} {
		if diff := cmp.Diff(s.stored(made["_id"].(string)), a.at("integrations", n)); diff != "" {
			t.Errorf("list shows another record than get (-get +list):\n%s", diff)
		}
		if got := a.at("integrations", n, "token"); got != made["token"] {
			t.Errorf("list shows the token %v, want %v", got, made["token"])
		}
	}
}

func TestListRefuses(t *testing.T) {
	t.Parallel()
	levels(t, func(t *testing.T, level int, s *server) {
		for name, tt := range map[string]struct{ query, want string }{
			"fields":         {`?fields={"name":1}`, extra},
			"unknown key":    {"?bogus=1", extra},
			"nested":         {"?name[a]=1", "must be string"},
			"name twice":     {"?name=a&name=b", "must be string"},
			"array of one":   {"?name[]=a", "must be string"}, // as name may be null, it is not unwrapped
			"index":          {"?name[0]=a", "must be string"},
			"count in lists": {"?count=1&count=2", "must be number,string,null"},
		} {
			t.Run(name, func(t *testing.T) {
				s.in(t).get(s.admin, listPath+tt.query).refuses(level, "query", tt.want)
			})
		}
		for _, raw := range []string{"x", "{", "1", "null", "[]", `"name"`, `{"name":2}`, `{"name":"1"}`, `{"name":true}`, `{"name":null}`, `{"a":1,"b":0}`, `{'name':1}`, "ä<b>"} {
			t.Run("sort "+raw, func(t *testing.T) {
				want := `Invalid sort parameter provided: "` + raw + `" [error-invalid-sort]`
				s := s.in(t)
				s.get(s.admin, listPath+"?sort="+url.QueryEscape(raw)).fails(400, want, "error-invalid-sort")
				s.get(s.admin, historyPath+"?id=x&sort="+url.QueryEscape(raw)).fails(400, want, "error-invalid-sort")
			})
		}
	})
}

func TestHistoryRefuses(t *testing.T) {
	t.Parallel()
	levels(t, func(t *testing.T, level int, s *server) {
		for name, tt := range map[string]struct{ query, want string }{
			"no id":        {"", missing("id")},
			"empty id":     {"?id=", tooShort},
			"count":        {"?id=x&count=x", "must be number"},
			"offset":       {"?id=x&offset=x", "must be number"},
			"unknown key":  {"?id=x&bogus=1", extra},
			"fields":       {"?id=x&fields={}", extra},
			"id in a list": {"?id=x&id=y", "must be string"},
		} {
			t.Run(name, func(t *testing.T) {
				s.in(t).get(s.admin, historyPath+tt.query).refuses(level, "query", tt.want)
			})
		}
		t.Run("blank id", func(t *testing.T) {
			s := s.in(t)
			s.get(s.admin, historyPath+"?id=+").says(400, `{"success":false,"error":"Invalid integration id."}`)
			s.get(s.admin, historyPath+"?id=%09%0a").says(400, `{"success":false,"error":"Invalid integration id."}`)
		})
	})
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people()
	theirs := s.made(p.both, newOutgoing(nil))["_id"].(string)
	own := s.made(p.own, newOutgoing(nil))["_id"].(string)
	in := s.made(p.both, newIncoming(nil))["_id"].(string)
	var ids []string // the oldest first
	tomorrow := time.Now().UTC().Add(24 * time.Hour).Truncate(time.Millisecond)
	for n := range 3 {
		ids = append(ids, s.planned(theirs, func(_ *integrations.Plan, e *workspace.Effect) { e.Due = tomorrow.Add(time.Duration(n) * time.Minute) }))
	}
	ownID := s.planned(own, nil)
	tests := []struct {
		name, query string
		as          account
		want        []string
		total       float64
	}{
		{"the latest change first", "?id=" + theirs, p.both, []string{ids[2], ids[1], ids[0]}, 3},
		{"sorted", `?id=` + theirs + `&sort={"_updatedAt":1}`, p.both, ids, 3},
		{"page", "?id=" + theirs + "&offset=1&count=1", p.both, []string{ids[1]}, 3},
		{"query is ignored", "?id=" + theirs + `&query={"a":1}`, p.both, []string{ids[2], ids[1], ids[0]}, 3},
		{"unknown id", "?id=x", p.both, []string{}, 0},
		{"of an incoming integration", "?id=" + in, p.both, []string{}, 0},
		{"somebody else's, manage", "?id=" + own, p.all, []string{ownID}, 1},
		{"somebody else's, manage-own", "?id=" + theirs, p.own, []string{}, 0},
		{"own, manage-own", "?id=" + own, p.own, []string{ownID}, 1},
		{"unknown id, manage-own", "?id=x", p.own, []string{}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.in(t).get(tt.as, historyPath+tt.query).is(200)
			same(t, "history", a.all("history", "_id"), tt.want...)
			if got := []any{a.at("items"), a.at("count"), a.at("total")}; !slices.Equal(got, []any{float64(len(tt.want)), float64(len(tt.want)), tt.total}) {
				t.Errorf("items, count and total = %v, want %d, %d, %v", got, len(tt.want), len(tt.want), tt.total)
			}
		})
	}
	t.Run("without permission", func(t *testing.T) { s.in(t).get(p.none, historyPath+"?id="+theirs).is(403) })
	t.Run("an entry holds the whole integration", func(t *testing.T) {
		s := s.in(t)
		var data doc
		must(t, json.Unmarshal([]byte(eventData), &data))
		entry, _ := s.get(p.both, historyPath+"?id="+theirs).at("history", 2).(doc)
		if diff := differ(entry, doc{
			"_id": ids[0], "type": "outgoing-webhook", "step": "mapped-args-to-data", "integration": s.stored(theirs), "event": "sendMessage",
			"url": "http://127.0.0.1:9/x", "data": data, "ranPrepareScript": false, "finished": false,
			"_createdAt": tomorrow.Format("2006-01-02T15:04:05.000Z"), "_updatedAt": tomorrow.Format("2006-01-02T15:04:05.000Z"),
		}); diff != "" {
			t.Errorf("the entry is another (-want +got):\n%s", diff)
		}
	})
}

func TestClearHistoryAndReplayRefuse(t *testing.T) {
	t.Parallel()
	levels(t, func(t *testing.T, level int, s *server) {
		p := s.people()
		theirs := s.made(p.both, newOutgoing(nil))["_id"]
		own := s.made(p.own, newOutgoing(nil))["_id"]
		in := s.made(p.both, newIncoming(nil))["_id"].(string)
		entry := s.planned(theirs.(string), nil)
		bare := s.planned(theirs.(string), func(p *integrations.Plan, _ *workspace.Effect) { p.Data = nil })
		ofIncoming := s.planned(in, nil)
		schema := []struct {
			name, path, body, want string
		}{
			{"clearHistory, empty", clearPath, `{}`, missing("integrationId")},
			{"clearHistory, empty id", clearPath, `{"integrationId":""}`, tooShort},
			{"clearHistory, null id", clearPath, `{"integrationId":null}`, tooShort},
			{"clearHistory, object", clearPath, `{"integrationId":{}}`, "must be string"},
			{"clearHistory, unknown key", clearPath, `{"integrationId":"x","bogus":1}`, extra},
			{"replay, empty", replayPath, `{}`, missing("integrationId")},
			{"replay, without history", replayPath, `{"integrationId":"x"}`, missing("historyId")},
			{"replay, empty id", replayPath, `{"integrationId":"","historyId":"x"}`, tooShort},
			{"replay, empty history", replayPath, `{"integrationId":"x","historyId":""}`, tooShort},
			{"replay, array", replayPath, `[]`, "must be object"},
			{"replay, unknown key", replayPath, `{"integrationId":"x","historyId":"x","bogus":1}`, extra},
		}
		for _, tt := range schema {
			t.Run(tt.name, func(t *testing.T) { s.in(t).post(s.admin, tt.path, tt.body).refuses(level, "body", tt.want) })
		}
		ids := func(integration, history any) doc { return doc{"integrationId": integration, "historyId": history} }
		notAuthorized := func(name string) refusal {
			return refusal{"Unauthorized [not_authorized]", "not_authorized", byMethod(name)}
		}
		invalid := func(name string) refusal {
			return refusal{"Invalid integration [error-invalid-integration]", "error-invalid-integration", byMethod(name)}
		}
		const clearing, replaying = "clearIntegrationHistory", "replayOutgoingIntegration"
		unknownHistory := refusal{
			"Invalid Integration History [error-invalid-integration-history]", "error-invalid-integration-history", byMethod(replaying),
		}
		rules := []struct {
			name, path string
			as         account
			body       doc
			want       refusal
		}{
			{"clearHistory, no permission", clearPath, p.none, doc{"integrationId": theirs}, notAuthorized(clearing)},
			{"clearHistory, no permission beats an unknown id", clearPath, p.none, doc{"integrationId": "x"}, notAuthorized(clearing)},
			{"clearHistory, unknown", clearPath, p.both, doc{"integrationId": "x"}, invalid(clearing)},
			{"clearHistory, unknown, manage-own", clearPath, p.own, doc{"integrationId": "x"}, invalid(clearing)},
			{"clearHistory, somebody else's", clearPath, p.own, doc{"integrationId": theirs}, invalid(clearing)},
			{"replay, no permission", replayPath, p.none, ids(theirs, entry), notAuthorized(replaying)},
			{"replay, no permission beats an unknown id", replayPath, p.none, ids("x", "x"), notAuthorized(replaying)},
			{"replay, unknown", replayPath, p.both, ids("x", entry), invalid(replaying)},
			{"replay, somebody else's", replayPath, p.own, ids(theirs, entry), invalid(replaying)},
			{"replay, unknown history", replayPath, p.both, ids(theirs, "x"), unknownHistory},
			{"replay, unknown history, manage-own", replayPath, p.own, ids(own, "x"), unknownHistory},
			{"replay, history of another integration", replayPath, p.both, ids(own, entry), unknownHistory},
			{"replay, history of an incoming integration", replayPath, p.both, ids(in, "x"), unknownHistory},
			{"replay of what is not outgoing", replayPath, p.both, ids(in, ofIncoming), refusal{"integration-type-must-be-outgoing", "", nil}},
			{"replay without data", replayPath, p.both, ids(theirs, bare), refusal{"history-data-must-be-defined", "", nil}},
		}
		for _, tt := range rules {
			t.Run(tt.name, func(t *testing.T) { tt.want.of(s.in(t).post(tt.as, tt.path, tt.body)) })
		}
	})
}

// TestClearHistoryAndReplay makes real deliveries, to where nobody listens, with one attempt each.
func TestClearHistoryAndReplay(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people()
	for _, tt := range []struct {
		name string
		as   account
	}{{"both permissions", p.both}, {"manage, somebody else's", p.all}, {"manage-own", p.own}} {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			maker := tt.as
			if tt.as == p.all {
				maker = p.own
			}
			id := s.made(maker, newOutgoing(doc{"enabled": true, "retryFailedCalls": false}))["_id"].(string)
			other := s.made(p.both, newOutgoing(nil))["_id"].(string)
			kept := s.planned(other, nil)
			first := s.planned(id, func(_ *integrations.Plan, e *workspace.Effect) { e.At, e.Due = time.Now().UTC(), time.Now().UTC() })
			s.attempted(id, 1)
			s.post(tt.as, replayPath, doc{"integrationId": id, "historyId": first}).says(200, `{"success":true}`)
			s.attempted(id, 2)
			a := s.get(tt.as, historyPath+"?id="+id+`&sort={"_createdAt":-1}`).is(200)
			ids := a.all("history", "_id")
			if len(ids) != 2 || ids[1] != first {
				t.Fatalf("history after a replay = %v, want a new entry before %s: %s", ids, first, a.body)
			}
			again, before := a.at("history", 0).(doc), a.at("history", 1).(doc)
			if diff := differ(again, doc{"data": before["data"], "url": before["url"], "event": before["event"], "finished": true, "step": before["step"]}); diff != "" {
				t.Errorf("the replay is not what it repeats (-want +got):\n%s", diff)
			}
			s.post(tt.as, clearPath, doc{"integrationId": id}).says(200, `{"success":true}`)
			same(t, "history after clearHistory", s.historyIDs(tt.as, id))
			same(t, "history of another integration", s.historyIDs(p.both, other), kept)
			s.post(tt.as, clearPath, doc{"integrationId": id}).says(200, `{"success":true}`)
			s.post(tt.as, replayPath, doc{"integrationId": id, "historyId": first}).
				fails(400, "Invalid Integration History [error-invalid-integration-history]", "error-invalid-integration-history")
		})
	}
}
