// Package clients_test lets programs that were written for Rocket.Chat talk to grapnel: each is the
// published package, unchanged, and the server is the real binary on a port and a folder of its own.
package clients_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the grapnel that all clients meet.
var binary string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

// run takes the binary that GRAPNEL_BINARY names, or builds one. What clients log is theirs.
func run(m *testing.M) int {
	if binary = os.Getenv("GRAPNEL_BINARY"); binary != "" {
		log.SetOutput(io.Discard)
		return m.Run()
	}
	folder, err := os.MkdirTemp("", "grapnel-clients-")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "grapnel")
	build := exec.Command("go", "build", "-o", binary, "./cmd/grapnel")
	build.Dir = filepath.Join("..", "..")
	build.Env = append(build.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		log.Printf("go build: %v\n%s", err, out)
		return 1
	}
	log.SetOutput(io.Discard)
	return m.Run()
}

// adminPassword is what every server's administrator logs in with.
const adminPassword = "correct horse battery staple"

// server is a running grapnel with an empty workspace, and somebody who looks at what became of
// what clients sent.
type server struct {
	t     *testing.T
	url   *url.URL
	admin http.Header
}

// in answers the same server for a subtest.
func (s *server) in(t *testing.T) *server {
	sub := *s
	sub.t = t
	return &sub
}

var listens = regexp.MustCompile(`^Grapnel listens at (\S+), its data`)

// start starts a server, which stops with the test.
func start(t *testing.T) *server {
	t.Helper()
	cmd := exec.Command(binary, "serve")
	cmd.Env = []string{
		"PORT=0", "BIND_IP=127.0.0.1", "DATA_DIR=" + t.TempDir(), "ADMIN_USERNAME=admin", "ADMIN_PASS=" + adminPassword,
		"ADMIN_EMAIL=admin@example.com",
	}
	logged := &logged{}
	cmd.Stderr = logged
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { stop(t, cmd, logged) })
	s := &server{t: t, url: listening(t, out, logged), admin: http.Header{}}
	var login struct {
		Data struct{ UserID, AuthToken string }
	}
	s.call("POST", "login", map[string]any{"user": "admin", "password": adminPassword}, &login)
	s.admin.Set("X-User-Id", login.Data.UserID)
	s.admin.Set("X-Auth-Token", login.Data.AuthToken)
	return s
}

// checks prints, when the test ends, what the client did and whether all of it came out as it should.
func (s *server) checks(client, what string) {
	s.t.Cleanup(func() {
		verdict := "PASS"
		if s.t.Failed() {
			verdict = "FAIL"
		}
		fmt.Fprintf(os.Stdout, "%s %s – %s\n", verdict, client, what)
	})
}

// impersonating lets a user post under other names, as operators let those do with whose token
// products post: messages with an alias are for bots.
func (s *server) impersonating(username string) {
	s.t.Helper()
	s.call("POST", "roles.addUserToRole", map[string]any{"username": username, "roleId": "bot"}, nil)
}

// listening waits until the server says where it listens.
func listening(t *testing.T, out io.Reader, logged *logged) *url.URL {
	t.Helper()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := listens.FindStringSubmatch(lines.Text()); m != nil {
			at, err := url.Parse(m[1])
			must(t, err)
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return at
		}
	}
	t.Fatalf("the server did not start:\n%s", logged)
	return nil
}

// stop ends the server as an operator does.
func stop(t *testing.T, cmd *exec.Cmd, logged *logged) {
	_ = cmd.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	if err := cmd.Wait(); err != nil {
		t.Errorf("the server ended with %v:\n%s", err, logged)
	}
	if t.Failed() {
		t.Logf("the server's log:\n%s", logged)
	}
}

// logged is what the server logs.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// call calls an endpoint as the administrator and reads its answer, which must be a success.
func (s *server) call(method, endpoint string, in, out any) {
	s.t.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		must(s.t, err)
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url.JoinPath("api", "v1").String()+"/"+endpoint, body)
	must(s.t, err)
	maps.Copy(req.Header, s.admin)
	req.Header.Set("Content-Type", "application/json")
	status, answer := do(s.t, req)
	if status != http.StatusOK {
		s.t.Fatalf("%s %s = %d %s", method, endpoint, status, answer)
	}
	if out != nil {
		must(s.t, json.Unmarshal(answer, out))
	}
}

// caller looks after the clients, and sends what products send.
var caller = &http.Client{Timeout: time.Minute}

