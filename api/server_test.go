package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/crypto/bcrypt"

	"github.com/grapnel-chat/grapnel"
	"github.com/grapnel-chat/grapnel/api"
	"github.com/grapnel-chat/grapnel/delivery"
	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/scripts"
	"github.com/grapnel-chat/grapnel/store/sqlite"
	"github.com/grapnel-chat/grapnel/workspace"
)

// adminPassword is what every test server's administrator logs in with.
const adminPassword = "correct horse battery staple"

// options are what a test may want different from the defaults.
type options struct {
	level      int
	scriptsOff bool
	freeze     integrations.Freeze
	scriptSize int64
	policy     integrations.Policy
	prefix     string
	maxBody    int64
	proxies    int
	stacks     bool
	log        io.Writer
	allow      string // private addresses that may be called
	ready      func(context.Context) error
	settings   map[string]any // other than a new workspace's
	unlogged   bool           // requests and attempts are not logged
}

// server is the whole server but for its process: the router, the real store, the delivery worker
// and the scripts' workers. Every answer that it gives is held against openapi.yaml.
type server struct {
	t     testing.TB
	api   *api.API
	store *sqlite.Store
	index *integrations.Index
	chat  *workspace.Service
	admin account
	tries *attempts

	folder string // of its data
}

// account is somebody who is logged in.
type account struct {
	id, username, token string
}

// start makes a server with an empty workspace, which stops with the test.
func start(t testing.TB, change ...func(*options)) *server {
	t.Helper()
	o := options{level: 7, policy: integrations.PolicyRocketChat, scriptSize: 512 << 10, maxBody: 10 << 20, log: io.Discard, allow: "127.0.0.1"}
	for _, f := range change {
		f(&o)
	}
	ctx := t.Context()
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS(founded)))
	kept, err := sqlite.Open(ctx, folder)
	must(t, err)
	schemas, err := loadSchemas()
	must(t, err)
	table, err := permissions.Open(ctx, kept)
	must(t, err)
	index, err := integrations.OpenIndex(ctx, kept, "http://localhost:3000/")
	must(t, err)
	chat, err := workspace.Open(ctx, workspace.Config{Store: overSettings{kept, o.settings}, Permissions: table, Dispatcher: index, SiteURL: "http://localhost:3000"})
	must(t, err)
	logger := slog.New(api.RequestIDs(slog.NewJSONHandler(o.log, nil)))
	allow, err := outbound.ParseAllow(o.allow)
	must(t, err)
	client := outbound.New(outbound.Config{Allow: allow, Resolver: nameless})
	journal, stopLogging := startJournal(t, kept, index, folder, logger)
	if o.unlogged {
		journal = nil
	}
	service := integrations.New(integrations.Config{
		Store: kept, Queue: kept, Index: index, Chat: chat, Scripts: pool, Lists: kept, Journal: journal, Guard: client, Logger: logger, SigningKey: []byte("signing key"),
		Impersonation: o.level >= 8, ScriptsOff: o.scriptsOff, Freeze: o.freeze, ScriptSize: o.scriptSize,
	})
	chat.Follow(service)
	if o.ready == nil {
		o.ready = kept.Ping
	}
	tries := newAttempts()
	worker := delivery.New(delivery.Config{
		Queue: kept, Service: service, Sender: client, Policy: o.policy, Logger: logger, Attempted: tries.add, Journal: journal,
	})
	s := &server{t: t, folder: folder, store: kept, index: index, chat: chat, tries: tries, api: api.New(api.Config{
		Workspace: chat, Integrations: service, Permissions: table, Schemas: schemas, Registry: prometheus.NewRegistry(), Logger: logger,
		Ready: o.ready, OpenAPI: grapnel.OpenAPI, ScriptTypes: scripts.Types, SiteURL: "http://localhost:3000" + o.prefix, Prefix: o.prefix, Level: o.level,
		MaxBody: o.maxBody, TrustedProxies: o.proxies, Stacks: o.stacks,
	})}
	running, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- worker.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("delivery worker: %v", err)
		}
		client.Close()
		stopLogging()
		if err := kept.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	u, err := chat.UserByUsername(ctx, "admin")
	must(t, err)
	s.admin = s.login(u)
	return s
}

// nameless knows the names of this machine alone, so that no test asks the network.
var nameless = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("no name server in tests")
}}

