package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// omit takes a member out of a document that is changed.
type omit struct{}

// changed is a copy of a document with other members.
func changed(base, change doc) doc {
	out := doc{}
	maps.Copy(out, base)
	for name, value := range change {
		if _, ok := value.(omit); ok {
			delete(out, name)
			continue
		}
		out[name] = value
	}
	return out
}

// newIncoming is the least that a new incoming integration needs, but for what change says.
func newIncoming(change doc) doc {
	return changed(doc{
		"type": "webhook-incoming", "username": "rocket.cat", "channel": "#general", "scriptEnabled": false,
		"name": "in", "enabled": false,
	}, change)
}

// newOutgoing is the least that a new outgoing integration needs, but for what change says. It is
// disabled, so that nothing is delivered.
func newOutgoing(change doc) doc {
	return changed(doc{
		"type": "webhook-outgoing", "username": "rocket.cat", "channel": "#general", "event": "sendMessage",
		"scriptEnabled": false, "name": "out", "enabled": false, "urls": []any{"http://127.0.0.1:9/x"},
	}, change)
}

const (
	createPath  = "/api/v1/integrations.create"
	listPath    = "/api/v1/integrations.list"
	getPath     = "/api/v1/integrations.get"
	updatePath  = "/api/v1/integrations.update"
	removePath  = "/api/v1/integrations.remove"
	historyPath = "/api/v1/integrations.history"
	clearPath   = "/api/v1/integrations.clearHistory"
	replayPath  = "/api/v1/integrations.replayOutgoing"
)

// made creates an integration and answers it.
func (s *server) made(as account, in doc) doc {
	s.t.Helper()
	return s.post(as, createPath, in).is(200).integration()
}

// stored answers an integration as the administrator gets it.
func (s *server) stored(id string) doc {
	s.t.Helper()
	return s.get(s.admin, getPath+"?integrationId="+id).is(200).integration()
}

func (a answer) integration() doc {
	a.t.Helper()
	i, ok := a.at("integration").(doc)
	if !ok {
		a.t.Fatalf("%s: there is no integration in %s", a.what, a.body)
	}
	return i
}

// because asks for an error's details; nil: there are none.
func (a answer) because(details doc) {
	a.t.Helper()
	got, _ := a.doc()["details"].(doc)
	if diff := cmp.Diff(details, got); diff != "" {
		a.t.Errorf("%s has other details (-want +got):\n%s", a.what, diff)
	}
}

// keys are the sorted names of a document's members.
func keys(d doc) []string { return slices.Sorted(maps.Keys(d)) }

// words is a list of names, sorted.
func words(list string) []string { return slices.Sorted(slices.Values(strings.Fields(list))) }

// missing is AJV's message for a member that is not there.
func missing(name string) string { return "must have required property '" + name + "'" }

// The other messages of AJV that answers are compared with.
const (
	extra      = "must NOT have additional properties"
	oneOf      = "must match exactly one schema in oneOf"
	noIncoming = `must match pattern "webhook-incoming"`
	noOutgoing = `must match pattern "webhook-outgoing"`
	tooShort   = "must NOT have fewer than 1 characters"
)

// lines joins messages as answers have them.
func lines(messages ...string) string { return strings.Join(messages, "\n ") }

// refuses asks for the refusal of a document by its schema, worded as the compatibility level has
// it. From is body or query.
func (a answer) refuses(level int, from, text string) {
	a.t.Helper()
	quote := func(text string) string {
		quoted, err := json.Marshal(text)
		must(a.t, err)
		return string(quoted)
	}
	switch {
	case level < 8:
		a.says(400, `{"success":false,"error":`+quote(text+" [invalid-params]")+`,"errorType":"invalid-params"}`)
	case from == "query":
		a.says(400, `{"success":false,"errorType":"error-invalid-params","error":`+quote(text)+`}`)
	default:
		a.says(400, `{"success":false,"errorType":"invalid-params","error":`+quote(text)+`}`)
	}
}

// levels runs a test at both compatibility levels, each with a server of its own.
func levels(t *testing.T, run func(t *testing.T, level int, s *server)) {
	for _, level := range []int{7, 8} {
		t.Run(fmt.Sprintf("level %d", level), func(t *testing.T) {
			t.Parallel()
			run(t, level, start(t, func(o *options) { o.level = level }))
		})
	}
}

