package integrations

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
)

// ErrSealed says that what was sealed cannot be opened: it was damaged, or sealed by a server with
// another key.
var ErrSealed = errors.New("it was sealed with another key, or is damaged")

// Sealer encrypts what the log keeps and shows nobody. Each process encrypts with a key of its own,
// which is made from the server's key and a salt that stands before what was sealed: so a counter is
// good enough for a nonce, and no two processes ever share one.
type Sealer struct {
	key     []byte
	salt    []byte
	aead    cipher.AEAD
	counter atomic.Uint64
}

const saltSize = 16

// NewSealer makes a sealer of the server's key.
func NewSealer(key []byte) (*Sealer, error) {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails: crypto/rand ends the process instead
	aead, err := aeadOf(key, salt)
	if err != nil {
		return nil, fmt.Errorf("make key of the log: %w", err)
	}
	return &Sealer{key: key, salt: salt, aead: aead}, nil
}

func aeadOf(key, salt []byte) (cipher.AEAD, error) {
	derived, err := hkdf.Key(sha256.New, key, salt, "grapnel exchange log", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal encrypts a text for a place, such as an integration's id: nowhere else can it be opened.
func (s *Sealer) seal(text []byte, place string) []byte {
	out := make([]byte, saltSize+s.aead.NonceSize(), saltSize+s.aead.NonceSize()+len(text)+s.aead.Overhead())
	copy(out, s.salt)
	nonce := out[saltSize:]
	binary.BigEndian.PutUint64(nonce, s.counter.Add(1))
	return s.aead.Seal(out, nonce, text, []byte(place))
}

// open answers what was sealed.
func (s *Sealer) open(sealed []byte, place string) ([]byte, error) {
	size := saltSize + s.aead.NonceSize()
	if len(sealed) < size {
		return nil, ErrSealed
	}
	aead, err := aeadOf(s.key, sealed[:saltSize])
	if err != nil {
		return nil, err
	}
	text, err := aead.Open(nil, sealed[saltSize:size], sealed[size:], []byte(place))
	if err != nil {
		return nil, ErrSealed
	}
	return text, nil
}
