package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// Password is a password as a client sends it: plain, or as the hex SHA-256 digest of it.
type Password struct {
	Plain  string
	Digest string
}

// digest is what is hashed: the hex SHA-256 digest, in lower case.
func (p Password) digest() []byte {
	if p.Digest != "" {
		return []byte(strings.ToLower(p.Digest))
	}
	sum := sha256.Sum256([]byte(p.Plain))
	return []byte(hex.EncodeToString(sum[:]))
}

// HashPassword answers what is stored of a password.
func HashPassword(p Password) ([]byte, error) {
	if p.Plain == "" && p.Digest == "" {
		return nil, ErrEmptyPassword
	}
	hash, err := bcrypt.GenerateFromPassword(p.digest(), bcrypt.DefaultCost)
	if err != nil {
		return nil, fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// nobody is compared with when there is no such user, so that an answer takes as long either way.
var nobody = []byte("$2a$10$7EqJtq98hPqEX7fNZaFWoOhi5bQzXp0CJm5r8L3yJ1Jt8t7aY6n9K")

// checkPassword compares a password with a stored hash.
func checkPassword(hash []byte, p Password) error {
	known := len(hash) > 0
	if !known {
		hash = nobody
	}
	err := bcrypt.CompareHashAndPassword(hash, p.digest())
	switch {
	case !known, errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		return ErrWrongPassword
	case err != nil:
		return fmt.Errorf("compare password: %w", err)
	default:
		return nil
	}
}