// startJournal writes the log until it is stopped.
func startJournal(t testing.TB, kept *sqlite.Store, index *integrations.Index, folder string, logger *slog.Logger) (j *integrations.Journal, stop func()) {
	t.Helper()
	log, err := sqlite.OpenLog(t.Context(), folder)
	must(t, err)
	key, err := workspace.Key(t.Context(), kept, "log")
	must(t, err)
	sealer, err := integrations.NewSealer(key)
	must(t, err)
	j = integrations.NewJournal(integrations.JournalConfig{Store: log, Index: index, Sealer: sealer, Logger: logger, Body: 64 << 10})
	running, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); j.Run(running) }()
	return j, func() {
		end()
		<-ended
		if err := log.Close(); err != nil {
			t.Errorf("close log: %v", err)
		}
	}
}

// loadSchemas reads the schemas once; they never change.
var loadSchemas = sync.OnceValues(schema.Load)

// founded is the data folder of a workspace that was just made. Making one hashes a password, which
// is slow, so servers start from copies of it.
var founded string

// found makes the workspace that servers start from.
func found(ctx context.Context, folder string) error {
	kept, err := sqlite.Open(ctx, folder)
	if err != nil {
		return err
	}
	return errors.Join(fill(ctx, kept), kept.Close())
}

// fill makes a workspace. The administrator's password is hashed at the least cost: checking it
// takes minutes in all under the race detector otherwise.
func fill(ctx context.Context, kept *sqlite.Store) error {
	_, err := workspace.Found(ctx, kept, workspace.Founding{Admin: workspace.Admin{Username: "admin", Name: "Admin", Email: "admin@example.com", Password: adminPassword}})
	if err != nil {
		return err
	}
	admin, err := kept.UserByUsername(ctx, "admin")
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(adminPassword))
	hash, err := bcrypt.GenerateFromPassword([]byte(hex.EncodeToString(digest[:])), bcrypt.MinCost)
	if err != nil {
		return err
	}
	return kept.SetPassword(ctx, admin.ID, hash, admin.UpdatedAt, "")
}

// overSettings is a store whose settings are others than those that it keeps.
type overSettings struct {
	workspace.Store
	settings map[string]any
}

// Settings implements workspace.SettingStore.
func (s overSettings) Settings(ctx context.Context) ([]workspace.Setting, error) {
	list, err := s.Store.Settings(ctx)
	for id, value := range s.settings {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		list = append(list, workspace.Setting{ID: id, Value: text})
	}
	return list, err
}

// in answers the same server for a subtest.
func (s *server) in(t testing.TB) *server {
	sub := *s
	sub.t = t
	return &sub
}

// attempts are the deliveries' attempts so far. Each is added once it has been recorded.
type attempts struct {
	mu   sync.Mutex
	list []delivery.Attempt
	more chan struct{} // closed when the list grows
}

func newAttempts() *attempts { return &attempts{more: make(chan struct{})} }

func (a *attempts) add(made delivery.Attempt) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, made)
	close(a.more)
	a.more = make(chan struct{})
}

// of answers the attempts of an integration's deliveries, and a channel that is closed when there
// are more.
func (a *attempts) of(integrationID string) (made []delivery.Attempt, more <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, one := range a.list {
		if one.IntegrationID == integrationID {
			made = append(made, one)
		}
	}
	return made, a.more
}

// attempted waits until so many attempts were made for the integration, and answers them.
func (s *server) attempted(integrationID string, n int) []delivery.Attempt {
	s.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		made, more := s.tries.of(integrationID)
		if len(made) >= n {
			return made
		}
		select {
		case <-more:
		case <-deadline:
			s.t.Fatalf("integration %s: %d attempts after 30 s, want %d: %+v", integrationID, len(made), n, made)
		}
	}
}

// pool runs the scripts of all test servers, in workers built by TestMain.
var pool *scripts.Pool

// login makes a session without a password, whose hashing is slow.
func (s *server) login(u workspace.User) account {
	s.t.Helper()
	token := workspace.RandomText(43)
	sum := sha256.Sum256([]byte(token))
	must(s.t, s.store.AddSession(context.Background(), workspace.Session{
		Hash: base64.StdEncoding.EncodeToString(sum[:]), UserID: u.ID, CreatedAt: time.Now().UTC(),
	}))
	return account{id: u.ID, username: u.Username, token: token}
}

// user adds a user with those roles, who is in #general, and logs them in.
func (s *server) user(username string, roles ...string) account {
	s.t.Helper()
	at := time.Now().UTC().Truncate(time.Millisecond)
	u := workspace.User{
		ID: workspace.NewID(), Username: username, Name: username, Email: username + "@example.com",
		Roles: roles, Active: true, CreatedAt: at, UpdatedAt: at,
	}
	in := workspace.Subscription{ID: workspace.NewID(), RoomID: workspace.GeneralID, UserID: u.ID, CreatedAt: at}
	must(s.t, s.store.AddUser(context.Background(), u, []workspace.Subscription{in}, nil))
	return s.login(u)
}

