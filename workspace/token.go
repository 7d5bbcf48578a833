package workspace

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	tokenKeyName = "token-key"
	tokenLife    = 90 * 24 * time.Hour
)

// tokens makes and judges login tokens. A token is a JWT, so that a forgery is refused without
// reading the store; its hash stands in the store, so that a login can be ended.
type tokens struct {
	key    []byte
	parser *jwt.Parser
}

func newTokens(key []byte) *tokens {
	return &tokens{key: key, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired())}
}

// newTokenKey answers a fresh signing key.
func newTokenKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: crypto/rand ends the process instead
	return key
}

// issue makes a token for the user and the session that makes it valid.
func (t *tokens) issue(userID string, at time.Time) (string, Session, error) {
	expires := at.Add(tokenLife)
	claims := jwt.RegisteredClaims{
		Subject:   userID,
		ID:        RandomText(22),
		IssuedAt:  jwt.NewNumericDate(at),
		ExpiresAt: jwt.NewNumericDate(expires),
	}
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(t.key)
	if err != nil {
		return "", Session{}, fmt.Errorf("sign token: %w", err)
	}
	return text, Session{Hash: hashToken(text), UserID: userID, CreatedAt: at, ExpiresAt: expires}, nil
}

// subject answers whose token it claims to be. Tokens that are no JWT claim nothing.
func (t *tokens) subject(text string) (userID string, err error) {
	if strings.Count(text, ".") != 2 {
		return "", nil
	}
	var claims jwt.RegisteredClaims
	_, err = t.parser.ParseWithClaims(text, &claims, func(*jwt.Token) (any, error) { return t.key, nil })
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return "", nil
	case err != nil:
		return "", ErrNotLoggedIn
	default:
		return claims.Subject, nil
	}
}

// hashToken is what the store keeps of a token.
func hashToken(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}
