package storetest

import (
	"testing"

	"github.com/grapnel-chat/grapnel/workspace"
)

var sessionTests = []test{
	{"round trip", func(t *testing.T, s Store) {
		must(t, s.AddUser(t.Context(), User(1), nil))
		forever := workspace.Session{Hash: "forever", UserID: "user1", CreatedAt: At(1)}
		for _, session := range []workspace.Session{Session(1, "user1"), forever} {
			must(t, s.AddSession(t.Context(), session))
			got, u, err := s.SessionUser(t.Context(), session.Hash)
			wantSame(t, "session", got, err, session)
			wantSame(t, "user", u, err, User(1))
		}
	}},
	{"not found", func(t *testing.T, s Store) {
		_, _, err := s.SessionUser(t.Context(), "hash")
		wantError(t, "SessionUser", err, workspace.ErrNotFound)
		must(t, s.AddSession(t.Context(), Session(1, "nobody")))
		_, _, err = s.SessionUser(t.Context(), Session(1, "nobody").Hash)
		wantError(t, "SessionUser without user", err, workspace.ErrNotFound)
		must(t, s.RemoveSession(t.Context(), "hash"))
		must(t, s.RemoveSessions(t.Context(), "nobody else"))
	}},
	{"conflict", func(t *testing.T, s Store) {
		must(t, s.AddSession(t.Context(), Session(1, "user1")))
		wantError(t, "AddSession", s.AddSession(t.Context(), Session(1, "user2")), workspace.ErrConflict)
	}},
	{"found once added", func(t *testing.T, s Store) {
		must(t, s.AddUser(t.Context(), User(1), nil))
		_, _, err := s.SessionUser(t.Context(), Session(1, "user1").Hash)
		wantError(t, "SessionUser", err, workspace.ErrNotFound)
		must(t, s.AddSession(t.Context(), Session(1, "user1")))
		_, u, err := s.SessionUser(t.Context(), Session(1, "user1").Hash)
		wantSame(t, "user", u, err, User(1))
	}},
	{"answers the user as they are now", func(t *testing.T, s Store) {
		must(t, s.AddUser(t.Context(), User(1), nil))
		must(t, s.AddSession(t.Context(), Session(1, "user1")))
		_, _, err := s.SessionUser(t.Context(), Session(1, "user1").Hash)
		must(t, err)
		must(t, s.AddUserRole(t.Context(), "user1", "admin", At(50)))
		_, u, err := s.SessionUser(t.Context(), Session(1, "user1").Hash)
		wantSame(t, "roles", u.Roles, err, append(User(1).Roles, "admin"))
	}},
	{"remove", testSessionRemoval},
}

func testSessionRemoval(t *testing.T, s Store) {
	must(t, s.AddUser(t.Context(), User(1), nil))
	must(t, s.AddUser(t.Context(), User(2), nil))
	for n, userID := range []string{"user1", "user1", "user1", "user2"} {
		must(t, s.AddSession(t.Context(), Session(n, userID)))
	}
	open := func(want ...bool) {
		t.Helper()
		for n := range 4 {
			_, _, err := s.SessionUser(t.Context(), Session(n, "").Hash)
			if want[n] != (err == nil) {
				t.Errorf("session %d: error %v, want it open: %v", n, err, want[n])
			}
		}
	}
	open(true, true, true, true)
	must(t, s.RemoveSession(t.Context(), Session(1, "").Hash))
	open(true, false, true, true)
	must(t, s.RemoveSessions(t.Context(), "user1"))
	open(false, false, false, true)
}