// do makes a call.
func do(t *testing.T, req *http.Request) (status int, body []byte) {
	t.Helper()
	resp, err := caller.Do(req)
	must(t, err)
	defer resp.Body.Close()
	body, err = io.ReadAll(resp.Body)
	must(t, err)
	return resp.StatusCode, body
}

// post sends to a URL as a product's own HTTP client does, with its headers, and answers the body of
// the answer, which must be a success.
func (s *server) post(to string, header map[string]string, body string) string {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, to, strings.NewReader(body))
	must(s.t, err)
	for name, value := range header {
		req.Header.Set(name, value)
	}
	status, answer := do(s.t, req)
	if status != http.StatusOK {
		s.t.Fatalf("POST = %d %s", status, answer)
	}
	return string(answer)
}

// hook is an incoming integration.
type hook struct{ ID, Token string }

// incoming makes a hook that posts to #general, as its fields say otherwise.
func (s *server) incoming(fields map[string]any) hook {
	s.t.Helper()
	in := map[string]any{
		"type": "webhook-incoming", "name": "clients", "enabled": true, "username": "rocket.cat", "channel": "#general",
		"scriptEnabled": false,
	}
	maps.Copy(in, fields)
	var made struct {
		Integration struct {
			ID    string `json:"_id"`
			Token string `json:"token"`
		}
	}
	s.call("POST", "integrations.create", in, &made)
	return hook{made.Integration.ID, made.Integration.Token}
}

// of is the URL of a hook.
func (s *server) of(h hook) string { return s.url.JoinPath("hooks", h.ID, h.Token).String() }

// message is what a room shows of a message.
type message struct {
	ID          string `json:"_id"`
	RoomID      string `json:"rid"`
	Text        string `json:"msg"`
	Alias       string `json:"alias"`
	Emoji       string `json:"emoji"`
	Avatar      string `json:"avatar"`
	ThreadID    string `json:"tmid"`
	InRoom      bool   `json:"tshow"`
	Type        string `json:"t"`
	Author      struct{ Username string }
	Attachments []map[string]any `json:"attachments"`
	Bot         struct{ I string }
}

// UnmarshalJSON reads the author, too, whose name on the wire is u.
func (m *message) UnmarshalJSON(text []byte) error {
	type plain message
	in := struct {
		*plain

		U struct{ Username string } `json:"u"`
	}{plain: (*plain)(m)}
	err := json.Unmarshal(text, &in)
	m.Author = in.U
	return err
}

// messages are a channel's messages that people and integrations wrote, the newest first.
func (s *server) messages(channel string) []message {
	s.t.Helper()
	var room struct {
		Channel struct {
			ID string `json:"_id"`
		}
	}
	s.call("GET", "channels.info?roomName="+url.QueryEscape(channel), nil, &room)
	var found struct{ Messages []message }
	s.call("GET", "channels.messages?roomId="+url.QueryEscape(room.Channel.ID), nil, &found)
	var written []message
	for _, m := range found.Messages {
		if m.Type == "" {
			written = append(written, m)
		}
	}
	return written
}

// newest is a channel's newest message.
func (s *server) newest(channel string) message {
	s.t.Helper()
	list := s.messages(channel)
	if len(list) == 0 {
		s.t.Fatalf("nothing was posted to #%s", channel)
	}
	return list[0]
}

// behindTLS puts a proxy in front of the server, as operators do, and answers its address with a
// client that trusts it.
func (s *server) behindTLS() (*url.URL, *http.Client) {
	s.t.Helper()
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(s.url)
		r.SetXForwarded()
	}})
	s.t.Cleanup(proxy.Close)
	at, err := url.Parse(proxy.URL)
	must(s.t, err)
	return at, proxy.Client()
}

// want holds what a client led to against what should have come of it.
func want[T comparable](t *testing.T, what string, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Errorf("%s = %v, want %v", what, got, wanted)
	}
}

// wantMember looks into an attachment.
func wantMember(t *testing.T, attachment map[string]any, name string, wanted any) {
	t.Helper()
	want(t, "attachment's "+name, asText(attachment[name]), asText(wanted))
}

// asText is a value in JSON.
func asText(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// fromJSON reads an answer.
func fromJSON(t *testing.T, text string, out any) {
	t.Helper()
	must(t, json.Unmarshal([]byte(text), out))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused reports whether a client was told those words.
func refused(err error, words string) bool {
	return err != nil && strings.Contains(err.Error(), words)
}
