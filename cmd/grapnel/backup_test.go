package main_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// TestBackupUnderLoad takes a backup while hooks are called, and looks for everything that had been
// answered before it in a server that starts from it.
func TestBackupUnderLoad(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder)
	p.login(p.password)
	hook := p.makeHook(nil)
	leaveUpload(t, folder, "ab/photo.png", "pixels")
	load := callHook(t, p.url+hook, 4)
	load.wait(200)

	before := load.answered()
	file := filepath.Join(t.TempDir(), "grapnel.backup")
	if out := tool(t, 0, "backup", file, "--data-dir", folder); !strings.Contains(out, "Backed up "+folder) {
		t.Errorf("backup printed %q", out)
	}
	load.wait(len(load.answered()) + 50) // the server went on
	load.stop()
	if got, err := os.Stat(file); err != nil || got.Mode() != 0o600 {
		t.Errorf("the backup: %v, %v, want a file for its owner only", got, err)
	}
	wantOnly(t, filepath.Dir(file), "grapnel.backup")

	restored := filepath.Join(t.TempDir(), "data")
	tool(t, 0, "restore", file, "--data-dir", restored)
	wantWhole(t, restored)
	again := serve(t, restored)
	again.admin = p.admin // the login of before
	got := again.messages()
	if len(before) < 200 {
		t.Fatalf("%d calls were answered before the backup", len(before))
	}
	for _, text := range before {
		if !slices.Contains(got, text) {
			t.Errorf("%s was answered before the backup and is not in it", text)
		}
	}
	if reply := again.do("POST", hook, `{"text":"on"}`, nil); reply.status != http.StatusOK {
		t.Errorf("the hook after the restore = %d %s", reply.status, reply.body)
	}
	again.login(p.password)
	if text, err := os.ReadFile(filepath.Join(restored, "uploads", "ab", "photo.png")); string(text) != "pixels" {
		t.Errorf("the upload after the restore: %q, %v", text, err)
	}
	if code := again.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestBackupWithoutServer takes a backup of a folder whose server was killed, log and all.
func TestBackupWithoutServer(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder)
	p.login(p.password)
	hook := p.makeHook(nil)
	p.do("POST", hook, `{"text":"kept"}`, nil)
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	file := filepath.Join(t.TempDir(), "b")
	tool(t, 0, "backup", file, "--data-dir", folder)
	restored := filepath.Join(t.TempDir(), "deep", "data")
	tool(t, 0, "restore", file, "--data-dir", restored)
	again := serve(t, restored)
	again.admin = p.admin
	if got := again.messages(); !slices.Equal(got, []string{"kept"}) {
		t.Errorf("messages = %q", got)
	}
}

// TestBackupKilled kills a backup in its middle: the server does not notice, and the next one clears
// away what is left.
func TestBackupKilled(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder)
	p.login(p.password)
	hook := p.makeHook(nil)
	leaveUpload(t, folder, "large", "")
	large := filepath.Join(folder, "uploads", "large")
	if err := os.Truncate(large, 16<<30); err != nil { // takes no space, but nobody packs it before the kill
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "b")
	cmd := exec.Command(binary, "backup", file, "--data-dir", folder)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for { // until it has begun to write
		if _, err := os.Stat(file + ".partial"); err == nil {
			break
		}
		if cmd.Process.Signal(syscall.Signal(0)) != nil {
			t.Fatal("the backup ended without a partial file")
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if _, err := os.Stat(file); err == nil {
		t.Error("a backup that was killed has its name")
	}
	if reply := p.do("POST", hook, `{"text":"on"}`, nil); reply.status != http.StatusOK {
		t.Errorf("the hook after the kill = %d %s", reply.status, reply.body)
	}
	if err := os.Truncate(large, 1); err != nil {
		t.Fatal(err)
	}
	tool(t, 0, "backup", file, "--data-dir", folder)
	wantOnly(t, filepath.Dir(file), "b")
	tool(t, 1, "backup", file, "--data-dir", folder)
}

// leaveUpload puts a file where uploads are kept.
func leaveUpload(t *testing.T, folder, name, text string) {
	t.Helper()
	path := filepath.Join(folder, "uploads", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// load calls a hook again and again.
type load struct {
	mu    sync.Mutex
	more  *sync.Cond
	texts []string
	ended atomic.Bool
	all   sync.WaitGroup
}

func callHook(t *testing.T, url string, callers int) *load {
	t.Helper()
	l := &load{}
	l.more = sync.NewCond(&l.mu)
	for caller := range callers {
		l.all.Go(func() {
			for n := 0; !l.ended.Load(); n++ {
				text := fmt.Sprintf("call %d of %d", n, caller)
				req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader(`{"text":"`+text+`"}`))
				if err != nil {
					t.Error(err)
					return
				}
				resp, err := (&http.Client{}).Do(req)
				if err != nil {
					t.Errorf("%s: %v", text, err)
					l.ended.Store(true)
				} else if resp.Body.Close(); resp.StatusCode != http.StatusOK {
					t.Errorf("%s = %d", text, resp.StatusCode)
					l.ended.Store(true)
				}
				l.mu.Lock()
				l.texts = append(l.texts, text)
				l.mu.Unlock()
				l.more.Broadcast()
			}
		})
	}
	t.Cleanup(l.stop)
	return l
}

// wait waits until so many calls have been answered.
func (l *load) wait(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.texts) < n && !l.ended.Load() {
		l.more.Wait()
	}
}

func (l *load) answered() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.texts)
}

func (l *load) stop() {
	l.ended.Store(true)
	l.all.Wait()
}

// tool runs a command that ends by itself, checks its exit code, and answers all that it printed.
func tool(t *testing.T, code int, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = []string{}
	out, _ := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("grapnel %v ended with %d, want %d:\n%s", args, got, code, out)
	}
	return string(out)
}

// wantOnly checks that a folder holds the named files and nothing else.
func wantOnly(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, names) {
		t.Errorf("%s holds %q, want %q", dir, got, names)
	}
}

// wantWhole has SQLite read all of a folder's database.
func wantWhole(t *testing.T, folder string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, "grapnel.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var found string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&found); err != nil || found != "ok" {
		t.Errorf("integrity_check of %s: %q, %v", folder, found, err)
	}
}
