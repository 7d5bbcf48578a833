package delivery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grapnel-chat/grapnel/delivery"
	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/store/sqlite"
	"github.com/grapnel-chat/grapnel/workspace"
)

// server is what stands around workers: the real store with a workspace in it, and the services.
// It lives in a bubble of synctest, so waiting costs no time and times are exact.
type server struct {
	t       testing.TB
	store   *sqlite.Store
	index   *integrations.Index
	service *integrations.Service
	chat    *workspace.Service
	admin   workspace.User
	log     *logBuffer
	stops   []func() // of its workers

	mu       sync.Mutex
	attempts []delivery.Attempt
}

// founded is the data folder of a workspace that was just made. Making one hashes a password, which
// is slow, so servers start from copies of it.
var founded string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "grapnel-delivery")
	if err == nil {
		defer os.RemoveAll(dir)
		founded = dir
		err = found(context.Background(), dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// found makes the workspace that servers start from.
func found(ctx context.Context, dir string) error {
	store, err := sqlite.Open(ctx, dir)
	if err != nil {
		return err
	}
	_, err = workspace.Found(ctx, store, workspace.Founding{Admin: workspace.Admin{Username: "admin", Name: "Admin", Email: "admin@example.com", Password: "secret"}})
	return errors.Join(err, store.Close())
}

// folder answers a folder with a new workspace in it.
func folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(founded)))
	return dir
}

// bubble runs a test with a server that has a folder of its own.
func bubble(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	dir := folder(t)
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		defer s.close()
		test(t, s)
	})
}

// open makes a server of what is in the folder.
func open(t testing.TB, dir string) *server {
	t.Helper()
	ctx := t.Context()
	store, err := sqlite.Open(ctx, dir)
	must(t, err)
	table, err := permissions.Open(ctx, store)
	must(t, err)
	index, err := integrations.OpenIndex(ctx, store, "http://localhost:3000/")
	must(t, err)
	chat, err := workspace.Open(ctx, workspace.Config{Store: store, Permissions: table, Dispatcher: index})
	must(t, err)
	s := &server{t: t, store: store, index: index, chat: chat, log: &logBuffer{}}
	s.service = integrations.New(integrations.Config{Store: store, Queue: store, Index: index, Chat: chat, Logger: s.logger()})
	s.admin, err = chat.UserByUsername(ctx, "admin")
	must(t, err)
	return s
}

// close stops the workers that still run, and closes the store.
func (s *server) close() {
	s.t.Helper()
	for _, stop := range s.stops {
		stop()
	}
	must(s.t, s.store.Close())
}

func (s *server) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(s.log, nil)) }

// start starts a worker. The function that it answers stops the worker and waits for its end; close
// does so, too.
func (s *server) start(sender delivery.Sender, change ...func(*delivery.Config)) (stop func()) {
	s.t.Helper()
	config := delivery.Config{
		Queue: s.store, Service: s.service, Sender: sender, Policy: integrations.PolicyRocketChat, Logger: s.logger(), Attempted: s.attempted,
		Rounds: time.Hour, // days pass sooner
	}
	for _, f := range change {
		f(&config)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- delivery.New(config).Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Errorf("Run = %v, want nil", err)
		}
	})
	s.stops = append(s.stops, stop)
	return stop
}

func (s *server) attempted(a delivery.Attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts = append(s.attempts, a)
}

// made answers the attempts that were recorded, once all is quiet.
func (s *server) made() []delivery.Attempt {
	quiet()
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]delivery.Attempt{}, s.attempts...)
}

// listener adds an integration for messages in #general.
func (s *server) listener(change ...func(*integrations.Integration)) integrations.Integration {
	s.t.Helper()
	at := time.Now().UTC().Truncate(time.Millisecond)
	i := integrations.Integration{
		ID: workspace.NewHexID(), Kind: integrations.Outgoing, Name: "out", Enabled: true, Username: "rocket.cat", UserID: "rocket.cat",
		Channels: []string{"#general"}, Event: workspace.SendMessage, URLs: []string{"http://receiver.example/in"},
		CreatedAt: at, UpdatedAt: at, CreatedBy: integrations.Actor{ID: s.admin.ID, Username: s.admin.Username},
	}
	for _, f := range change {
		f(&i)
	}
	must(s.t, s.store.AddIntegration(s.t.Context(), i))
	s.index.Put(i)
	return i
}