// endpoints are the methods for integrations. Bad is a document that none of their schemas accepts:
// the body of a POST or PUT, else the query.
var endpoints = []struct{ method, path, bad string }{
	{"POST", createPath, `{`},
	{"GET", listPath, "?bogus=1"},
	{"GET", getPath, ""},
	{"PUT", updatePath, `[]`},
	{"POST", removePath, `{"type":"x"}`},
	{"GET", historyPath, "?id="},
	{"POST", clearPath, `{"integrationId":""}`},
	{"POST", replayPath, `{"integrationId":"a"}`},
	{"POST", tryPath, `{"type":"x"}`},
}

// call sends a text as the body of a POST or PUT, else as the query.
func (s *server) call(as account, method, path, given string) answer {
	s.t.Helper()
	if method == http.MethodGet {
		return s.get(as, path+given)
	}
	return s.send(method, as, path, given)
}

func TestUnauthenticatedBeatsEverything(t *testing.T) {
	t.Parallel()
	want := map[int]string{
		7: `{"status":"error","message":"You must be logged in to do this."}`,
		8: `{"success":false,"error":"You must be logged in to do this.","status":"error","message":"You must be logged in to do this."}`,
	}
	levels(t, func(t *testing.T, level int, s *server) {
		other := s.user("other", "user")
		callers := []struct {
			name   string
			header map[string]string
		}{
			{"no headers", nil},
			{"user id alone", map[string]string{"X-User-Id": s.admin.id}},
			{"token alone", map[string]string{"X-Auth-Token": s.admin.token}},
			{"wrong token", map[string]string{"X-User-Id": s.admin.id, "X-Auth-Token": "x" + s.admin.token}},
			{"somebody else's id", map[string]string{"X-User-Id": other.id, "X-Auth-Token": s.admin.token}},
			{"a bearer token is no login", map[string]string{"X-User-Id": s.admin.id, "Authorization": "Bearer " + s.admin.token}},
			{"empty", map[string]string{"X-User-Id": "", "X-Auth-Token": ""}},
		}
		for _, e := range endpoints {
			for _, c := range callers {
				t.Run(e.path+" "+c.name, func(t *testing.T) {
					s := s.in(t)
					r := request{method: e.method, path: e.path, header: map[string]string{"Content-Type": "application/json"}}
					maps.Copy(r.header, c.header)
					if e.method == http.MethodGet {
						r.path += e.bad
					} else {
						r.body = e.bad
					}
					a := s.do(r).says(401, want[level])
					if got := a.header.Get("Cache-Control"); got != "" {
						t.Errorf("%s has Cache-Control %q, want none", a.what, got)
					}
				})
			}
		}
	})
}

func TestRoutePermissionBeatsDocument(t *testing.T) {
	t.Parallel()
	const want = `{"success":false,"error":"User does not have the permissions required for this action [error-unauthorized]"}`
	levels(t, func(t *testing.T, _ int, s *server) {
		nobody := s.user("nobody", "user")
		incomingOnly := s.user("incoming", "guest")
		s.grant("manage-incoming-integrations", "admin", "guest")
		s.grant("manage-own-incoming-integrations", "admin", "guest")
		tests := []struct {
			name, method, path, given string
			as                        account
		}{
			{"remove, good", "POST", removePath, `{"type":"webhook-incoming","integrationId":"x"}`, nobody},
			{"remove, empty", "POST", removePath, ``, nobody},
			{"remove, not JSON", "POST", removePath, `{"type":`, nobody},
			{"remove, array", "POST", removePath, `[]`, nobody},
			{"list, good", "GET", listPath, "", nobody},
			{"list, unknown key", "GET", listPath, "?fields={}", nobody},
			{"list, bad sort", "GET", listPath, "?sort=x", nobody},
			{"list, unreadable query", "GET", listPath, "?name" + strings.Repeat("&name", 600), nobody},
			{"history, good", "GET", historyPath, "?id=x", nobody},
			{"history, without id", "GET", historyPath, "", nobody},
			{"history with incoming permissions", "GET", historyPath, "?id=x", incomingOnly},
			{"history with incoming permissions, without id", "GET", historyPath, "", incomingOnly},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				a := s.in(t).call(tt.as, tt.method, tt.path, tt.given).says(403, want)
				if got := a.header.Get("Cache-Control"); got != "" {
					t.Errorf("%s has Cache-Control %q, want none", a.what, got)
				}
			})
		}
	})
}

