package main_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestServeWithoutItsDatabase takes the database away from a running server, and gives it back.
func TestServeWithoutItsDatabase(t *testing.T) {
	address, database := runMongo(t)
	signal := func(s os.Signal) {
		t.Helper()
		if err := database.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	p := serve(t, t.TempDir(), "MONGO_URL="+address+"/chat?serverSelectionTimeoutMS=1000")
	if !strings.Contains(p.printed, "its data is in "+address+"/chat.") {
		t.Errorf("the server says %s", p.printed)
	}
	p.login(p.password)
	hook := p.makeHook(nil)
	post := func(text string) reply {
		return p.do("POST", hook, `{"text":"`+text+`"}`, map[string]string{"Content-Type": "application/json"})
	}
	if got := post("before"); got.status != http.StatusOK {
		t.Fatalf("hook = %d %s", got.status, got.body)
	}

	signal(syscall.SIGUSR1)
	waitFor(t, "/readyz to see that the database is lost", func() bool {
		got := p.do("GET", "/readyz", "", nil)
		return got.status == http.StatusServiceUnavailable && got.header.Get("Retry-After") != ""
	})
	got := post("lost")
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		t.Errorf("hook without a database = %d %s, Retry-After %q", got.status, got.body, got.header.Get("Retry-After"))
	}
	if got := p.do("GET", "/livez", "", nil); got.status != http.StatusOK {
		t.Errorf("/livez without a database = %d %s", got.status, got.body)
	}

	signal(syscall.SIGUSR2)
	waitFor(t, "/readyz to see that the database is back", func() bool {
		return p.do("GET", "/readyz", "", nil).status == http.StatusOK
	})
	if got := post("back"); got.status != http.StatusOK {
		t.Errorf("hook once the database is back = %d %s", got.status, got.body)
	}
	texts := p.messages()
	for text, want := range map[string]bool{"before": true, "lost": false, "back": true} {
		if slices.Contains(texts, text) != want {
			t.Errorf("messages are %q", texts)
		}
	}
	if code := p.stop(); code != 0 {
		t.Errorf("the server ended with %d", code)
	}
}
