package workspace

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// keySize is that of a key for AES-256 or HMAC-SHA256.
const keySize = 32

// Key answers a key for one purpose, made of the server's own secret. Who learns it learns neither
// that secret nor the key for another purpose. All servers with one store make the same.
func Key(ctx context.Context, store SeedStore, purpose string) ([]byte, error) {
	secret, err := store.Secret(ctx, tokenKeyName)
	if err != nil {
		return nil, fmt.Errorf("read the server's key: %w", err)
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "grapnel "+purpose, keySize)
	if err != nil {
		return nil, fmt.Errorf("make key for %s: %w", purpose, err)
	}
	return key, nil
}
