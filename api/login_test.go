package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/grapnel-chat/grapnel/workspace"
)

const (
	loginPath = "/api/v1/login"
	mePath    = "/api/v1/me"
	// notLoggedIn is what level 7 says to who is not logged in.
	notLoggedIn = `{"status":"error","message":"You must be logged in to do this."}`
	// unauthorized is what a login says to who is unknown or has a wrong password.
	unauthorized = `{"success":false,"error":"Unauthorized","status":"error","message":"Unauthorized"}`
)

// logIn sends a login from an address of its own, so that failures of other tests do not slow it.
func (s *server) logIn(from string, document any) answer {
	s.t.Helper()
	var body string
	contentType := "application/json"
	switch document := document.(type) {
	case url.Values:
		body, contentType = document.Encode(), "application/x-www-form-urlencoded"
	case string:
		body = document
	default:
		text, err := json.Marshal(document)
		must(s.t, err)
		body = string(text)
	}
	return s.do(request{method: "POST", path: loginPath, body: body, from: from, header: map[string]string{"Content-Type": contentType}})
}

// inactive adds a user with the administrator's password who may not log in.
func (s *server) inactive(username string) (id string) {
	s.t.Helper()
	return s.post(s.admin, "/api/v1/users.create", doc{
		"username": username, "name": username, "email": username + "@example.com", "password": adminPassword, "active": false,
	}).is(200).text("user", "_id")
}

// digest is a password as upstream's own clients send it.
func digest(password string) doc {
	sum := sha256.Sum256([]byte(password))
	return doc{"digest": hex.EncodeToString(sum[:]), "algorithm": "sha-256"}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	s := start(t)
	upper := digest(adminPassword)
	upper["digest"] = strings.ToUpper(upper["digest"].(string))
	tests := []struct {
		name     string
		document any
	}{
		{"user", doc{"user": "admin", "password": adminPassword}},
		{"user is an e-mail address", doc{"user": "admin@example.com", "password": adminPassword}},
		{"username", doc{"username": "admin", "password": adminPassword}},
		{"email", doc{"email": "admin@example.com", "password": adminPassword}},
		{"form", url.Values{"user": {"admin"}, "password": {adminPassword}}},
		{"digest", doc{"user": "admin", "password": digest(adminPassword)}},
		{"digest in upper case", doc{"user": "admin", "password": upper}},
		{"object with username", doc{"user": doc{"username": "admin"}, "password": digest(adminPassword)}},
		{"object with email", doc{"user": doc{"email": "admin@example.com"}, "password": digest(adminPassword)}},
		{"resume", doc{"resume": s.admin.token}},
		{"unknown members beside", doc{"user": "admin", "password": adminPassword, "code": "", "x": 1}},
	}
	for n, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			a := s.logIn(fmt.Sprintf("198.51.100.%d:1", n), tt.document).is(200)
			if got := a.header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type = %q, want application/json exactly", got)
			}
			if !strings.HasPrefix(a.body, `{"status":"success","data":{"userId":`) || !strings.HasSuffix(a.body, `,"success":true}`) {
				t.Errorf("login answers %s", a.body)
			}
			if got := a.text("data", "userId"); got != s.admin.id {
				t.Errorf("data.userId = %q, want %q", got, s.admin.id)
			}
			token := a.text("data", "authToken")
			if resumed := token == s.admin.token; resumed != (tt.name == "resume") {
				t.Errorf("data.authToken = %q", token)
			}
			me := s.get(account{id: s.admin.id, token: token}, mePath).is(200).doc()
			delete(me, "success")
			if d := differ(a.at("data", "me").(doc), me); d != "" {
				t.Errorf("data.me (-me +got):\n%s", d)
			}
		})
	}
}

func TestLoginRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.inactive("inactive")
	const loggedOut = `{"success":false,"error":"You've been logged out by the server. Please log in again. [403]","status":"error","message":"You've been logged out by the server. Please log in again. [403]"}`
	const deactivated = `{"success":false,"error":"User is not activated. [error-user-is-not-activated]","status":"error","message":"User is not activated. [error-user-is-not-activated]"}`
	tests := []struct {
		name     string
		document any
		want     string
	}{
		{"wrong password", doc{"user": "admin", "password": "wrong"}, unauthorized},
		{"wrong password, form", url.Values{"user": {"admin"}, "password": {"wrong"}}, unauthorized},
		{"wrong digest", doc{"user": "admin", "password": digest("wrong")}, unauthorized},
		{"digest as plain text", doc{"user": "admin", "password": digest(adminPassword)["digest"]}, unauthorized},
		{"digest of another algorithm", doc{"user": "admin", "password": doc{"digest": digest(adminPassword)["digest"], "algorithm": "md5"}}, unauthorized},
		{"unknown user", doc{"user": "nobody", "password": adminPassword}, unauthorized},
		{"unknown e-mail address", doc{"email": "nobody@example.com", "password": adminPassword}, unauthorized},
		{"user without a password", doc{"user": "rocket.cat", "password": ""}, unauthorized},
		{"empty password", doc{"user": "admin", "password": ""}, unauthorized},
		{"no password", doc{"user": "admin"}, unauthorized},
		{"no user", doc{"password": adminPassword}, unauthorized},
		{"empty object", doc{}, unauthorized},
		{"broken JSON", `{"user":`, unauthorized},
		{"inactive", doc{"user": "inactive", "password": adminPassword}, deactivated},
		{"inactive, wrong password", doc{"user": "inactive", "password": "wrong"}, unauthorized},
		{"unknown token", doc{"resume": "nothing"}, loggedOut},
		{"forged token", doc{"resume": signed(t, []byte("another key"), s.admin.id, time.Hour)}, loggedOut},
	}
	for n, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.in(t)
			if n%4 == 3 { // lest the failures slow the account down
				s.logIn("203.0.113.1:1", doc{"user": "admin", "password": adminPassword}).is(200)
			}
			s.logIn(fmt.Sprintf("198.51.100.%d:1", n), tt.document).says(401, tt.want)
		})
	}
}

// TestLoginSlowed holds that who guesses has to wait: per account from everywhere, and per address
// for every account.
func TestLoginSlowed(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := []struct {
		name         string
		guess        func(n int) answer
		also, others func() answer // slowed down by the same guesses, or not
	}{
		{
			"account",
			func(n int) answer {
				return s.logIn(fmt.Sprintf("198.51.100.%d:1", n), doc{"user": "admin", "password": "guess"})
			},
			func() answer { return s.logIn("198.51.100.99:1", doc{"user": "admin", "password": adminPassword}) },
			func() answer { return s.logIn("198.51.100.99:1", doc{"user": "nobody", "password": "x"}) },
		},
		{
			"address",
			func(n int) answer {
				return s.logIn("203.0.113.1:"+strconv.Itoa(n+1), doc{"user": "guess" + strconv.Itoa(n), "password": "x"})
			},
			func() answer { return s.logIn("203.0.113.1:99", doc{"user": "another", "password": "x"}) },
			func() answer { return s.logIn("203.0.113.2:1", doc{"user": "another", "password": "x"}) },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Should this test be held up for longer than the wait, another guess makes it longer.
			guesses := 0
			var a answer
			for ; guesses < 12; guesses++ {
				if a = tt.guess(guesses); a.status != 401 {
					break
				}
			}
			if guesses < 5 {
				t.Fatalf("only %d guesses before %d %s, want 5", guesses, a.status, a.body)
			}
			for _, a := range []answer{a, tt.also()} {
				a.t = t
				wait, err := strconv.Atoi(a.is(429).header.Get("Retry-After"))
				if err != nil || wait < 1 || wait > 30 {
					t.Errorf("Retry-After = %q, want seconds", a.header.Get("Retry-After"))
				}
				a.fails(429, fmt.Sprintf("Error, too many requests. Please slow down. You must wait %d seconds before trying this endpoint again. [error-too-many-requests]", wait), "")
			}
			a = tt.others()
			a.t = t
			a.is(401)
		})
	}
	s.logIn("198.51.100.99:1", doc{"resume": s.admin.token}).is(200) // a token is no guess
	s.get(s.admin, mePath).is(200)
}

func TestLogout(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, method := range []string{"GET", "POST"} {
		t.Run(method, func(t *testing.T) {
			s := s.in(t)
			token := s.logIn("", doc{"user": "admin", "password": adminPassword}).is(200).text("data", "authToken")
			in := account{id: s.admin.id, token: token}
			s.get(in, mePath).is(200)
			want := doc{"status": "success", "data": doc{"message": "You've been logged out!"}, "success": true}
			if d := differ(s.do(request{method: method, path: "/api/v1/logout", as: in}).is(200).doc(), want); d != "" {
				t.Errorf("logout answers (-want +got):\n%s", d)
			}
			s.get(in, mePath).says(401, notLoggedIn)
			s.logIn("", doc{"resume": token}).is(401)
			s.do(request{method: method, path: "/api/v1/logout", as: in}).says(401, notLoggedIn)
			s.get(s.admin, mePath).is(200) // the other login stays
		})
	}
}

