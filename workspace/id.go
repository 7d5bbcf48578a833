package workspace

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"
)

// Alphabet holds the characters of generated ids and tokens: digits and letters without those
// that look alike.
const Alphabet = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"

// idLength is that of upstream's ids.
const idLength = 17

// NewID answers an id for a user, a room or whatever else there are few of: 17 characters, as
// upstream's.
func NewID() string { return RandomText(idLength) }

// IsID reports whether a text can be an id that NewID made.
func IsID(text string) bool {
	return len(text) == idLength && strings.Trim(text, Alphabet) == ""
}

// NewIDAt answers an id that begins with the time, to the millisecond, for what a store has most of:
// messages and deliveries. With ids in order of time a new one stands at the end of the index, where
// the last one stood. Otherwise each rewrites a page of its own, and the larger the index, the more.
func NewIDAt(at time.Time) string {
	var text [8]byte // enough until the year 4623
	n := max(0, at.UnixMilli())
	for i := len(text) - 1; i >= 0; i-- {
		text[i] = Alphabet[n%int64(len(Alphabet))]
		n /= int64(len(Alphabet))
	}
	return string(text[:]) + RandomText(idLength-len(text))
}

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
