package main_test

import (
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite" // reads a data folder from outside
)

func TestServeKeepsEverything(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder)
	if p.password == "" || !strings.Contains(p.printed, `the administrator is "admin"`) {
		t.Fatalf("the first start printed\n%s", p.printed)
	}
	p.login(p.password)
	hook := p.makeHook(nil)
	if got := p.do("POST", hook, `{"text":"kept"}`, nil); got.status != 200 || got.body != `{"success":true}` {
		t.Fatalf("hook = %d %s", got.status, got.body)
	}
	if strings.Contains(p.log.String(), p.password) || strings.Contains(p.log.String(), p.admin["X-Auth-Token"]) || strings.Contains(p.log.String(), filepath.Base(hook)) {
		t.Errorf("a secret is in the log:\n%s", p.log)
	}
	if code := p.stop(); code != 0 {
		t.Fatalf("SIGTERM: exit code %d\n%s", code, p.log)
	}

	again := serve(t, folder)
	if again.password != "" || strings.Contains(again.printed, "First start") {
		t.Errorf("the second start printed\n%s", again.printed)
	}
	again.admin = p.admin // the login of before
	if got := again.messages(); !slices.Equal(got, []string{"kept"}) {
		t.Errorf("messages after a restart = %q", got)
	}
	if got := again.do("POST", hook, `{"text":"more"}`, nil); got.status != 200 {
		t.Errorf("hook after a restart = %d %s", got.status, got.body)
	}
}

func TestServeLosesNothingWhenKilled(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder)
	p.login(p.password)
	hook := p.makeHook(nil)
	var want []string
	for n := range 20 {
		text := fmt.Sprint("message ", n)
		if got := p.do("POST", hook, `{"text":"`+text+`"}`, nil); got.status != 200 {
			t.Fatalf("hook = %d %s", got.status, got.body)
		}
		want = append([]string{text}, want...)
	}
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	again := serve(t, folder)
	again.admin = p.admin
	if got := again.messages(); !slices.Equal(got, want) {
		t.Errorf("messages after a kill = %q, want %q", got, want)
	}
}

// TestServeKeepsStoreWhenKilled counts hooks in the script's Store, across a kill and a save.
func TestServeKeepsStoreWhenKilled(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder)
	p.login(p.password)
	script := `class Script { process_incoming_request() {
		const seen = Store.get('seen') || { hooks: 0 };
		seen.hooks++;
		Store.set('seen', seen);
		this.own = (this.own || 0) + 1;
		return { content: { text: seen.hooks + ' ' + this.own } };
	} }`
	hook := p.makeHook(map[string]any{"scriptEnabled": true, "script": script})
	call := func(p *process) {
		t.Helper()
		if got := p.do("POST", hook, `{}`, nil); got.status != 200 {
			t.Fatalf("hook = %d %s", got.status, got.body)
		}
	}
	call(p)
	call(p)
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()

	again := serve(t, folder)
	again.admin = p.admin
	call(again)
	if got, want := again.messages(), []string{"3 1", "2 2", "1 1"}; !slices.Equal(got, want) {
		t.Errorf("messages = %q, want %q: Store is kept, an instance is not", got, want)
	}
	id := strings.Split(hook, "/")[2]
	saved := again.api("PUT", "/api/v1/integrations.update", map[string]any{
		"integrationId": id, "type": "webhook-incoming", "name": "hook", "enabled": true, "username": "rocket.cat",
		"channel": "#general", "scriptEnabled": true, "script": script,
	})
	if saved.status != 200 {
		t.Fatalf("%s = %d %s", saved.what, saved.status, saved.body)
	}
	call(again)
	if got := again.messages()[0]; got != "1 1" {
		t.Errorf("after a save the hook says %q, want a Store that is empty", got)
	}
}

func TestServeRefusesAFolderInUse(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder)
	complaint := rejected(t, []string{"PORT=0", "BIND_IP=127.0.0.1", "DATA_DIR=" + folder}, "serve")
	if !strings.Contains(complaint, folder) || !strings.Contains(complaint, strconv.Itoa(p.cmd.Process.Pid)) {
		t.Errorf("a second server is told %q, want the folder and the first one's process id", complaint)
	}
}

