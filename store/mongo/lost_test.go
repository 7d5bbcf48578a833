package mongo

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

// TestLost takes the database away and gives it back.
func TestLost(t *testing.T) {
	var l line
	s := openAt(t, newDatabase(t), func(o *options.ClientOptions) { l.set(o); o.SetServerSelectionTimeout(100 * time.Millisecond) })
	ctx := t.Context()
	if err := s.AddMessages(ctx, storetest.Messages(1, 1, "room1"), nil); err != nil {
		t.Fatal(err)
	}
	l.cutAfter(0)
	for name, call := range map[string]func() error{
		"Ping":    func() error { return s.Ping(ctx) },
		"Message": func() error { _, err := s.Message(ctx, "message1"); return err },
		"AddMessages": func() error {
			return s.AddMessages(ctx, storetest.Messages(2, 2, "room1"), storetest.Effects(1, 1, "a"))
		},
		"Messages": func() error {
			_, _, err := s.Messages(ctx, workspace.MessageFilter{RoomID: "room1"}, workspace.Page{})
			return err
		},
		"Claim": func() error {
			_, err := s.Claim(ctx, integrations.Claim{Now: storetest.At(9), Lease: time.Minute, Limit: 5})
			return err
		},
		"Record": func() error {
			_, err := s.Record(ctx, []integrations.Record{{ID: "delivery1", State: integrations.Done}})
			return err
		},
	} {
		if err := call(); !errors.Is(err, workspace.ErrUnavailable) {
			t.Errorf("%s without a database: %v, want %v", name, err, workspace.ErrUnavailable)
		}
	}
	l.mend()
	patience, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for s.Ping(patience) != nil {
		if patience.Err() != nil {
			t.Fatal("the database is back, and the store does not see it")
		}
	}
	if _, err := s.Message(ctx, "message1"); err != nil {
		t.Error(err)
	}
	if err := s.AddMessages(ctx, storetest.Messages(2, 2, "room1"), storetest.Effects(1, 1, "a")); err != nil {
		t.Error(err)
	}
}
