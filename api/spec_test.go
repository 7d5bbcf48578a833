package api_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/grapnel-chat/grapnel"
	"github.com/grapnel-chat/grapnel/api"
	"github.com/grapnel-chat/grapnel/schema"
)

// checkAnswer fails the test unless openapi.yaml describes the answer: its status, its content type
// and, for JSON, its body. The target is a path that may carry a query and the prefix of ROOT_URL.
// What is not served has to be answered with the 404 that the description promises.
func checkAnswer(t testing.TB, method, target string, status int, contentType string, body []byte) {
	t.Helper()
	err := description(t).check(method, target, status, contentType, body)
	if err != nil {
		t.Errorf("%s %s is answered otherwise than openapi.yaml says: %v\nstatus: %d\ncontent type: %s\nbody: %s",
			method, target, err, status, contentType, body)
	}
}

// spec is openapi.yaml, ready for look-ups. Nothing in it changes once it is loaded.
type spec struct {
	document   *openapi3.T
	operations []documented
}

// documented is an operation and the paths that it is served at.
type documented struct {
	method, path string
	pattern      *regexp.Regexp
	operation    *openapi3.Operation
}

// name is what schemas call the operation, such as integrations.create.
func (d documented) name() string { return strings.TrimPrefix(d.path, "/api/v1/") }

// loaded reads openapi.yaml once.
var loaded = sync.OnceValues(func() (*spec, error) {
	document, err := openapi3.NewLoader().LoadFromData(grapnel.OpenAPI)
	if err != nil {
		return nil, err
	}
	s := &spec{document: document}
	for template, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			s.operations = append(s.operations, documented{method: method, path: template, pattern: pattern(template), operation: operation})
		}
	}
	// Paths without parameters first: /docs is no hook.
	slices.SortFunc(s.operations, func(a, b documented) int {
		return cmp.Or(strings.Count(a.path, "{")-strings.Count(b.path, "{"), cmp.Compare(a.path+a.method, b.path+b.method))
	})
	return s, nil
})

func description(t testing.TB) *spec {
	t.Helper()
	s, err := loaded()
	if err != nil {
		t.Fatalf("load openapi.yaml: %v", err)
	}
	return s
}

// pattern matches the paths of a template, behind any prefix. A parameter is one segment; only
// {file} takes everything, as the router does.
func pattern(template string) *regexp.Regexp {
	segments := strings.Split(template, "/")
	for n, s := range segments {
		switch {
		case s == "{file}":
			segments[n] = ".*"
		case strings.HasPrefix(s, "{"):
			segments[n] = "[^/]+"
		default:
			segments[n] = regexp.QuoteMeta(s)
		}
	}
	return regexp.MustCompile("^(/[^/]+)?" + strings.Join(segments, "/") + "$")
}

// find answers the operation that serves a path.
func (s *spec) find(method, path string) (documented, bool) {
	for _, o := range s.operations {
		if o.method == method && o.pattern.MatchString(path) {
			return o, true
		}
	}
	return documented{}, false
}

func (s *spec) check(method, target string, status int, contentType string, body []byte) error {
	address, err := url.Parse(target)
	if err != nil {
		return err
	}
	o, found := s.find(method, address.EscapedPath())
	if !found {
		return checkNotFound(status, contentType, body)
	}
	answer := o.operation.Responses.Status(status)
	if answer == nil {
		return fmt.Errorf("%s has no status %d", o.operation.OperationID, status)
	}
	return checkContent(answer.Value.Content, contentType, body)
}

// checkNotFound checks the answer to what is not served.
func checkNotFound(status int, contentType string, body []byte) error {
	const text = `{"success":false,"error":"Resource not found"}`
	if status != http.StatusNotFound || contentType != "application/json" || string(body) != text {
		return fmt.Errorf("no operation is described, so 404 with %s was due", text)
	}
	return nil
}

