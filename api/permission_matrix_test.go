package api_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// held is what the caller of the matrix may do with integrations of the record's kind.
type held string

const (
	none  held = "none"
	own   held = "own"   // manage-own-… alone
	all   held = "all"   // manage-… alone
	both  held = "both"  // the two together
	other held = "other" // none of these, both of the other kind
)

// What the methods answer, as status, errorType and text.
const (
	fine        = "200"
	routeDenied = "403 User does not have the permissions required for this action [error-unauthorized]"
	denied      = "400 not_authorized Unauthorized [not_authorized]"
	bareDenied  = "400 not_authorized [not_authorized]"
	unreadable  = "400 not-authorized"
	notYours    = "400 error-invalid-integration Invalid integration [error-invalid-integration]"
	notFound    = "400 invalid_integration [methods] updateOutgoingIntegration -> integration not found [invalid_integration]"
	noHistory   = "400 error-invalid-integration-history Invalid Integration History [error-invalid-integration-history]"
	onlyOwn     = "200 own"
	everything  = "200 another's, own"
	nothing     = "200 nothing"
	entries     = "200 1 entry"
	noEntries   = "200 no entry"
)

// matrix is every method for integrations, by the kind of the record and what the caller holds.
// Create and list do not name a record, so they have one outcome.
var matrix = []struct {
	method string
	kind   string
	held   held
	// What the answer is for the caller's own record, and for another's.
	own, another string
}{
	{"create", "incoming", none, denied, ""},
	{"create", "incoming", other, denied, ""},
	{"create", "incoming", own, fine, ""},
	{"create", "incoming", all, fine, ""},
	{"create", "incoming", both, fine, ""},
	{"create", "outgoing", none, bareDenied, ""},
	{"create", "outgoing", other, bareDenied, ""},
	{"create", "outgoing", own, fine, ""},
	{"create", "outgoing", all, fine, ""},
	{"create", "outgoing", both, fine, ""},

	// A trial needs what making the integration does.
	{"testScript", "incoming", none, denied, ""},
	{"testScript", "incoming", other, denied, ""},
	{"testScript", "incoming", own, fine, ""},
	{"testScript", "incoming", all, fine, ""},
	{"testScript", "incoming", both, fine, ""},
	{"testScript", "outgoing", none, bareDenied, ""},
	{"testScript", "outgoing", other, bareDenied, ""},
	{"testScript", "outgoing", own, fine, ""},
	{"testScript", "outgoing", all, fine, ""},
	{"testScript", "outgoing", both, fine, ""},
	// With an integration's id, it has to be one that the caller may read.
	{"testScript by id", "incoming", none, denied, denied},
	{"testScript by id", "incoming", other, denied, denied},
	{"testScript by id", "incoming", own, fine, unreadable},
	{"testScript by id", "incoming", all, fine, fine},
	{"testScript by id", "outgoing", none, bareDenied, bareDenied},
	{"testScript by id", "outgoing", other, bareDenied, bareDenied},
	{"testScript by id", "outgoing", own, fine, unreadable},
	{"testScript by id", "outgoing", all, fine, fine},

	{"list", "incoming", none, routeDenied, ""},
	{"list", "incoming", other, nothing, ""}, // of this kind
	{"list", "incoming", own, onlyOwn, ""},
	{"list", "incoming", all, everything, ""},
	{"list", "incoming", both, everything, ""},
	{"list", "outgoing", none, routeDenied, ""},
	{"list", "outgoing", other, nothing, ""},
	{"list", "outgoing", own, onlyOwn, ""},
	{"list", "outgoing", all, everything, ""},
	{"list", "outgoing", both, everything, ""},

	{"get", "incoming", none, unreadable, unreadable},
	{"get", "incoming", other, unreadable, unreadable},
	{"get", "incoming", own, fine, unreadable},
	{"get", "incoming", all, fine, fine},
	{"get", "incoming", both, fine, fine},
	{"get", "outgoing", none, unreadable, unreadable},
	{"get", "outgoing", other, unreadable, unreadable},
	{"get", "outgoing", own, fine, unreadable},
	{"get", "outgoing", all, fine, fine},
	{"get", "outgoing", both, fine, fine},

	{"update", "incoming", none, denied, denied},
	{"update", "incoming", other, denied, denied},
	{"update", "incoming", own, fine, notYours},
	{"update", "incoming", all, fine, fine},
	{"update", "incoming", both, fine, fine},
	{"update", "outgoing", none, denied, denied},
	{"update", "outgoing", other, denied, denied},
	{"update", "outgoing", own, fine, notFound},
	{"update", "outgoing", all, fine, fine},
	{"update", "outgoing", both, fine, fine},

	{"remove", "incoming", none, routeDenied, routeDenied},
	{"remove", "incoming", other, denied, denied},
	{"remove", "incoming", own, fine, notYours},
	{"remove", "incoming", all, fine, fine},
	{"remove", "incoming", both, fine, fine},
	{"remove", "outgoing", none, routeDenied, routeDenied},
	{"remove", "outgoing", other, denied, denied},
	{"remove", "outgoing", own, fine, notYours},
	{"remove", "outgoing", all, fine, fine},
	{"remove", "outgoing", both, fine, fine},

	// Deliveries are a matter of outgoing permissions alone, and incoming records have none.
	{"history", "incoming", none, routeDenied, routeDenied},
	{"history", "incoming", other, noEntries, noEntries},
	{"history", "incoming", own, routeDenied, routeDenied},
	{"history", "incoming", all, routeDenied, routeDenied},
	{"history", "incoming", both, routeDenied, routeDenied},
	{"history", "outgoing", none, routeDenied, routeDenied},
	{"history", "outgoing", other, routeDenied, routeDenied},
	{"history", "outgoing", own, entries, noEntries},
	{"history", "outgoing", all, entries, entries},
	{"history", "outgoing", both, entries, entries},

	{"clearHistory", "incoming", none, denied, denied},
	{"clearHistory", "incoming", other, fine, fine},
	{"clearHistory", "incoming", own, denied, denied},
	{"clearHistory", "incoming", all, denied, denied},
	{"clearHistory", "incoming", both, denied, denied},
	{"clearHistory", "outgoing", none, denied, denied},
	{"clearHistory", "outgoing", other, denied, denied},
	{"clearHistory", "outgoing", own, fine, notYours},
	{"clearHistory", "outgoing", all, fine, fine},
	{"clearHistory", "outgoing", both, fine, fine},

	{"replayOutgoing", "incoming", none, denied, denied},
	{"replayOutgoing", "incoming", other, noHistory, noHistory},
	{"replayOutgoing", "incoming", own, denied, denied},
	{"replayOutgoing", "incoming", all, denied, denied},
	{"replayOutgoing", "incoming", both, denied, denied},
	{"replayOutgoing", "outgoing", none, denied, denied},
	{"replayOutgoing", "outgoing", other, denied, denied},
	{"replayOutgoing", "outgoing", own, fine, notYours},
	{"replayOutgoing", "outgoing", all, fine, fine},
	{"replayOutgoing", "outgoing", both, fine, fine},
}

