package main_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestServeForgetsWhatIsOld changes the settings of what is kept, which the next start follows.
func TestServeForgetsWhatIsOld(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder)
	p.login(p.password)
	hook := p.makeHook(nil)
	for n := range 5 {
		if got := p.do("POST", hook, fmt.Sprintf(`{"text":"m%d"}`, n), nil); got.status != http.StatusOK {
			t.Fatalf("hook = %d %s", got.status, got.body)
		}
	}
	for id, value := range map[string]any{"Retention_Messages_Per_Room": 3, "Retention_Messages_Days": 1, "Retention_History_Days": -1} {
		want := http.StatusOK
		if value == -1 {
			want = http.StatusBadRequest
		}
		if got := p.api("POST", "/api/v1/settings/"+id, map[string]any{"value": value}); got.status != want {
			t.Errorf("%s = %v: %d %s", id, value, got.status, got.body)
		}
	}
	p.stop()
	twoDays := time.Now().Add(-48 * time.Hour).UnixMilli()
	inFolder(t, folder, `UPDATE messages SET at = ? WHERE text = 'm4'`, twoDays)

	again := serve(t, folder)
	again.admin = p.admin
	want := []string{"m3", "m2", "m1"}
	for !slices.Equal(again.messages(), want) { // swept when the server starts
		if t.Context().Err() != nil || strings.Contains(again.log.String(), "old data was") && !slices.Equal(again.messages(), want) {
			t.Fatalf("messages = %q, want %q\n%s", again.messages(), want, again.log)
		}
	}
	for !strings.Contains(again.log.String(), `"msg":"old data was forgotten","messages":2,"deliveries":0`) {
		if t.Context().Err() != nil {
			t.Fatalf("the log does not say what was forgotten:\n%s", again.log)
		}
	}
}

// TestServeSupplementsAnOlderWorkspace starts on a folder of a version that knew fewer permissions
// and settings, and whose administrator had emptied one.
func TestServeSupplementsAnOlderWorkspace(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder)
	p.login(p.password)
	p.stop()
	inFolder(t, folder, `DELETE FROM permissions WHERE id = 'create-team'`)
	inFolder(t, folder, `UPDATE permissions SET doc = '{"_id":"create-c","roles":[],"_updatedAt":"2026-01-02T03:04:05Z"}' WHERE id = 'create-c'`)
	inFolder(t, folder, `DELETE FROM settings WHERE id = 'Retention_History_Days'`)
	inFolder(t, folder, `UPDATE settings SET value = x'3737' WHERE id = 'API_Default_Count'`)
	for range 2 {
		again := serve(t, folder)
		again.admin = p.admin
		list := again.api("GET", "/api/v1/permissions.listAll", nil).body
		for _, want := range []string{`{"_id":"create-c","roles":[],`, `{"_id":"create-team","roles":["admin","user"],`} {
			if !strings.Contains(list, want) {
				t.Errorf("permissions.listAll does not hold %s:\n%s", want, list)
			}
		}
		settings := again.api("GET", "/api/v1/settings?count=100", nil).body
		for _, want := range []string{`{"_id":"Retention_History_Days","value":30}`, `{"_id":"API_Default_Count","value":77}`} {
			if !strings.Contains(settings, want) {
				t.Errorf("settings do not hold %s:\n%s", want, settings)
			}
		}
		again.stop()
	}
}

// inFolder changes the database of a server that does not run.
func inFolder(t *testing.T, folder, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, "grapnel.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	result, err := db.Exec(statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); n != 1 || err != nil {
		t.Fatalf("%s changed %d rows, %v", statement, n, err)
	}
}