func TestServeRefusesAPortInUse(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, taken, _ := net.SplitHostPort(listener.Addr().String())
	folder := filepath.Join(t.TempDir(), "data")
	complaint := rejected(t, []string{"PORT=" + taken, "BIND_IP=127.0.0.1", "DATA_DIR=" + folder}, "serve")
	if !strings.Contains(complaint, "PORT "+taken+" on BIND_IP 127.0.0.1 cannot be listened on") {
		t.Errorf("complaint = %q", complaint)
	}
}

func TestServeRefusesANewerDatabase(t *testing.T) {
	folder := t.TempDir()
	serve(t, folder).stop()
	db, err := sql.Open("sqlite", filepath.Join(folder, "grapnel.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 9999"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	complaint := rejected(t, []string{"PORT=0", "BIND_IP=127.0.0.1", "DATA_DIR=" + folder}, "serve")
	if !strings.Contains(complaint, "9999") || !strings.Contains(complaint, "newer") {
		t.Errorf("complaint = %q, want the version and that it is newer", complaint)
	}
}

func TestServeTakesTheAdministratorFromTheEnvironment(t *testing.T) {
	p := serve(t, t.TempDir(), "ADMIN_USERNAME=root", "ADMIN_NAME=The Root", "ADMIN_PASS=s3cret", "ADMIN_EMAIL=root@example.com")
	if strings.Contains(p.printed, "s3cret") || !strings.Contains(p.printed, `"root"`) {
		t.Errorf("printed\n%s", p.printed)
	}
	got := p.do("POST", "/api/v1/login", `{"user":"root@example.com","password":"s3cret"}`, map[string]string{"Content-Type": "application/json"})
	if got.status != 200 || got.find(t, "data", "me", "name") != "The Root" {
		t.Errorf("login = %d %s", got.status, got.body)
	}
}

func TestServeUnderAPath(t *testing.T) {
	p := serve(t, t.TempDir(), "ROOT_URL=https://chat.example.com/team/chat/")
	root := strings.TrimSuffix(p.url, "/team/chat")
	if root == p.url {
		t.Fatalf("the server says that it listens at %s", p.url)
	}
	p.url = root
	for path, want := range map[string]int{"/team/chat/api/v1/me": 401, "/api/v1/me": 404, "/team/chat/livez": 200, "/livez": 200, "/team/chat/docs/": 200} {
		if got := p.do("GET", path, "", nil); got.status != want {
			t.Errorf("%s = %d, want %d", got.what, got.status, want)
		}
	}
}

func TestResetPassword(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder)
	p.login(p.password)
	env := []string{"DATA_DIR=" + folder}
	if complaint := rejected(t, env, "user", "reset-password", "admin"); !strings.Contains(complaint, folder) {
		t.Errorf("while the server runs: %q, want a refusal that names the folder", complaint)
	}
	p.stop()
	if complaint := rejected(t, env, "user", "reset-password", "nobody"); !strings.Contains(complaint, `there is no user "nobody"`) {
		t.Errorf("unknown user: %q", complaint)
	}
	cmd := exec.Command(binary, "user", "reset-password", "admin")
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	made := regexp.MustCompile(`^New password of admin: (\S+)\n$`).FindSubmatch(out)
	if err != nil || made == nil {
		t.Fatalf("reset-password: %v: %s", err, out)
	}
	again := serve(t, folder)
	again.admin = p.admin
	if got := again.api("GET", "/api/v1/me", nil); got.status != 401 {
		t.Errorf("a login from before the reset: %d, want 401", got.status)
	}
	again.login(string(made[1]))
}

// TestServeFinishesWhatRuns stops the server while a script waits for an answer, which it gets only
// after the server takes nothing new.
func TestServeFinishesWhatRuns(t *testing.T) {
	reached, release := make(chan struct{}), make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(reached)
		select {
		case <-release:
		case <-r.Context().Done(): // the test has failed
		}
		_, _ = io.WriteString(w, "done")
	}))
	t.Cleanup(receiver.Close)
	p := serve(t, t.TempDir())
	p.login(p.password)
	hook := p.makeHook(map[string]any{"scriptEnabled": true, "script": `class Script { process_incoming_request() {
		return { content: { text: HTTP('GET', '` + receiver.URL + `').result.content } }; } }`})
	answered := make(chan reply, 1)
	go func() { answered <- p.do("POST", hook, `{"go":true}`, nil) }()
	<-reached
	p.terminate()
	waitFor(t, "the server to take nothing new", func() bool { return !takes(p) })
	close(release)
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d\n%s", code, p.log)
	}
	if got := <-answered; got.status != 200 {
		t.Errorf("the request under way = %d %s", got.status, got.body)
	}
}

