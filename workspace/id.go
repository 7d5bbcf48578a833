package workspace

import (
	"crypto/rand"
	"encoding/hex"
)

// Alphabet holds the characters of generated ids and tokens: digits and letters without those
// that look alike.
const Alphabet = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"

// NewID answers an id for a user, room or message: 17 characters, as upstream's.
func NewID() string { return RandomText(17) }

// NewHexID answers an id for a record that clients know by 24 hex digits.
func NewHexID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return hex.EncodeToString(b[:])
}

// RandomText answers n characters of Alphabet, each as likely as the next.
func RandomText(n int) string {
	const fair = 256 - 256%len(Alphabet) // bytes above would favour the first characters
	text := make([]byte, 0, n)
	var random [64]byte
	for {
		_, _ = rand.Read(random[:])
		for _, b := range random {
			if int(b) >= fair {
				continue
			}
			if text = append(text, Alphabet[int(b)%len(Alphabet)]); len(text) == n {
				return string(text)
			}
		}
	}
}
