package store_test

import (
	"errors"
	"testing"

	"github.com/grapnel-chat/grapnel/store"
	"github.com/grapnel-chat/grapnel/store/storetest"
)

// What callers have and what the suite tests is the same.
var (
	_ storetest.Store = store.Store(nil)
	_ store.Store     = storetest.Store(nil)
)

func TestOpenRefusesMongoDB(t *testing.T) {
	for _, place := range []string{"mongodb://localhost/grapnel", "mongodb+srv://example.com"} {
		s, err := store.Open(t.Context(), place)
		if !errors.Is(err, store.ErrMongo) || s != nil {
			t.Errorf("Open(%s) = %v, %v, want %v", place, s, err, store.ErrMongo)
		}
	}
}

func TestOpenFolder(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if again, err := store.Open(t.Context(), dir); err == nil || again != nil {
		t.Errorf("Open a second time = %v, %v", again, err)
	}
}