// TestPermissionMatrix changes the caller's permissions before every line of the matrix, on one
// server: each change has to act on the very next request.
func TestPermissionMatrix(t *testing.T) {
	t.Parallel()
	levels(t, func(t *testing.T, _ int, s *server) {
		caller := s.user("caller", "user")
		var own, theirs, entry map[string]string // by kind: records, and deliveries of records by their id
		for _, tt := range matrix {
			t.Run(fmt.Sprintf("%s %s %s", tt.method, tt.kind, tt.held), func(t *testing.T) {
				s := s.in(t)
				if own == nil {
					own, theirs, entry = s.records(caller)
				}
				s.hold(tt.kind, tt.held)
				if got := s.outcome(caller, tt.method, tt.kind, own[tt.kind], entry[own[tt.kind]]); got != tt.own {
					t.Errorf("%s of own record, holding %s = %s, want %s", tt.method, tt.held, got, tt.own)
				}
				if tt.another != "" {
					got := s.outcome(caller, tt.method, tt.kind, theirs[tt.kind], entry[theirs[tt.kind]])
					if got != tt.another {
						t.Errorf("%s of another's record, holding %s = %s, want %s", tt.method, tt.held, got, tt.another)
					}
				}
				if !slices.Contains([]string{"get", "list", "history", "testScript", "testScript by id"}, tt.method) {
					own = nil // it may have changed them
				}
			})
		}
	})
}