// TestDocumentBeatsPermission is about the methods without a permission of their route.
func TestDocumentBeatsPermission(t *testing.T) {
	t.Parallel()
	levels(t, func(t *testing.T, level int, s *server) {
		nobody := s.user("nobody", "user")
		tests := []struct{ name, method, path, given, want string }{
			{"create", "POST", createPath, `{}`, lines(missing("type"), missing("type"), oneOf)},
			{"update", "PUT", updatePath, `{}`, lines(missing("integrationId"), missing("type"), oneOf)},
			{"get", "GET", getPath, "", missing("integrationId")},
			{"clearHistory", "POST", clearPath, `{}`, missing("integrationId")},
			{"replayOutgoing", "POST", replayPath, `{}`, missing("integrationId")},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				from := "body"
				if tt.method == http.MethodGet {
					from = "query"
				}
				s.in(t).call(nobody, tt.method, tt.path, tt.given).refuses(level, from, tt.want)
			})
		}
		t.Run("an unknown type beats the permission", func(t *testing.T) {
			s := s.in(t)
			s.post(nobody, createPath, newIncoming(doc{"type": "webhook-incoming-invalid"})).fails(400, "Invalid integration type.", "").because(nil)
		})
	})
}

func TestAnswersHeaders(t *testing.T) {
	t.Parallel()
	const allowHeaders = "Origin, X-Requested-With, Content-Type, Accept, X-User-Id, X-Auth-Token, x-visitor-token, Authorization, MCP-Protocol-Version"
	levels(t, func(t *testing.T, _ int, s *server) {
		nobody := s.user("nobody", "user")
		made := s.made(s.admin, newIncoming(nil))
		tests := []struct {
			name    string
			a       answer
			status  int
			noStore bool // a handler answered
		}{
			{"create", s.post(s.admin, createPath, newIncoming(nil)), 200, true},
			{"list", s.get(s.admin, listPath), 200, true},
			{"get", s.get(s.admin, getPath+"?integrationId="+made["_id"].(string)), 200, true},
			{"a rule's refusal", s.post(nobody, createPath, newIncoming(nil)), 400, true},
			{"a handler's own refusal", s.get(s.admin, getPath+"?integrationId=x"), 400, true},
			{"not logged in", s.get(account{}, listPath), 401, false},
			{"route permission", s.get(nobody, listPath), 403, false},
			{"body schema", s.post(s.admin, createPath, doc{}), 400, false},
			{"query schema", s.get(s.admin, getPath), 400, false},
			{"unreadable query", s.get(s.admin, getPath+"?a"+strings.Repeat("&a", 1000)), 400, false},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				tt.a.is(tt.status)
				want := map[string]string{
					"Content-Type": "application/json", "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": allowHeaders,
					"Cache-Control": "", "Pragma": "",
				}
				if tt.noStore {
					want["Cache-Control"], want["Pragma"] = "no-store", "no-cache"
				}
				for name, value := range want {
					if got := tt.a.header.Get(name); got != value {
						t.Errorf("%s has %s %q, want %q", tt.a.what, name, got, value)
					}
				}
				if tt.a.header.Get("X-Instance-Id") == "" {
					t.Errorf("%s has no X-Instance-Id", tt.a.what)
				}
			})
		}
	})
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	const (
		methods = "GET, POST, PUT, DELETE, HEAD, PATCH"
		headers = "Origin, X-Requested-With, Content-Type, Accept, X-User-Id, X-Auth-Token, x-visitor-token, Authorization, MCP-Protocol-Version"
	)
	origin := func(name string) map[string]string { return map[string]string{"Origin": name} }
	asks := map[string]string{"Access-Control-Request-Method": "POST"}
	tests := []struct {
		name     string
		settings map[string]any
		header   map[string]string
		status   int
		body     string
		allowed  string // origin; empty: none is allowed
		vary     string
	}{
		{"plain OPTIONS passes", nil, nil, 200, "OK", "", ""},
		{"plain OPTIONS passes where CORS is off", map[string]any{"API_Enable_CORS": false}, nil, 200, "OK", "", ""},
		{"any origin", nil, origin("https://a.example"), 200, "", "*", ""},
		{"asked method alone", nil, asks, 200, "", "*", ""},
		{
			"CORS off",
			map[string]any{"API_Enable_CORS": false},
			origin("https://a.example"), 405,
			`CORS not enabled. Go to "Admin > General > REST Api" to enable it.`, "", "",
		},
		{"CORS off, asked method alone", map[string]any{"API_Enable_CORS": false}, asks, 405, `CORS not enabled. Go to "Admin > General > REST Api" to enable it.`, "", ""},
		{"listed origin", map[string]any{"API_CORS_Origin": "https://a.example, https://b.example"}, origin("https://b.example"), 200, "", "https://b.example", "Origin"},
		{"origin that is not listed", map[string]any{"API_CORS_Origin": "https://a.example,https://b.example"}, origin("https://c.example"), 403, "Invalid origin", "", ""},
		{"part of a listed origin", map[string]any{"API_CORS_Origin": "https://a.example.org"}, origin("https://a.example"), 403, "Invalid origin", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(o *options) { o.settings = tt.settings })
			a := s.do(request{method: http.MethodOptions, path: createPath, header: tt.header}).says(tt.status, tt.body)
			want := map[string]string{"Access-Control-Allow-Origin": tt.allowed, "Vary": tt.vary, "Access-Control-Allow-Methods": "", "Access-Control-Allow-Headers": ""}
			if tt.allowed != "" {
				want["Access-Control-Allow-Methods"], want["Access-Control-Allow-Headers"] = methods, headers
			}
			for name, value := range want {
				if got := a.header.Get(name); got != value {
					t.Errorf("%s has %s %q, want %q", a.what, name, got, value)
				}
			}
			if a.header.Get("X-Instance-Id") == "" {
				t.Errorf("%s has no X-Instance-Id", a.what)
			}
		})
	}
}