// checkContent checks a body against what may stand under its content type. Clients compare the type
// of JSON as a whole, so that one has to be exact; others may carry parameters.
func checkContent(content openapi3.Content, contentType string, body []byte) error {
	if len(content) == 0 {
		if len(body) > 0 {
			return errors.New("no body is described")
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("content type: %w", err)
	}
	described := content[kind]
	if described == nil && kind != "application/json" {
		described = content["*/*"]
	}
	if described == nil || kind == "application/json" && contentType != kind {
		return fmt.Errorf("content type is not one of %q", slices.Sorted(maps.Keys(content)))
	}
	var value any = string(body)
	if kind == "application/json" {
		if err := json.Unmarshal(body, &value); err != nil {
			return fmt.Errorf("body: %w", err)
		}
	}
	// Not EnableJSONSchema2020: it compiles the schema anew for each value. TestDescription sees to
	// it that the document needs none of its keywords.
	return described.Schema.Value.VisitJSON(value, openapi3.MultiErrors())
}

// TestDescription loads openapi.yaml and validates it, its examples included.
func TestDescription(t *testing.T) {
	s := description(t)
	if !s.document.IsOpenAPI31OrLater() {
		t.Errorf("openapi is %s, want 3.1 or later", s.document.OpenAPI)
	}
	if err := s.document.Validate(t.Context(), openapi3.IsOpenAPI31OrLater(), openapi3.EnableMultiError()); err != nil {
		t.Errorf("openapi.yaml is not valid: %v", err)
	}
	unknown := regexp.MustCompile(`(?m)[ {](const|prefixItems|contains|patternProperties|dependent(Schemas|Required)|propertyNames|unevaluated(Items|Properties)|if|then|else|\$defs|contentSchema):`)
	for _, keyword := range unknown.FindAllString(string(grapnel.OpenAPI), -1) {
		t.Errorf("openapi.yaml uses the keyword%s which checkAnswer would pass over", keyword)
	}
}

// TestRoutesAreDescribed compares what is served with what openapi.yaml describes, in both directions.
func TestRoutesAreDescribed(t *testing.T) {
	served := map[string]bool{}
	for _, r := range bareAPI(t, 7).Routes() {
		served[r.Method+" "+r.Path] = true
	}
	described := map[string]bool{}
	for _, o := range description(t).operations {
		described[o.method+" "+o.path] = true
	}
	if diff := gocmp.Diff(slices.Sorted(maps.Keys(served)), slices.Sorted(maps.Keys(described))); diff != "" {
		t.Errorf("routes (-served +described):\n%s", diff)
	}
}

// TestDescribedLogins asks every route without logging in. Those that answer 401 are exactly those
// that openapi.yaml asks for a login for.
func TestDescribedLogins(t *testing.T) {
	for _, level := range []int{7, 8} {
		server := bareAPI(t, level)
		for _, o := range description(t).operations {
			rec := httptest.NewRecorder()
			target := strings.NewReplacer("{", "", "}", "").Replace(o.path)
			server.ServeHTTP(rec, httptest.NewRequest(o.method, target, nil))
			refused := rec.Code == http.StatusUnauthorized
			if needsLogin := o.operation.Security == nil; refused != needsLogin {
				t.Errorf("%s %s without a login = %d, but openapi.yaml says that it needs one: %t", o.method, o.path, rec.Code, needsLogin)
			}
			if refused {
				checkAnswer(t, o.method, target, rec.Code, rec.Header().Get("Content-Type"), rec.Body.Bytes())
			}
		}
	}
}

// bareAPI is an API with nothing behind it: good for its routes and for what it refuses by itself.
func bareAPI(t *testing.T, level int) *api.API {
	t.Helper()
	schemas, err := schema.Load()
	must(t, err)
	return api.New(api.Config{
		Schemas: schemas, Registry: prometheus.NewRegistry(), Logger: slog.New(slog.DiscardHandler),
		OpenAPI: grapnel.OpenAPI, Level: level, MaxBody: 1 << 20,
	})
}

// TestDescribedRequests compares the request documents that openapi.yaml describes with the schemas
// that requests are validated against.
func TestDescribedRequests(t *testing.T) {
	described := wholeDocument(t)
	for _, o := range description(t).operations {
		rules, ok := ruleFile(t, o.name())
		if !ok {
			continue
		}
		t.Run(o.name(), func(t *testing.T) {
			if rules["location"] == "query" {
				compareQuery(t, rules, o.operation)
				return
			}
			operation := described.at("paths", o.path, strings.ToLower(o.method))
			body := described.resolve(operation["requestBody"])
			media := body["content"].(map[string]any)["application/json"].(map[string]any)
			if diff := gocmp.Diff(withoutWords(rules), withoutWords(described.whole(media["schema"]))); diff != "" {
				t.Errorf("request body (-validated +described):\n%s", diff)
			}
		})
	}
}

// ruleFile reads the schema that requests to an API method are validated against. Those of login
// and of integrations.options take any object, and openapi.yaml says more: what is understood.
func ruleFile(t *testing.T, name string) (map[string]any, bool) {
	t.Helper()
	if name == "login" || name == "integrations.options" {
		return nil, false
	}
	text, err := os.ReadFile("../schema/files/" + name + ".json")
	if os.IsNotExist(err) {
		return nil, false
	}
	must(t, err)
	var rules map[string]any
	must(t, json.Unmarshal(text, &rules))
	return rules, true
}

// compareQuery asks that each parameter of the schema is described, and as required exactly if
// every alternative requires it. More may be described only where the schema takes more.
func compareQuery(t *testing.T, rules map[string]any, o *openapi3.Operation) {
	t.Helper()
	alternatives := []any{rules}
	for _, keyword := range []string{"oneOf", "anyOf"} {
		if list, ok := rules[keyword].([]any); ok {
			alternatives = list
		}
	}
	open := true
	want, requiredBy := map[string]bool{}, map[string]int{}
	for _, a := range alternatives {
		a := a.(map[string]any)
		open = open && a["additionalProperties"] == true
		for name := range a["properties"].(map[string]any) {
			want[name] = false
		}
		required, _ := a["required"].([]any)
		for _, name := range required {
			requiredBy[name.(string)]++
		}
	}
	for name, n := range requiredBy {
		want[name] = n == len(alternatives)
	}
	got := map[string]bool{}
	for _, p := range o.Parameters {
		if _, known := want[p.Value.Name]; known || !open {
			got[p.Value.Name] = p.Value.Required
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("query parameters and whether they are required (-validated +described):\n%s", diff)
	}
}

// TestDescribedExamples sends every example of a request body through the schema that such requests
// are validated against. TestDescription has compared them with the description's own.
func TestDescribedExamples(t *testing.T) {
	schemas, err := schema.Load()
	must(t, err)
	for _, o := range description(t).operations {
		rules, ok := schemas.Lookup(o.name())
		if !ok || o.operation.RequestBody == nil {
			continue
		}
		examples := o.operation.RequestBody.Value.Content["application/json"].Examples
		if len(examples) == 0 {
			t.Errorf("%s %s has no example of a request", o.method, o.path)
		}
		for name, example := range examples {
			text, err := json.Marshal(example.Value.Value)
			must(t, err)
			document, err := schema.Decode(text)
			must(t, err)
			if _, err := rules.Validate(document); err != nil {
				t.Errorf("%s %s, example %s: %v", o.method, o.path, name, err)
			}
		}
	}
}

// TestCheckAnswer makes sure that answers other than described are found out.
func TestCheckAnswer(t *testing.T) {
	const plain, ok = "application/json", `{"success":true}`
	for _, tt := range []struct {
		name, method, path string
		status             int
		contentType, body  string
		want               bool
	}{
		{"described", "POST", "/api/v1/integrations.clearHistory", 200, plain, ok, true},
		{"with a query", "GET", "/api/v1/integrations.list?count=1", 200, plain, `{"integrations":[],"offset":0,"items":0,"count":0,"total":0,"success":true}`, true},
		{"behind a prefix", "GET", "/chat/livez", 200, plain, `{"status":"ok"}`, true},
		{"hook", "POST", "/hooks/a/b%2Fc", 200, plain, ok, true},
		{"legacy hook", "POST", "/hooks/a/b/c", 200, plain, ok, true},
		{"script's answer", "POST", "/hooks/a/b", 200, plain, `{"ticket":7,"success":true}`, true},
		{"unknown hook", "POST", "/hooks/a/b", 500, "text/plain; charset=UTF-8", "Internal Server Error", true},
		{"level 8", "GET", "/api/v1/me", 401, plain, `{"success":false,"error":"You must be logged in to do this.","status":"error","message":"You must be logged in to do this."}`, true},
		{"not served", "GET", "/api/v1/none", 404, plain, `{"success":false,"error":"Resource not found"}`, true},

		{"another status", "POST", "/api/v1/integrations.clearHistory", 201, plain, ok, false},
		{"another content type", "POST", "/api/v1/integrations.clearHistory", 200, "application/json; charset=utf-8", ok, false},
		{"plain text", "POST", "/api/v1/integrations.clearHistory", 200, "text/plain", ok, false},
		{"no content type", "POST", "/api/v1/integrations.clearHistory", 200, "", ok, false},
		{"no JSON", "POST", "/api/v1/integrations.clearHistory", 200, plain, "", false},
		{"an additional member", "POST", "/api/v1/integrations.clearHistory", 200, plain, `{"success":true,"more":1}`, false},
		{"a missing member", "POST", "/api/v1/integrations.clearHistory", 200, plain, `{}`, false},
		{"a wrong value", "POST", "/api/v1/integrations.clearHistory", 200, plain, `{"success":false}`, false},
		{"mixed levels", "GET", "/api/v1/me", 401, plain, `{"error":"You must be logged in to do this.","status":"error","message":"You must be logged in to do this."}`, false},
		{"a wrong integration in a list", "GET", "/api/v1/integrations.list", 200, plain, `{"integrations":[{"type":"webhook-incoming"}],"offset":0,"items":1,"count":1,"total":1,"success":true}`, false},
		{"a wrong time", "POST", "/api/v1/roles.addUserToRole", 200, plain, `{"role":{"_id":"bot","name":"bot","scope":"Users","description":"Bot","mandatory2fa":false,"protected":true,"_updatedAt":"2026-03-04T10:15:30Z"},"success":true}`, false},
		{"another method", "PUT", "/api/v1/me", 200, plain, ok, false},
		{"another path", "GET", "/api/v1/none", 200, plain, ok, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := description(t).check(tt.method, tt.path, tt.status, tt.contentType, []byte(tt.body))
			if got := err == nil; got != tt.want {
				t.Errorf("%s %s = %d %s passes: %t, want %t (%v)", tt.method, tt.path, tt.status, tt.body, got, tt.want, err)
			}
		})
	}
}

// TestDescribedIntegrations makes sure that the description tells records as they were built from
// those that come out of the store.
func TestDescribedIntegrations(t *testing.T) {
	examples := description(t).document.Paths.Value("/api/v1/integrations.create").Post.Responses.Status(200).Value.Content["application/json"].Examples
	for name, example := range examples {
		body, err := json.Marshal(example.Value.Value)
		must(t, err)
		checkAnswer(t, http.MethodPost, "/api/v1/integrations.create", 200, "application/json", body)
		if err := description(t).check(http.MethodGet, "/api/v1/integrations.get", 200, "application/json", body); err == nil {
			t.Errorf("%s: a record without _updatedAt passes for one that is stored", name)
		}
	}
}

// TestCreateAnswersAsDescribed sends the examples of integrations.create to a server. Its answers have exactly
// the members of the described ones, which are those of Rocket.Chat's published page.
func TestCreateAnswersAsDescribed(t *testing.T) {
	s := start(t)
	create := description(t).document.Paths.Value("/api/v1/integrations.create").Post
	answers := create.Responses.Status(200).Value.Content["application/json"].Examples
	for name, example := range create.RequestBody.Value.Content["application/json"].Examples {
		got, _ := s.post(s.admin, "/api/v1/integrations.create", example.Value.Value).is(200).at("integration").(map[string]any)
		want, _ := answers[name].Value.Value.(map[string]any)["integration"].(map[string]any)
		if diff := gocmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
			t.Errorf("%s: members (-described +answered):\n%s", name, diff)
		}
	}
}

