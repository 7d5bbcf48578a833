package main_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a running server.
type process struct {
	t        testing.TB
	cmd      *exec.Cmd
	url      string // without a slash at the end
	printed  string // up to the line that says where it listens
	log      *logged
	password string
	admin    map[string]string // headers of the administrator, once logged in
}

var (
	listens = regexp.MustCompile(`^Grapnel listens at (\S+), its data`)
	madeUp  = regexp.MustCompile(`Password: (\S+)`)
)

// serve starts the server on a free port and waits until it listens.
func serve(t testing.TB, folder string, env ...string) *process {
	t.Helper()
	return serveBy(t, nil, folder, env...)
}

// serveBy is serve under another command, such as strace.
func serveBy(t testing.TB, by []string, folder string, env ...string) *process {
	t.Helper()
	command := append(append([]string(nil), by...), binary, "serve")
	p := &process{t: t, cmd: exec.Command(command[0], command[1:]...), log: &logged{}}
	p.cmd.Env = append([]string{"PORT=0", "BIND_IP=127.0.0.1", "DATA_DIR=" + folder, "OUTGOING_ALLOW=127.0.0.1"}, env...)
	p.cmd.Stderr = p.log
	p.cmd.WaitDelay = 5 * time.Second // a child of its that lives on must not keep the test
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	stuck := time.AfterFunc(15*time.Second, func() { _ = p.cmd.Process.Signal(syscall.SIGQUIT) }) // and say where
	defer stuck.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.printed += lines.Text() + "\n"
		if m := madeUp.FindStringSubmatch(lines.Text()); m != nil {
			p.password = m[1]
		}
		if m := listens.FindStringSubmatch(lines.Text()); m != nil {
			p.url = m[1]
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return p
		}
	}
	_ = p.cmd.Wait()
	t.Fatalf("the server did not start:\n%s%s", p.printed, p.log)
	return nil
}

// stop ends the server as an operator does and answers its exit code.
func (p *process) stop() int {
	p.t.Helper()
	p.terminate()
	return p.wait()
}

// terminate asks the server to stop.
func (p *process) terminate() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
}

// wait answers the exit code of a server that was asked to stop.
func (p *process) wait() int {
	p.t.Helper()
	err := p.cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return 0
}

// login logs the administrator in.
func (p *process) login(password string) {
	p.t.Helper()
	form := url.Values{"user": {"admin"}, "password": {password}}
	got := p.do("POST", "/api/v1/login", form.Encode(), map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
	if got.status != http.StatusOK {
		p.t.Fatalf("login = %d %s", got.status, got.body)
	}
	p.admin = map[string]string{"X-User-Id": got.find(p.t, "data", "userId"), "X-Auth-Token": got.find(p.t, "data", "authToken")}
}

// api calls an endpoint as the administrator, with a JSON document if there is one.
func (p *process) api(method, path string, document any) reply {
	p.t.Helper()
	header := map[string]string{"Content-Type": "application/json"}
	maps.Copy(header, p.admin)
	body := ""
	if document != nil {
		text, err := json.Marshal(document)
		if err != nil {
			p.t.Fatal(err)
		}
		body = string(text)
	}
	return p.do(method, path, body, header)
}

func (p *process) do(method, path, body string, header map[string]string) reply {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	resp, err := (&http.Client{Timeout: 30 * time.Second}).Do(req)
	if err != nil {
		p.t.Fatalf("%s %s: %v\n%s", method, path, err, p.log)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return reply{what: method + " " + path, status: resp.StatusCode, header: resp.Header, body: string(text)}
}

// logged is what a server has written to its log so far.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// reply is what a server answered.
type reply struct {
	what   string
	status int
	header http.Header
	body   string
}

// find follows member names and answers the text there; in a list it looks into the first item.
func (r reply) find(t testing.TB, path ...string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(r.body), &value); err != nil {
		t.Fatalf("%s: %v: %s", r.what, err, r.body)
	}
	for _, name := range path {
		if list, ok := value.([]any); ok && len(list) > 0 {
			value = list[0]
		}
		object, ok := value.(map[string]any)
		if !ok {
			t.Fatalf("%s: no %v in %s", r.what, path, r.body)
		}
		value = object[name]
	}
	text, ok := value.(string)
	if !ok {
		t.Fatalf("%s: %v is no text in %s", r.what, path, r.body)
	}
	return text
}

// makeHook makes an incoming integration and answers its path.
func (p *process) makeHook(more map[string]any) string {
	p.t.Helper()
	in := map[string]any{
		"type": "webhook-incoming", "name": "hook", "enabled": true, "username": "rocket.cat", "channel": "#general", "scriptEnabled": false,
	}
	maps.Copy(in, more)
	made := p.api("POST", "/api/v1/integrations.create", in)
	if made.status != http.StatusOK {
		p.t.Fatalf("%s = %d %s", made.what, made.status, made.body)
	}
	return "/hooks/" + made.find(p.t, "integration", "_id") + "/" + made.find(p.t, "integration", "token")
}

// messages answers the texts in #general, the newest first.
func (p *process) messages() []string {
	p.t.Helper()
	got := p.api("GET", "/api/v1/channels.messages?roomId=GENERAL&count=0", nil)
	var page struct{ Messages []struct{ Msg string } }
	if err := json.Unmarshal([]byte(got.body), &page); err != nil || got.status != http.StatusOK {
		p.t.Fatalf("%s = %d %s", got.what, got.status, got.body)
	}
	texts := make([]string, 0, len(page.Messages))
	for _, m := range page.Messages {
		texts = append(texts, m.Msg)
	}
	return texts
}

// rejected runs the command, which is to fail, and answers what it complained of.
func rejected(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = env
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	err := cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); !ok {
		t.Fatalf("grapnel %v = %v, want a refusal; stderr: %s", args, err, &complaint)
	}
	return complaint.String()
}

// available skips the test where a program is missing that it needs.
func available(t *testing.T, programs ...string) {
	t.Helper()
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is missing, and CI has to run this", name)
			}
			t.Skipf("%s is not installed", name)
		}
	}
}