// TestBodies is about how a body becomes a document, by its content type.
func TestBodies(t *testing.T) {
	t.Parallel()
	const (
		asJSON  = `{"type":"webhook-incoming","username":"rocket.cat","channel":"#general","scriptEnabled":false,"name":"n","enabled":true}`
		asForm  = "type=webhook-incoming&username=rocket.cat&channel=%23general&scriptEnabled=false&name=a+b&enabled=true"
		typeful = "must have required property 'type'\n must have required property 'type'\n must match exactly one schema in oneOf"
	)
	levels(t, func(t *testing.T, level int, s *server) {
		tests := []struct {
			name, contentType, body string
			refused                 string // by the schema; empty: the integration is made
			want                    doc    // members of the record
		}{
			{"JSON", "application/json", asJSON, "", doc{"name": "n", "enabled": true, "scriptEnabled": false}},
			{"JSON with a charset", "application/json; charset=utf-8", asJSON, "", doc{"name": "n"}},
			{"type that holds the name of JSON", "application/json-patch+json", asJSON, "", doc{"name": "n"}},
			{"form", "application/x-www-form-urlencoded", asForm, "", doc{"name": "a b", "enabled": true, "scriptEnabled": false, "channel": []any{"#general"}}},
			{"form with a charset", "application/x-www-form-urlencoded;charset=UTF-8", asForm, "", doc{"name": "a b"}},
			{"form, the last of two counts", "application/x-www-form-urlencoded", asForm + "&name=c", "", doc{"name": "c"}},
			{"form is flat", "application/x-www-form-urlencoded", asForm + "&alias[x]=c", lines(extra, missing("event"), oneOf), nil},
			{"form, coerced number", "application/x-www-form-urlencoded", asForm + "&alias=5", "", doc{"alias": "5"}},
			{"malformed JSON", "application/json", asJSON[:len(asJSON)-1], typeful, nil},
			{"two JSON texts", "application/json", asJSON + asJSON, typeful, nil},
			{"empty", "application/json", "", typeful, nil},
			{"spaces", "application/json", " \n", typeful, nil},
			{"empty without a type", "", "", typeful, nil},
			{"array", "application/json", "[]", lines("must be object", "must be object", oneOf), nil},
			{"array of one document", "application/json", "[" + asJSON + "]", lines("must be object", "must be object", oneOf), nil},
			{"multipart", "multipart/form-data; boundary=x", asJSON, typeful, nil},
			{"JSON under another type", "text/plain", asJSON, typeful, nil},
			{"JSON without a type", "", asJSON, typeful, nil},
			{"form under another type", "application/octet-stream", asForm, typeful, nil},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				a := s.in(t).do(request{method: "POST", path: createPath, as: s.admin, body: tt.body, header: map[string]string{"Content-Type": tt.contentType}})
				if tt.refused != "" {
					a.refuses(level, "body", tt.refused)
					return
				}
				if diff := differ(a.is(200).integration(), tt.want); diff != "" {
					t.Errorf("%s with %s made another record (-want +got):\n%s", a.what, tt.body, diff)
				}
			})
		}
		t.Run("text is spread into its characters", func(t *testing.T) {
			s := s.in(t)
			r := request{method: "POST", path: clearPath, as: s.admin, body: "ab", header: map[string]string{"Content-Type": "text/plain"}}
			s.do(r).refuses(level, "body", missing("integrationId"))
		})
	})
}

