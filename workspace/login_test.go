package workspace

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/crypto/bcrypt"
)

func TestTokenSubject(t *testing.T) {
	at := time.Now().UTC()
	ours := newTokens(newTokenKey())
	good, session, err := ours.issue("u1", at)
	if err != nil {
		t.Fatal(err)
	}
	if session.Hash != hashToken(good) || session.UserID != "u1" || !session.ExpiresAt.Equal(at.Add(90*24*time.Hour)) {
		t.Errorf("session = %+v", session)
	}
	forged, _, _ := newTokens(newTokenKey()).issue("u1", at)
	expired, _, _ := ours.issue("u1", at.Add(-91*24*time.Hour))
	unsigned, _ := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.RegisteredClaims{Subject: "u1", ExpiresAt: jwt.NewNumericDate(at.Add(time.Hour))}).
		SignedString(jwt.UnsafeAllowNoneSignatureType)
	tests := []struct {
		name, token, want string
		err               error
	}{
		{"our own", good, "u1", nil},
		{"signed by somebody else", forged, "", ErrNotLoggedIn},
		{"expired", expired, "", ErrNotLoggedIn},
		{"unsigned", unsigned, "", ErrNotLoggedIn},
		{"changed", good[:len(good)-3] + "AAA", "", ErrNotLoggedIn},
		{"no JWT", "abc", "", nil},
		{"no JWT, with dots", "a.b.c", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ours.subject(tt.token)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("subject = %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestBrake(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b := newBrake()
	for range freeFailures {
		if err := b.check(at, "a", "b"); err != nil {
			t.Fatalf("check before %d failures = %v", freeFailures, err)
		}
		b.failed(at, "a", "b")
	}
	err := b.check(at, "a")
	var wait *TooManyAttempts
	if !errors.As(err, &wait) || wait.Wait != firstWait {
		t.Fatalf("check after %d failures = %v, want to wait %v", freeFailures, err, firstWait)
	}
	if err := b.check(at, "c"); err != nil {
		t.Errorf("check of another key = %v", err)
	}
	if err := b.check(at.Add(firstWait), "a", "b"); err != nil {
		t.Errorf("check after the wait = %v", err)
	}
	b.succeeded("a")
	if err := b.check(at, "a"); err != nil {
		t.Errorf("check after a success = %v", err)
	}
	if err := b.check(at, "b"); err == nil {
		t.Error("a success under one key cleared another")
	}
}

func TestPauseGrowsToItsLimit(t *testing.T) {
	last := time.Duration(0)
	for n := range 100 {
		p := pause(n)
		if p < last || p > longestWait {
			t.Fatalf("pause(%d) = %v after %v", n, p, last)
		}
		last = p
	}
	if last != longestWait {
		t.Errorf("pause(99) = %v, want %v", last, longestWait)
	}
}

func TestPasswordDigest(t *testing.T) {
	const digest = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"
	hash, err := HashPassword(Password{Plain: "password"})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Password{{Plain: "password"}, {Digest: digest}, {Digest: strings.ToUpper(digest)}} {
		if err := bcrypt.CompareHashAndPassword(hash, p.digest()); err != nil {
			t.Errorf("compare %+v: %v", p, err)
		}
	}
	if _, err := HashPassword(Password{}); !errors.Is(err, ErrEmptyPassword) {
		t.Errorf("HashPassword of nothing = %v, want ErrEmptyPassword", err)
	}
	if cost, err := bcrypt.Cost(nobody); err != nil || cost != bcrypt.DefaultCost {
		t.Errorf("cost of nobody's hash = %d, %v: a try for an unknown user takes another time", cost, err)
	}
}

func TestRandomText(t *testing.T) {
	seen := map[string]bool{}
	counts := map[rune]int{}
	for range 2000 {
		text := NewID()
		if len(text) != 17 || seen[text] {
			t.Fatalf("NewID() = %q", text)
		}
		seen[text] = true
		for _, r := range text {
			counts[r]++
		}
	}
	for _, r := range Alphabet { // 34,000 characters, 618 of each on average
		if counts[r] < 450 || counts[r] > 800 {
			t.Errorf("%q came %d times of 34,000", r, counts[r])
		}
	}
	if len(counts) != len(Alphabet) {
		t.Errorf("%d different characters, want %d", len(counts), len(Alphabet))
	}
	if id := NewHexID(); len(id) != 24 || strings.Trim(id, "0123456789abcdef") != "" {
		t.Errorf("NewHexID() = %q", id)
	}
}

func TestLength(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "ä€": 2, "😀": 2, "\xff": 1} {
		if got := Length(text); got != want {
			t.Errorf("Length(%q) = %d, want %d", text, got, want)
		}
	}
}