func TestMe(t *testing.T) {
	t.Parallel()
	s := start(t)
	bob := s.user("bob", "user")
	s.get(account{}, mePath).says(401, notLoggedIn)
	empty := doc{"profile": doc{}, "preferences": doc{}, "calendar": doc{}}
	for _, tt := range []struct {
		as   account
		want doc
	}{
		{s.admin, doc{
			"_id": s.admin.id, "username": "admin", "name": "Admin", "email": "admin@example.com", "roles": []any{"admin"}, "active": true,
			"emails": []any{doc{"address": "admin@example.com", "verified": true}}, "type": "user", "settings": empty, "isOAuthUser": false,
			"avatarUrl": "http://localhost:3000/avatar/admin", "services": doc{"password": doc{"exists": true}}, "success": true,
		}},
		{bob, doc{
			"_id": bob.id, "username": "bob", "email": "bob@example.com", "roles": []any{"user"}, "success": true,
			"avatarUrl": "http://localhost:3000/avatar/bob", "services": doc{"password": doc{"exists": false}}, "settings": empty,
		}},
	} {
		if d := differ(s.get(tt.as, mePath).is(200).doc(), tt.want); d != "" {
			t.Errorf("me of %s (-want +got):\n%s", tt.as.username, d)
		}
	}
}

// signed is a token as the server makes them, with that key and life.
func signed(t testing.TB, key []byte, userID string, life time.Duration) string {
	t.Helper()
	now := time.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Subject: userID, ID: workspace.RandomText(22), IssuedAt: jwt.NewNumericDate(now.Add(-24 * time.Hour)), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
	}).SignedString(key)
	must(t, err)
	return token
}

// TestTokens holds which pairs of headers are a login. Each token has its session in the store, so
// that what is refused is refused for what it is.
func TestTokens(t *testing.T) {
	t.Parallel()
	s := start(t)
	key, err := s.store.Secret(t.Context(), "token-key")
	must(t, err)
	bob := s.user("bob", "user")
	opened := func(token string, expires time.Time) string {
		sum := sha256.Sum256([]byte(token))
		must(t, s.store.AddSession(context.Background(), workspace.Session{
			Hash: base64.StdEncoding.EncodeToString(sum[:]), UserID: s.admin.id, CreatedAt: time.Now(), ExpiresAt: expires,
		}))
		return token
	}
	never := time.Time{}
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.RegisteredClaims{
		Subject: s.admin.id, ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
	}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	must(t, err)
	eternal, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{Subject: s.admin.id}).SignedString(key)
	must(t, err)
	inactive := s.login(workspace.User{ID: s.inactive("inactive")})

	tests := []struct {
		name      string
		id, token string
		in        bool
	}{
		{"signed", s.admin.id, opened(signed(t, key, s.admin.id, time.Hour), never), true},
		{"a token of another kind, by its hash", s.admin.id, opened("no-jwt-at-all", never), true},
		{"two dots, but no JWT", s.admin.id, opened("a.b.c", never), true},
		{"signed, without a session", s.admin.id, signed(t, key, s.admin.id, time.Hour), false},
		{"expired", s.admin.id, opened(signed(t, key, s.admin.id, -time.Minute), never), false},
		{"signed with another key", s.admin.id, opened(signed(t, []byte("another key"), s.admin.id, time.Hour), never), false},
		{"not signed", s.admin.id, opened(unsigned, never), false},
		{"without an end", s.admin.id, opened(eternal, never), false},
		{"signed for another user", s.admin.id, opened(signed(t, key, bob.id, time.Hour), never), false},
		{"with another user's id", bob.id, opened(signed(t, key, s.admin.id, time.Hour), never), false},
		{"another kind, with another user's id", bob.id, s.admin.token, false},
		{"the session has ended", s.admin.id, opened("ended", time.Now().Add(-time.Second)), false},
		{"the session ends later", s.admin.id, opened("lasting", time.Now().Add(time.Hour)), true},
		{"no id", "", s.admin.token, false},
		{"no token", s.admin.id, "", false},
		{"unknown token", s.admin.id, "unknown", false},
		{"unknown id", "unknown", s.admin.token, false},
		{"inactive", inactive.id, inactive.token, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := s.in(t).do(request{method: "GET", path: mePath, header: map[string]string{"X-User-Id": tt.id, "X-Auth-Token": tt.token}})
			if tt.in {
				a.is(200)
			} else {
				a.says(401, notLoggedIn)
			}
		})
	}
}
