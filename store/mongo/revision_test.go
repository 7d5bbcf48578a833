package mongo

import (
	"testing"

	"github.com/grapnel-chat/grapnel/store/storetest"
)

func TestRevisionIsShared(t *testing.T) {
	address := newDatabase(t)
	a, b := openAt(t, address, plain), openAt(t, address, plain)
	if err := a.AddIntegration(t.Context(), storetest.Outgoing(1)); err != nil {
		t.Fatal(err)
	}
	mine, err := a.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := b.Revision(t.Context())
	if err != nil || mine == 0 || theirs != mine {
		t.Errorf("after a change, its server has revision %d and another %d, %v", mine, theirs, err)
	}
}

// A server that ends between a change and its counting leaves a note, which others carry out.
func TestRevisionAfterACrash(t *testing.T) {
	s := openAt(t, newDatabase(t), plain)
	left := note{Mark: "left", Kind: heldChanged}
	if _, err := s.in(unfinishedName).InsertOne(t.Context(), left); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.settleOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	revision, err := s.Revision(t.Context())
	if err != nil || revision != 1 {
		t.Errorf("the revision is %d, %v, want 1", revision, err)
	}
	if notes := all(t, s, unfinishedName); len(notes) > 0 {
		t.Errorf("left over: %v", notes)
	}
}