// retrying lets an integration try again.
func retrying(delay string, count int) func(*integrations.Integration) {
	return func(i *integrations.Integration) {
		yes := true
		i.RetryFailedCalls, i.RetryCount, i.RetryDelay = &yes, &count, &delay
	}
}

// scripted gives an integration a script, which the server's Scripts stand for.
func scripted(i *integrations.Integration) {
	source, compiled := "source", "compiled"
	i.ScriptEnabled, i.Script, i.ScriptCompiled = true, &source, &compiled
}

// say posts a message in #general.
func (s *server) say(text string) {
	s.t.Helper()
	_, err := s.chat.Post(s.t.Context(), workspace.Draft{Author: s.admin, Targets: []string{"#general"}, Text: text})
	must(s.t, err)
}

// delivery answers the one delivery of an integration, and where it stands in the queue.
func (s *server) delivery(i integrations.Integration) (integrations.Delivery, integrations.State) {
	s.t.Helper()
	rows, _, err := s.store.Rows(s.t.Context(), i.ID, workspace.Page{})
	must(s.t, err)
	if len(rows) != 1 {
		s.t.Fatalf("integration has %d deliveries, want 1", len(rows))
	}
	d, err := rows[0].Delivery()
	must(s.t, err)
	return d, rows[0].State
}

// texts answers what stands in #general, the newest first.
func (s *server) texts() (texts []string) {
	s.t.Helper()
	messages, _, err := s.store.Messages(s.t.Context(), workspace.MessageFilter{RoomID: workspace.GeneralID}, workspace.Page{})
	must(s.t, err)
	for _, m := range messages {
		texts = append(texts, m.Text)
	}
	return texts
}

// receiver is a sender that remembers its calls.
type receiver struct {
	answer func(ctx context.Context, n int, r outbound.Request) (*outbound.Response, error) // n from 0

	mu    sync.Mutex
	calls []call
}

// call is a call and when it was made.
type call struct {
	at time.Time
	outbound.Request
}

// Do implements delivery.Sender.
func (r *receiver) Do(ctx context.Context, req outbound.Request) (*outbound.Response, error) {
	r.mu.Lock()
	n := len(r.calls)
	r.calls = append(r.calls, call{at: time.Now(), Request: req})
	r.mu.Unlock()
	return r.answer(ctx, n, req)
}

// quiet waits until nothing goes on. A write may wait for others a moment, and lead to the next one.
func quiet() {
	for range 10 {
		synctest.Wait()
		<-time.After(2 * time.Millisecond)
	}
	synctest.Wait()
}

// called answers the calls so far, once all is quiet.
func (r *receiver) called() []call {
	quiet()
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]call{}, r.calls...)
}

// answering answers calls one after the other with those responses, the last one over and over.
func answering(responses ...*outbound.Response) *receiver {
	return &receiver{answer: func(_ context.Context, n int, _ outbound.Request) (*outbound.Response, error) {
		return responses[min(n, len(responses)-1)], nil
	}}
}

// response is an answer in JSON, with headers as pairs of name and value.
func response(status int, body string, header ...string) *outbound.Response {
	r := &outbound.Response{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
	for n := 0; n < len(header); n += 2 {
		r.Header.Set(header[n], header[n+1])
	}
	return r
}

// pass lets time pass and waits until all is quiet.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// scripts stand in for workers, which are processes and no part of a bubble.
type scripts func(integrations.ScriptCall) (integrations.ScriptResult, error)

// Compile implements integrations.Scripts.
func (scripts) Compile(context.Context, integrations.ScriptSource) (string, error) { return "", nil }

// Throttled implements integrations.Scripts.
func (scripts) Throttled(string) *integrations.ScriptThrottledError { return nil }

// Run implements integrations.Scripts.
func (f scripts) Run(_ context.Context, c integrations.ScriptCall) (integrations.ScriptResult, error) {
	return f(c)
}

// logBuffer holds a log.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

// lines answers the lines with that message.
func (b *logBuffer) lines(t *testing.T, message string) (found []map[string]any) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for line := range strings.Lines(b.text.String()) {
		var d map[string]any
		must(t, json.Unmarshal([]byte(line), &d))
		if d["msg"] == message {
			found = append(found, d)
		}
	}
	return found
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