// hold gives the role user the permissions for integrations of a kind. An administrator has all.
func (s *server) hold(kind string, h held) {
	s.t.Helper()
	var change []any
	for _, k := range []string{"incoming", "outgoing"} {
		for prefix, holders := range map[string][]held{"manage-": {all, both, other}, "manage-own-": {own, both, other}} {
			roles := []string{"admin"}
			if (k == kind) != (h == other) && slices.Contains(holders, h) {
				roles = append(roles, "user")
			}
			change = append(change, doc{"_id": prefix + k + "-integrations", "roles": roles})
		}
	}
	s.post(s.admin, "/api/v1/permissions.update", doc{"permissions": change}).is(200)
}

// records plants, of each kind, a record of the caller's and one of the administrator's, and a
// delivery of each outgoing one. What was there before goes.
func (s *server) records(caller account) (own, theirs, entry map[string]string) {
	s.t.Helper()
	everything := integrations.Filter{Incoming: permissions.All, Outgoing: permissions.All}
	old, _, err := s.store.Integrations(context.Background(), everything, workspace.Page{})
	must(s.t, err)
	for _, i := range old {
		must(s.t, s.store.RemoveIntegration(context.Background(), i.ID, true))
		s.index.Remove(i.ID)
	}
	own, theirs, entry = map[string]string{}, map[string]string{}, map[string]string{}
	for kind, k := range map[string]integrations.Kind{"incoming": integrations.Incoming, "outgoing": integrations.Outgoing} {
		for creator, ids := range map[account]map[string]string{caller: own, s.admin: theirs} {
			i := s.record(workspace.NewHexID(), k)
			i.Name = map[account]string{caller: "own", s.admin: "another's"}[creator]
			i.CreatedBy = integrations.Actor{ID: creator.id, Username: creator.username}
			s.plant(i)
			ids[kind], entry[i.ID] = i.ID, "none"
			if k == integrations.Outgoing {
				entry[i.ID] = s.planned(i.ID, nil)
			}
		}
	}
	return own, theirs, entry
}

func matrixRecord(kind string, change doc) doc {
	if kind == "incoming" {
		return newIncoming(change)
	}
	return newOutgoing(change)
}

// outcome makes one request of the matrix and answers what came of it.
func (s *server) outcome(as account, method, kind, id, entry string) string {
	s.t.Helper()
	var a answer
	switch method {
	case "create":
		a = s.post(as, createPath, matrixRecord(kind, nil))
	case "testScript":
		a = s.post(as, tryPath, doc{"type": "webhook-" + kind, "script": "class Script {}"})
	case "testScript by id":
		a = s.post(as, tryPath, doc{"type": "webhook-" + kind, "script": "class Script {}", "integrationId": id})
	case "list":
		return s.listOutcome(s.get(as, listPath+"?type=webhook-"+kind+"&sort={\"name\":1}"))
	case "get":
		a = s.get(as, getPath+"?integrationId="+id)
	case "update":
		change := doc{"integrationId": id, "name": "updated"}
		if kind == "outgoing" {
			change["token"] = "t"
		}
		a = s.update(as, matrixRecord(kind, change))
	case "remove":
		a = s.post(as, removePath, doc{"type": "webhook-" + kind, "integrationId": id})
	case "history":
		return s.historyOutcome(s.get(as, historyPath+"?id="+id))
	case "clearHistory":
		a = s.post(as, clearPath, doc{"integrationId": id})
	case "replayOutgoing":
		a = s.post(as, replayPath, doc{"integrationId": id, "historyId": entry})
	}
	return a.outcome()
}