// grant makes the roles the only holders of a permission, as an administrator would.
func (s *server) grant(permission string, roles ...string) {
	s.t.Helper()
	if roles == nil {
		roles = []string{}
	}
	s.post(s.admin, "/api/v1/permissions.update", doc{"permissions": []any{doc{"_id": permission, "roles": roles}}}).is(200)
}

// doc is a JSON object in a test.
type doc = map[string]any

// request is one request to the server.
type request struct {
	method, path string
	as           account // zero: not logged in
	body         string
	header       map[string]string
	from         string // the peer's address; empty: httptest's own
	chunked      bool   // the body's length is not told in advance
}

func (s *server) get(as account, path string) answer {
	s.t.Helper()
	return s.do(request{method: http.MethodGet, path: path, as: as})
}

// post sends a document as JSON.
func (s *server) post(as account, path string, document any) answer {
	s.t.Helper()
	return s.send(http.MethodPost, as, path, document)
}

// update sends a document to integrations.update.
func (s *server) update(as account, document any) answer {
	s.t.Helper()
	return s.send(http.MethodPut, as, "/api/v1/integrations.update", document)
}

func (s *server) send(method string, as account, path string, document any) answer {
	s.t.Helper()
	text, ok := document.(string)
	if !ok {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		must(s.t, e.Encode(document))
		text = strings.TrimSpace(b.String())
	}
	return s.do(request{method: method, path: path, as: as, body: text, header: map[string]string{"Content-Type": "application/json"}})
}

func (s *server) do(r request) answer {
	s.t.Helper()
	req := httptest.NewRequest(r.method, r.path, strings.NewReader(r.body))
	if r.chunked {
		req.ContentLength = -1
	}
	if r.from != "" {
		req.RemoteAddr = r.from
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	if r.as.token != "" {
		req.Header.Set("X-Auth-Token", r.as.token)
		req.Header.Set("X-User-Id", r.as.id)
	}
	rec := httptest.NewRecorder()
	s.api.ServeHTTP(rec, req)
	a := answer{t: s.t, status: rec.Code, header: rec.Result().Header, body: rec.Body.String(), what: r.method + " " + r.path}
	if r.method != http.MethodOptions && rec.Code != http.StatusNotFound {
		checkAnswer(s.t, r.method, r.path, rec.Code, a.header.Get("Content-Type"), rec.Body.Bytes())
	}
	return a
}

// answer is what came back.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   string
}

// is asks for a status.
func (a answer) is(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s = %d, want %d; body: %s", a.what, a.status, status, a.body)
	}
	return a
}

// says asks for a status and an exact body.
func (a answer) says(status int, body string) answer {
	a.t.Helper()
	a.is(status)
	if a.body != body {
		a.t.Fatalf("%s says\n  %s\nwant\n  %s", a.what, a.body, body)
	}
	return a
}

// fails asks for an error's status, text and type; an empty type means that there is none.
func (a answer) fails(status int, text, errorType string) answer {
	a.t.Helper()
	a.is(status)
	d := a.doc()
	if got, _ := d["error"].(string); got != text {
		a.t.Fatalf("%s fails with\n  %q\nwant\n  %q", a.what, got, text)
	}
	if got, _ := d["errorType"].(string); got != errorType {
		a.t.Fatalf("%s has errorType %q, want %q", a.what, got, errorType)
	}
	return a
}

// doc reads the body as an object.
func (a answer) doc() doc {
	a.t.Helper()
	var d doc
	if err := json.Unmarshal([]byte(a.body), &d); err != nil {
		a.t.Fatalf("%s: body is no JSON object: %v: %s", a.what, err, a.body)
	}
	return d
}

// at follows member names and array indices into the body.
func (a answer) at(path ...any) any {
	a.t.Helper()
	var value any = a.doc()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, ok := value.(doc)
			if !ok {
				a.t.Fatalf("%s: %v is not in %s", a.what, path, a.body)
			}
			value = object[step]
		case int:
			list, ok := value.([]any)
			if !ok || step >= len(list) {
				a.t.Fatalf("%s: %v is not in %s", a.what, path, a.body)
			}
			value = list[step]
		}
	}
	return value
}

// docs are the documents of a list.
func (a answer) docs(path ...any) []doc {
	a.t.Helper()
	var list []doc
	for _, item := range a.at(path...).([]any) {
		list = append(list, item.(doc))
	}
	return list
}

// text is at for texts.
func (a answer) text(path ...any) string {
	a.t.Helper()
	text, ok := a.at(path...).(string)
	if !ok {
		a.t.Fatalf("%s: %v is no text in %s", a.what, path, a.body)
	}
	return text
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