// TestErrorBodies holds whole answers, with the order of their members, against the causes.
func TestErrorBodies(t *testing.T) {
	t.Parallel()
	levels(t, func(t *testing.T, _ int, s *server) {
		nobody := s.user("nobody", "user")
		tests := []struct {
			name   string
			a      answer
			status int
			body   string
		}{
			{"sentence", s.get(s.admin, getPath+"?integrationId=x"), 400, `{"success":false,"error":"The integration does not exists."}`},
			{"sentence without code", s.post(s.admin, removePath, doc{"type": "webhook-incoming", "integrationId": "x"}), 400, `{"success":false,"error":"No integration found."}`},
			{
				"reason, code and details", s.post(nobody, createPath, newIncoming(nil)), 400,
				`{"success":false,"error":"Unauthorized [not_authorized]","errorType":"not_authorized","details":{"method":"addIncomingIntegration"}}`,
			},
			{"code alone", s.post(nobody, createPath, newOutgoing(nil)), 400, `{"success":false,"error":"[not_authorized]","errorType":"not_authorized"}`},
			{"unreadable query", s.get(s.admin, listPath+"?name"+strings.Repeat("&name", 600)), 400, `{"success":false,"error":"Invalid query parameters"}`},
			{"unknown route", s.get(s.admin, "/api/v1/integrations.nothing"), 404, `{"success":false,"error":"Resource not found"}`},
			{"route permission", s.get(nobody, listPath), 403, `{"success":false,"error":"User does not have the permissions required for this action [error-unauthorized]"}`},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) { tt.a.says(tt.status, tt.body) })
		}
	})
	t.Run("stack while testing", func(t *testing.T) {
		t.Parallel()
		s := start(t, func(o *options) { o.stacks = true })
		a := s.post(s.user("nobody", "user"), createPath, newIncoming(nil)).fails(400, "Unauthorized [not_authorized]", "not_authorized")
		if a.text("stack") == "" {
			t.Errorf("%s has no stack: %s", a.what, a.body)
		}
		ordered := []string{`{"success":`, `"error":`, `"stack":`, `"errorType":`, `"details":`}
		at := make([]int, len(ordered))
		for n, name := range ordered {
			at[n] = strings.Index(a.body, name)
		}
		if !slices.IsSorted(at) || at[0] != 0 {
			t.Errorf("%s has its members at %v, want success, error, stack, errorType, details: %s", a.what, at, a.body)
		}
	})
}

func TestSuccessStandsLast(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := s.made(s.admin, newIncoming(nil))
	out := s.made(s.admin, newOutgoing(nil))
	planned := s.planned(out["_id"].(string), nil)
	tests := []struct {
		name string
		a    answer
		keys string
	}{
		{"create", s.post(s.admin, createPath, newIncoming(nil)), "integration success"},
		{"list", s.get(s.admin, listPath), "integrations offset items count total success"},
		{"list of none", s.get(s.admin, listPath+"?name=nothing"), "integrations offset items count total success"},
		{"get", s.get(s.admin, getPath+"?integrationId="+in["_id"].(string)), "integration success"},
		{"update", s.update(s.admin, newIncoming(doc{"integrationId": in["_id"]})), "integration success"},
		{"history", s.get(s.admin, historyPath+"?id="+out["_id"].(string)), "history offset items count total success"},
		{"history of none", s.get(s.admin, historyPath+"?id=nothing"), "history offset items count total success"},
		{"replayOutgoing", s.post(s.admin, replayPath, doc{"integrationId": out["_id"], "historyId": planned}), "success"},
		{"clearHistory", s.post(s.admin, clearPath, doc{"integrationId": out["_id"]}), "success"},
		{"remove", s.post(s.admin, removePath, doc{"type": "webhook-incoming", "integrationId": in["_id"]}), "integration success"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(words(tt.keys), keys(tt.a.is(200).doc())); diff != "" {
				t.Errorf("%s has other members (-want +got):\n%s", tt.a.what, diff)
			}
			if !strings.HasSuffix(tt.a.body, `"success":true}`) {
				t.Errorf("%s does not end with success: %s", tt.a.what, tt.a.body)
			}
		})
	}
}
