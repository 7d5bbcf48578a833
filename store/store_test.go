package store_test

import (
	"errors"
	"testing"

	"github.com/grapnel-chat/grapnel/store"
	"github.com/grapnel-chat/grapnel/store/mongo"
	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

// What callers have and what the suite tests is the same.
var (
	_ storetest.Store = store.Store(nil)
	_ store.Store     = storetest.Store(nil)
)

func TestOpenMongoDB(t *testing.T) {
	for place, want := range map[string]error{
		"mongodb://127.0.0.1:1/grapnel?serverSelectionTimeoutMS=10": workspace.ErrUnavailable,
		"mongodb+srv://example.com":                                 mongo.ErrNoDatabase,
	} {
		s, err := store.Open(t.Context(), place)
		if !errors.Is(err, want) || s != nil {
			t.Errorf("Open(%s) = %v, %v, want %v", place, s, err, want)
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
