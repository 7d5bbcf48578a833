package main_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// A server is promised to know within two seconds; the test allows for a busy machine.
const followed = 20 * time.Second

// eventually waits for what another server has changed.
func eventually(t *testing.T, what string, seen func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(followed); !seen(); <-again.C {
		if time.Now().After(end) {
			t.Fatalf("the other server does not know after %v: %s", followed, what)
		}
	}
}

// TestServersFollowEachOther changes at one server what another one holds in memory.
func TestServersFollowEachOther(t *testing.T) {
	address := "MONGO_URL=" + startMongo(t) + "/grapnel"
	a, b := serve(t, t.TempDir(), address, "ADMIN_PASS=secret-one"), serve(t, t.TempDir(), address)
	if b.password != "" || strings.Contains(b.printed, "First start") {
		t.Errorf("the second server says %s", b.printed)
	}
	a.login("secret-one")
	b.admin = a.admin
	if got := b.api("GET", "/api/v1/me", nil); got.status != http.StatusOK {
		t.Fatalf("a login of the first server is %d at the second: %s", got.status, got.body)
	}
	const says = `class Script { process_incoming_request() { return { error: { success: false, message: "WORD" } } } }`
	hook := a.makeHook(map[string]any{"scriptEnabled": true, "script": strings.Replace(says, "WORD", "one", 1)})
	call := func(p *process) string {
		return p.do("POST", hook, "{}", map[string]string{"Content-Type": "application/json"}).body
	}
	if got := call(b); !strings.Contains(got, "one") {
		t.Errorf("a new integration's hook answers %s at the other server, want that of its script at once", got)
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(hook, "/hooks/"), "/")
	saved := b.api("PUT", "/api/v1/integrations.update", map[string]any{
		"integrationId": id, "type": "webhook-incoming", "name": "hook", "enabled": true, "username": "rocket.cat", "channel": "#general",
		"scriptEnabled": true, "script": strings.Replace(says, "WORD", "two", 1),
	})
	if saved.status != http.StatusOK || !strings.Contains(call(b), "two") {
		t.Fatalf("a saved script is not in force at once where it was saved: %d %s", saved.status, saved.body)
	}
	eventually(t, "a saved script", func() bool { return strings.Contains(call(a), "two") })
	b.api("POST", "/api/v1/settings/Message_MaxAllowedSize", map[string]any{"value": 321})
	eventually(t, "a setting", func() bool {
		return strings.Contains(a.api("GET", "/api/v1/settings/Message_MaxAllowedSize", nil).body, "321")
	})
	a.api("POST", "/api/v1/permissions.update", map[string]any{"permissions": []map[string]any{{"_id": "view-privileged-setting", "roles": []string{"owner"}}}})
	eventually(t, "a permission", func() bool {
		return b.api("GET", "/api/v1/settings/Message_MaxAllowedSize", nil).status != http.StatusOK
	})
	if got := b.api("POST", "/api/v1/logout", nil); got.status != http.StatusOK {
		t.Fatalf("logout = %d %s", got.status, got.body)
	}
	if got := a.api("GET", "/api/v1/me", nil); got.status != http.StatusUnauthorized {
		t.Errorf("after a logout at the other server, me = %d", got.status)
	}
}