// outcome words an answer as the matrix does.
func (a answer) outcome() string {
	a.t.Helper()
	if a.status == 200 {
		return fine
	}
	d := a.doc()
	if kind, ok := d["errorType"]; ok {
		return fmt.Sprint(a.status, " ", kind, " ", d["error"])
	}
	return fmt.Sprint(a.status, " ", d["error"])
}

func (s *server) listOutcome(a answer) string {
	s.t.Helper()
	if a.status != 200 {
		return a.outcome()
	}
	switch names := a.all("integrations", "name"); {
	case slices.Equal(names, []string{"another's", "own"}):
		return everything
	case slices.Equal(names, []string{"own"}):
		return onlyOwn
	case len(names) == 0:
		return nothing
	default:
		return fmt.Sprint(a.status, " ", names)
	}
}

func (s *server) historyOutcome(a answer) string {
	s.t.Helper()
	switch {
	case a.status != 200:
		return a.outcome()
	case len(a.all("history", "_id")) == 0:
		return noEntries
	case len(a.all("history", "_id")) == 1:
		return entries
	default:
		return fmt.Sprint(a.status, " ", a.all("history", "_id"))
	}
}

// TestPermissionsActAtOnce takes away and gives back, between two requests, each of the permissions
// that open a route, and the roles of a user.
func TestPermissionsActAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	caller := s.user("caller", "user", "guest")
	for _, permission := range []string{
		"manage-incoming-integrations", "manage-own-incoming-integrations", "manage-outgoing-integrations", "manage-own-outgoing-integrations",
	} {
		t.Run(permission, func(t *testing.T) {
			s := s.in(t)
			s.get(caller, listPath).is(403)
			s.grant(permission, "admin", "guest")
			s.get(caller, listPath).is(200)
			s.grant(permission, "admin")
			s.get(caller, listPath).is(403)
		})
	}
	t.Run("an empty list denies everybody", func(t *testing.T) {
		s := s.in(t)
		for _, kind := range []string{"incoming", "outgoing"} {
			s.grant("manage-" + kind + "-integrations")
			s.grant("manage-own-" + kind + "-integrations")
		}
		s.get(s.admin, listPath).is(403)
		inNotAuthorized.of(s.post(s.admin, createPath, newIncoming(nil)))
		outNotAuthorized.of(s.post(s.admin, createPath, newOutgoing(nil)))
	})
	t.Run("a role given and taken", func(t *testing.T) {
		s := s.in(t)
		s.grant("manage-incoming-integrations", "bot")
		s.get(caller, listPath).is(403)
		s.post(s.admin, "/api/v1/roles.addUserToRole", doc{"roleId": "bot", "username": "caller"}).is(200)
		s.get(caller, listPath).is(200)
		s.post(s.admin, "/api/v1/roles.removeUserFromRole", doc{"roleId": "bot", "username": "caller"}).is(200)
		s.get(caller, listPath).is(403)
	})
}

// TestDefaultPermissions is about a new workspace: administrators alone manage integrations.
func TestDefaultPermissions(t *testing.T) {
	t.Parallel()
	s := start(t)
	list, _ := s.get(s.admin, "/api/v1/permissions.listAll").is(200).at("update").([]any)
	found := 0
	for _, item := range list {
		permission, _ := item.(doc)
		switch permission["_id"] {
		case "manage-incoming-integrations", "manage-own-incoming-integrations", "manage-outgoing-integrations", "manage-own-outgoing-integrations":
			found++
			if roles, _ := permission["roles"].([]any); !slices.Equal(roles, []any{"admin"}) {
				t.Errorf("%s is held by %v, want admin alone", permission["_id"], roles)
			}
		}
	}
	if found != 4 {
		t.Errorf("permissions.listAll has %d of the 4 permissions for integrations", found)
	}
}