// takes reports whether the server takes connections.
func takes(p *process) bool {
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// waitFor asks until it is so, or fails.
func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// TestServeOnAFullDisk fills a small file system: the answer is 503, nothing is half-written, and
// the server goes on once there is room again.
func TestServeOnAFullDisk(t *testing.T) {
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	p := serve(t, folder)
	p.login(p.password)
	hook := p.makeHook(nil)
	filler := filepath.Join(folder, "filler")
	if err := os.WriteFile(filler, make([]byte, 3<<20), 0o600); err == nil {
		_ = os.WriteFile(filler+"2", make([]byte, 2<<20), 0o600) // as much as fits
	}
	stored := 0
	var refused reply
	for n := range 200 {
		got := p.do("POST", hook, fmt.Sprintf(`{"text":"%d %s"}`, n, strings.Repeat("x", 4000)), nil)
		if got.status != 200 {
			refused = got
			break
		}
		stored++
	}
	if refused.status != 503 || refused.header.Get("Retry-After") == "" || !strings.Contains(refused.body, "disk is full") {
		t.Fatalf("on a full disk the hook answers %d %s after %d messages", refused.status, refused.body, stored)
	}
	for _, name := range []string{filler, filler + "2"} {
		_ = os.Remove(name)
	}
	waitFor(t, "room again", func() bool { return p.do("POST", hook, `{"text":"room again"}`, nil).status == 200 })
	if got := p.messages(); len(got) != stored+1 || got[0] != "room again" {
		t.Errorf("%d messages stand, want %d: what was refused must not be there", len(got), stored+1)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d\n%s", code, p.log)
	}
}

// TestServeSyncsBeforeItAnswers watches the system calls: between a hook's request and its answer
// the write-ahead log is synced.
func TestServeSyncsBeforeItAnswers(t *testing.T) {
	available(t, "strace")
	trace := filepath.Join(t.TempDir(), "trace")
	p := serveBy(t, []string{"strace", "-D", "-f", "-q", "-s", "512", "-e", "trace=read,write,fsync,fdatasync", "-o", trace}, t.TempDir())
	p.login(p.password)
	hook := p.makeHook(nil)
	if got := p.do("POST", hook, `{"text":"marker-of-this-test"}`, nil); got.status != 200 {
		t.Fatalf("hook = %d %s", got.status, got.body)
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
	var text []byte
	asked, synced, answered := 0, 0, 0
	waitFor(t, "the answer in the trace", func() bool {
		text, _ = os.ReadFile(trace)
		asked, synced, answered = linesOf(string(text))
		return answered > 0
	})
	if synced < asked || synced > answered {
		t.Errorf("request in line %d, last sync before the answer in line %d, answer in line %d of the trace:\n%s", asked, synced, answered, text)
	}
}

// linesOf finds the hook's request, the last sync before its answer, and the answer in a trace.
func linesOf(trace string) (asked, synced, answered int) {
	n := 0
	for line := range strings.Lines(trace) {
		n++
		switch {
		case answered > 0:
		case asked == 0 && strings.Contains(line, "/hooks/") && strings.Contains(line, "read"):
			asked = n
		case asked > 0 && (strings.Contains(line, "fsync(") || strings.Contains(line, "fdatasync(") || strings.Contains(line, "sync resumed")):
			synced = n
		case asked > 0 && strings.Contains(line, "HTTP/1.1 200 OK"):
			answered = n
		}
	}
	return asked, synced, answered
}
