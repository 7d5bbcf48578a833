package sqlite

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

func TestOpenAgainFindsEverything(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Seed(t.Context(), storetest.Seed()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if log, err := os.Stat(filepath.Join(dir, databaseName+"-wal")); !errors.Is(err, fs.ErrNotExist) && (err != nil || log.Size() > 0) {
		t.Errorf("the log is still there after Close: %v, %v", log, err)
	}
	s = open(t, dir)
	if done, err := s.Seeded(t.Context()); !done || err != nil {
		t.Errorf("Seeded = %v, %v", done, err)
	}
	if u, err := s.User(t.Context(), "user1"); err != nil || u.Username != storetest.User(1).Username {
		t.Errorf("User = %v, %v", u, err)
	}
}

func TestOpenRefusesASecondServer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b?c%20d#e")
	s := open(t, dir)
	_, err := Open(t.Context(), dir)
	locked, ok := errors.AsType[*LockedError](err)
	if !ok || locked.Dir != dir || locked.PID != os.Getpid() {
		t.Errorf("Open a second time: %v, want a LockedError of %s, %d", err, dir, os.Getpid())
	}
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("error %v is not ErrLocked or does not name the folder", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestOpenRefusesANewerFolder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	setVersion(t, s, 99)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	known, err := os.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the refusal must give the lock back
		_, err := Open(t.Context(), dir)
		newer, ok := errors.AsType[*NewerError](err)
		if !ok || newer.Dir != dir || newer.Found != 99 || newer.Highest != len(known) {
			t.Fatalf("Open: %v, want a NewerError of %s, 99, %d", err, dir, len(known))
		}
		if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "99") {
			t.Errorf("error %v is not ErrNewer or does not name the version", err)
		}
	}
}

// TestOpenBringsOlderFoldersUp opens what each older version left behind, and finds all of it.
func TestOpenBringsOlderFoldersUp(t *testing.T) {
	steps, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	newest := schema(t, open(t, t.TempDir()))
	for version := 1; version < len(steps); version++ {
		t.Run(storetest.ID("version", version), func(t *testing.T) {
			dir := t.TempDir()
			leaveBehind(t, dir, steps[:version])
			s := open(t, dir)
			if diff := cmp.Diff(newest, schema(t, s)); diff != "" {
				t.Errorf("schema: want -, got +\n%s", diff)
			}
			if _, err := s.Row(t.Context(), "old"); err != nil {
				t.Errorf("delivery from before: %v", err)
			}
			if n, err := s.RemoveEnded(t.Context(), storetest.At(0), 5); n != 1 || err != nil {
				t.Errorf("RemoveEnded = %d, %v, want 1", n, err)
			}
			wantOld(t, s)
			if found, err := Examine(t.Context(), DatabasePath(dir)); found != len(steps) || err != nil {
				t.Errorf("Examine = %d, %v, want %d", found, err, len(steps))
			}
		})
	}
}