// generic is openapi.yaml as plain JSON.
type generic map[string]any

func wholeDocument(t *testing.T) generic {
	t.Helper()
	text, err := json.Marshal(description(t).document)
	must(t, err)
	var g generic
	must(t, json.Unmarshal(text, &g))
	return g
}

func (g generic) at(path ...string) map[string]any {
	value := map[string]any(g)
	for _, name := range path {
		value, _ = value[name].(map[string]any)
	}
	return value
}

// resolve follows a reference.
func (g generic) resolve(value any) map[string]any {
	object, _ := value.(map[string]any)
	if ref, ok := object["$ref"].(string); ok {
		return g.resolve(g.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...))
	}
	return object
}

// whole puts what they refer to in the place of all references.
func (g generic) whole(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range g.resolve(value) {
			out[name] = g.whole(member)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for n, item := range value {
			out[n] = g.whole(item)
		}
		return out
	default:
		return value
	}
}

// withoutWords leaves of a schema what decides: no titles and descriptions, and null as one of the
// types, not as AJV's keyword. It knows members from keywords by where they stand.
func withoutWords(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for keyword, inner := range value {
			switch keyword {
			case "$schema", "title", "description", "location", "nullable":
			case "properties":
				members := map[string]any{}
				for name, member := range inner.(map[string]any) {
					members[name] = withoutWords(member)
				}
				out[keyword] = members
			default:
				out[keyword] = withoutWords(inner)
			}
		}
		if value["nullable"] == true {
			out["type"] = []any{value["type"], "null"}
		}
		return out
	case []any:
		out := make([]any, len(value))
		for n, item := range value {
			out[n] = withoutWords(item)
		}
		return out
	default:
		return value
	}
}

func BenchmarkCheckAnswer(b *testing.B) {
	page := func(rows int) []byte {
		row := `{"_id":"a","rid":"b","msg":"c","ts":"2026-03-04T10:15:30.123Z","u":{"_id":"d","username":"e"},"parseUrls":true,"_updatedAt":"2026-03-04T10:15:30.123Z"}`
		return []byte(`{"messages":[` + strings.TrimSuffix(strings.Repeat(row+",", rows), ",") + `],"count":` + strconv.Itoa(rows) + `,"offset":0,"total":9,"success":true}`)
	}
	description(b)
	for _, rows := range []int{1, 50} {
		b.Run(strconv.Itoa(rows), func(b *testing.B) {
			body := page(rows)
			for b.Loop() {
				checkAnswer(b, http.MethodGet, "/api/v1/channels.messages?roomId=GENERAL", 200, "application/json", body)
			}
		})
	}
}
