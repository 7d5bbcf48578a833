package storetest

import (
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

var sessionTests = []test{
	{"round trip", func(t *testing.T, s Store) {
		must(t, s.AddUser(t.Context(), User(1), nil, nil))
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
		wantError(t, "AddSession without user", s.AddSession(t.Context(), Session(1, "nobody")), workspace.ErrNotFound)
		_, _, err = s.SessionUser(t.Context(), Session(1, "nobody").Hash)
		wantError(t, "SessionUser without user", err, workspace.ErrNotFound)
		must(t, s.RemoveSession(t.Context(), "hash"))
		must(t, s.RemoveExpired(t.Context(), At(0)))
	}},
	{"conflict", func(t *testing.T, s Store) {
		for n := 1; n <= 2; n++ {
			must(t, s.AddUser(t.Context(), BareUser(n), nil, nil))
		}
		must(t, s.AddSession(t.Context(), Session(1, "user1")))
		for _, userID := range []string{"user1", "user2"} {
			wantError(t, "AddSession of "+userID, s.AddSession(t.Context(), Session(1, userID)), workspace.ErrConflict)
		}
	}},
	{"found once added", func(t *testing.T, s Store) {
		must(t, s.AddUser(t.Context(), User(1), nil, nil))
		_, _, err := s.SessionUser(t.Context(), Session(1, "user1").Hash)
		wantError(t, "SessionUser", err, workspace.ErrNotFound)
		must(t, s.AddSession(t.Context(), Session(1, "user1")))
		_, u, err := s.SessionUser(t.Context(), Session(1, "user1").Hash)
		wantSame(t, "user", u, err, User(1))
	}},
	{"answers the user as they are now", func(t *testing.T, s Store) {
		must(t, s.AddUser(t.Context(), User(1), nil, nil))
		must(t, s.AddSession(t.Context(), Session(1, "user1")))
		_, _, err := s.SessionUser(t.Context(), Session(1, "user1").Hash)
		must(t, err)
		must(t, s.AddUserRole(t.Context(), "user1", "admin", At(50)))
		_, u, err := s.SessionUser(t.Context(), Session(1, "user1").Hash)
		wantSame(t, "roles", u.Roles, err, append(User(1).Roles, "admin"))
	}},
	{"remove", testSessionRemoval},
	{"a new password ends the user's", testNewPassword},
	{"a new password of nobody ends none", func(t *testing.T, s Store) {
		addSessions(t, s)
		wantError(t, "SetPassword", s.SetPassword(t.Context(), "user3", []byte("new"), At(50), ""), workspace.ErrNotFound)
		wantOpen(t, s, true, true, true, true)
	}},
	{"personal access tokens", testPersonalTokens},
	{"saving a user ends theirs", testSavedWithoutLogins},
	{"ending logins", func(t *testing.T, s Store) {
		addSessions(t, s)
		wantOpen(t, s, true, true, true, true)
		must(t, s.RemoveLogins(t.Context(), "user1", Session(1, "").Hash))
		wantOpen(t, s, false, true, false, true)
		must(t, s.RemoveLogins(t.Context(), "user1", ""))
		wantOpen(t, s, false, false, false, true)
	}},
	{"of a user", func(t *testing.T, s Store) {
		addSessions(t, s)
		got, err := s.Sessions(t.Context(), "user1")
		wantSame(t, "Sessions", got, err, []workspace.Session{Session(0, "user1"), Session(1, "user1"), Session(2, "user1")})
		got, err = s.Sessions(t.Context(), "user3")
		wantSame(t, "Sessions of nobody", got, err, nil)
	}},
	{"forgetting what has ended", testExpiry},
}

// addSessions adds users 1 and 2, and logins 0 to 3: the last is user 2's, the others user 1's.
func addSessions(t *testing.T, s Store) {
	t.Helper()
	must(t, s.AddUser(t.Context(), User(1), nil, nil))
	must(t, s.AddUser(t.Context(), User(2), nil, nil))
	for n, userID := range []string{"user1", "user1", "user1", "user2"} {
		must(t, s.AddSession(t.Context(), Session(n, userID)))
	}
}

// wantOpen checks which logins are left, from login 0 on.
func wantOpen(t *testing.T, s Store, want ...bool) {
	t.Helper()
	for n, open := range want {
		_, _, err := s.SessionUser(t.Context(), Session(n, "").Hash)
		if open {
			wantError(t, ID("session ", n), err, nil)
		} else {
			wantError(t, ID("session ", n), err, workspace.ErrNotFound)
		}
	}
}

func testSessionRemoval(t *testing.T, s Store) {
	addSessions(t, s)
	wantOpen(t, s, true, true, true, true)
	must(t, s.RemoveSession(t.Context(), Session(1, "").Hash))
	wantOpen(t, s, true, false, true, true)
}

func testNewPassword(t *testing.T, s Store) {
	addSessions(t, s)
	wantOpen(t, s, true, true, true, true)
	must(t, s.SetPassword(t.Context(), "user1", []byte("new"), At(50), ""))
	wantOpen(t, s, false, false, false, true)
	must(t, s.AddSession(t.Context(), Session(0, "user1")))
	wantOpen(t, s, true, false, false, true)
}

func testSavedWithoutLogins(t *testing.T, s Store) {
	addSessions(t, s)
	token := PersonalToken(9, "user1")
	must(t, s.AddSession(t.Context(), token))
	wantOpen(t, s, true, true, true, true)
	taken := User(1)
	taken.Username = User(2).Username
	wantError(t, "with a name that is taken", s.SaveUserAndEndLogins(t.Context(), taken, ""), workspace.ErrConflict)
	wantError(t, "of nobody", s.SaveUserAndEndLogins(t.Context(), User(9), ""), workspace.ErrNotFound)
	wantOpen(t, s, true, true, true, true)

	changed := User(1)
	changed.Username, changed.PasswordHash, changed.UpdatedAt = "other", []byte("new"), At(50)
	must(t, s.SaveUserAndEndLogins(t.Context(), changed, Session(1, "").Hash))
	wantOpen(t, s, false, true, false, true)
	_, got, err := s.SessionUser(t.Context(), Session(1, "").Hash)
	wantSame(t, "the user of the login that is left", got, err, changed)
	must(t, s.SaveUserAndEndLogins(t.Context(), changed, ""))
	sessions, err := s.Sessions(t.Context(), "user1")
	wantSame(t, "what is left", sessions, err, []workspace.Session{token})
}

func testPersonalTokens(t *testing.T, s Store) {
	addSessions(t, s)
	token := PersonalToken(9, "user1")
	must(t, s.AddSession(t.Context(), token))
	got, _, err := s.SessionUser(t.Context(), token.Hash)
	wantSame(t, "SessionUser", got, err, token)
	again := token
	again.Hash = "other"
	wantError(t, "AddSession of a name that is taken", s.AddSession(t.Context(), again), workspace.ErrConflict)
	again.UserID = "user2"
	must(t, s.AddSession(t.Context(), again))

	must(t, s.SetPassword(t.Context(), "user1", []byte("new"), At(50), Session(1, "").Hash))
	wantOpen(t, s, false, true, false, true)
	must(t, s.RemoveLogins(t.Context(), "user1", ""))
	sessions, err := s.Sessions(t.Context(), "user1")
	wantSame(t, "what a new password and the end of logins leave", sessions, err, []workspace.Session{token})
}

// testExpiry relies on login n to end at second n+100.
func testExpiry(t *testing.T, s Store) {
	addSessions(t, s)
	forever := Session(4, "user1")
	forever.ExpiresAt = time.Time{}
	must(t, s.AddSession(t.Context(), forever))
	old := Session(5, "user1")
	old.ExpiresAt = time.Unix(-1, 0).UTC()
	must(t, s.AddSession(t.Context(), old))
	wantOpen(t, s, true, true, true, true, true, true)
	must(t, s.RemoveExpired(t.Context(), time.Time{}))
	wantOpen(t, s, true, true, true, true, true, true)
	must(t, s.RemoveExpired(t.Context(), At(100)))
	wantOpen(t, s, true, true, true, true, true, false)
	must(t, s.RemoveExpired(t.Context(), At(102)))
	wantOpen(t, s, false, false, true, true, true, false)
	must(t, s.RemoveExpired(t.Context(), At(1000)))
	wantOpen(t, s, false, false, false, false, true, false)
}