// leaveBehind makes a database as the steps do, with a delivery that has ended.
func leaveBehind(t *testing.T, dir string, steps []string) {
	t.Helper()
	db, err := connect(filepath.Join(dir, databaseName), "journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for n, file := range steps {
		if err := step(t.Context(), conn, file, n+1); err != nil {
			t.Fatal(err)
		}
	}
	_, err = conn.ExecContext(t.Context(), `INSERT INTO deliveries (id, key, created_at, updated_at, due, state, fence)
		VALUES ('old', 'a', 1, 1, 1, 'done', 1);
		INSERT INTO facts (name, value) VALUES ('seeded', x''), ('secret key', x'01');
		INSERT INTO users (id, username, username_key, name_key, created_at, updated_at, doc)
		VALUES ('old', 'Old', 'old', 'old', 1, 1, '{"_id":"old","roles":["admin"]}');
		INSERT INTO sessions (hash, user_id, created_at, expires_at) VALUES ('hash', 'old', 1, 9e15);
		INSERT INTO rooms (id, type, name, name_key, unique_name, created_at, updated_at, doc)
		VALUES ('old', 'c', 'old', 'old', 'old', 1, 1, '{"_id":"old"}');
		INSERT INTO subscriptions (room_id, user_id, doc) VALUES ('old', 'old', '{}');
		INSERT INTO messages (id, room_id, at, updated_at, text, doc)
		VALUES ('old', 'old', 1, 1, 'first', '{}'), ('reply', 'old', 2, 2, 'second', '{"threadId":"old"}');
		INSERT INTO permissions (id, doc) VALUES ('old', '{"_id":"old","roles":["admin"]}');
		INSERT INTO settings (id, value) VALUES ('old', x'31');
		INSERT INTO roles (id, doc) VALUES ('old', '{"_id":"old"}');
		INSERT INTO integrations (id, kind, creator_id, name, name_key, username, enabled, created_at, updated_at, doc)
		VALUES ('old', 'webhook-outgoing', 'old', 'Old', 'old', 'Old', 1, 1, 1, '{"_id":"old"}');
		INSERT INTO integration_urls (url, integration_seq) VALUES ('http://old', 1)`)
	const hasThreads = 5 // since this version a column names the thread
	if err == nil && len(steps) >= hasThreads {
		_, err = conn.ExecContext(t.Context(), "UPDATE messages SET thread_id = 'old' WHERE id = 'reply'")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// wantOld looks for every record that leaveBehind made.
func wantOld(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	if seeded, err := s.Seeded(ctx); !seeded || err != nil {
		t.Errorf("Seeded = %v, %v", seeded, err)
	}
	if session, u, err := s.SessionUser(ctx, "hash"); err != nil || u.ID != "old" || session.Name != "" || session.Bypass {
		t.Errorf("SessionUser = %+v, %+v, %v", session, u, err)
	}
	if r, err := s.RoomByName(ctx, "old"); err != nil || r.ID != "old" {
		t.Errorf("RoomByName = %+v, %v", r, err)
	}
	if members, n, err := s.Members(ctx, "old", "", workspace.Page{}); err != nil || n != 1 || members[0].ID != "old" {
		t.Errorf("Members = %+v, %d, %v", members, n, err)
	}
	if m, n, err := s.Messages(ctx, workspace.MessageFilter{ThreadID: "old"}, workspace.Page{}); err != nil || n != 1 || m[0].ID != "reply" {
		t.Errorf("Messages of a thread = %+v, %d, %v", m, n, err)
	}
	if i, err := s.IntegrationByURL(ctx, "http://old"); err != nil || i.ID != "old" {
		t.Errorf("IntegrationByURL = %+v, %v", i, err)
	}
	if values, err := s.ScriptValues(ctx, "old", "v"); err != nil || len(values) > 0 {
		t.Errorf("ScriptValues = %v, %v", values, err)
	}
	permissions, err := s.Permissions(ctx)
	settings, settingsErr := s.Settings(ctx)
	roles, rolesErr := s.Roles(ctx)
	if err := errors.Join(err, settingsErr, rolesErr); err != nil || len(permissions) != 1 || len(settings) != 1 || len(roles) != 1 {
		t.Errorf("rules = %v, %v, %v, %v", permissions, settings, roles, err)
	}
}

// schema answers the version of a database and what is in it, by name.
func schema(t *testing.T, s *Store) []string {
	t.Helper()
	var all []string
	err := s.reads.all(t.Context(), `SELECT 'version ' || user_version FROM pragma_user_version
		UNION ALL SELECT * FROM (SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name)`, nil, func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		all = append(all, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func setVersion(t *testing.T, s *Store, version int) {
	t.Helper()
	err := s.write(t.Context(), "set version", func(t *tx) error {
		_, err := t.w.conn.ExecContext(t.ctx, "PRAGMA user_version = "+storetest.ID("", version))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOnlyTheOwnerReadsTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := open(t, dir)
	if err := s.AddUser(t.Context(), storetest.User(1), nil, nil); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestOpenRefusesWhatIsNoFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), path); err == nil {
		t.Errorf("Open = %v, want an error", s)
	}
}

// TestPlans keeps the queries that run all the time from reading more than they need.
func TestPlans(t *testing.T) {
	s := open(t, t.TempDir())
	tests := []struct{ name, query string }{
		{"claim", claimDue},
		{"claim from a lane", claimParked},
		{"claim a head", claimHead},
		{"lanes", lanes},
		{"keys of what is held", heldKeys},
		{"release", releaseHeld},
		{"counts", counts},
		{"next due", nextDue},
		{"due in a lane", laneDue},
		{"message page", "SELECT " + messageColumns + " FROM messages WHERE room_id = ? ORDER BY at DESC, seq DESC LIMIT ? OFFSET ?"},
		{"message count", "SELECT count(*) FROM messages WHERE room_id = ?"},
		{"history", "SELECT " + rowColumns + " FROM deliveries WHERE key = ? ORDER BY updated_at DESC, seq DESC LIMIT ? OFFSET ?"},
		{"deliveries of one integration", listDeliveries("key = ? AND TRUE AND created_at >= ? AND seq < ?", false)},
		{"deliveries that were given up", listDeliveries("TRUE AND "+inStates([]integrations.State{integrations.Dead}), false)},
		{"deliveries of one integration that were given up", listDeliveries("key = ? AND TRUE AND "+inStates([]integrations.State{integrations.Dead}), true)},
		{"login", selectLogin},
		{"forget logins", removeExpired},
		{"forget deliveries", removeEnded},
		{"by URL", selectByURL},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := s.reads.db.Query("EXPLAIN QUERY PLAN "+tt.query, make([]any, strings.Count(tt.query, "?"))...)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			for rows.Next() {
				var id, parent, unused int
				var step string
				if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
					t.Fatal(err)
				}
				t.Log(step)
				for _, table := range []string{"deliveries", "messages", "users", "sessions", "integrations"} {
					if step == "SCAN "+table || strings.HasPrefix(step, "USE TEMP B-TREE") && !strings.HasPrefix(tt.name, "claim") {
						t.Errorf("%s", step)
					}
				}
			}
		})
	}
}
