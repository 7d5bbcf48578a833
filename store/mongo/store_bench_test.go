package mongo

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

// BenchmarkStore stands beside that of store/sqlite. Against tools/mongotest its times say nothing of
// a MongoDB; what the store itself allocates does.
func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(b *testing.B) storetest.Store { return openAt(b, newDatabase(b), plain) })
}

// TestRoundTrips holds how many commands the methods on the hot paths send: each is a trip to the
// database and back, and most of what a call costs there. docs/scaling.md tells them.
func TestRoundTrips(t *testing.T) {
	var sent atomic.Int64
	counted := func(o *options.ClientOptions) {
		o.SetMonitor(&event.CommandMonitor{Started: func(context.Context, *event.CommandStartedEvent) { sent.Add(1) }})
	}
	s, ctx := openAt(t, newDatabase(t), counted), t.Context()
	messages := func(n, effects int) func() error {
		return func() error {
			return s.AddMessages(ctx, storetest.Messages(n, n, "room1"), storetest.Effects(n*100, n*100+effects-1, "integration1"))
		}
	}
	var claimed []integrations.Row
	claim := func(limit int) func() error {
		return func() (err error) {
			claimed, err = s.Claim(ctx, integrations.Claim{Now: storetest.At(1_000_000), Lease: time.Minute, Limit: limit})
			return err
		}
	}
	record := func() error {
		var records []integrations.Record
		for _, row := range claimed {
			records = append(records, integrations.Record{ID: row.ID, Fence: row.Fence, At: storetest.At(1_000_000), State: integrations.Done})
		}
		_, err := s.Record(ctx, records)
		return err
	}
	for _, c := range []struct {
		name string
		call func() error
		want int64
	}{
		{"AddUser", func() error { return s.AddUser(ctx, storetest.User(1), nil, nil) }, 1},
		{"AddIntegration", func() error { return s.AddIntegration(ctx, storetest.Incoming(1)) }, 4},
		{"SaveIntegration", func() error { return s.SaveIntegration(ctx, storetest.Incoming(1)) }, 5},
		{"User", func() error { _, err := s.User(ctx, "user1"); return err }, 1},
		{"AddSession", func() error { return s.AddSession(ctx, storetest.Session(1, "user1")) }, 1},
		{"SessionUser", func() error { _, _, err := s.SessionUser(ctx, storetest.Session(1, "user1").Hash); return err }, 1},
		{"AddMessages", messages(1, 0), 1},
		{"AddMessages and a delivery", messages(2, 1), 3},
		{"AddMessages and ten deliveries", messages(3, 10), 3},
		{"Claim of one", claim(1), 1},
		{"Record of one", record, 1},
		{"Claim of ten", claim(10), 10},
		{"Record of ten", record, 1},
		{"SaveScriptValues", func() error {
			return s.SaveScriptValues(ctx, "integration1", "v", []integrations.ScriptValue{{Key: "a", Value: []byte("1")}})
		}, 2},
		{"ScriptValues", func() error { _, err := s.ScriptValues(ctx, "integration1", "v"); return err }, 1},
		{"Revision", func() error { _, err := s.Revision(ctx); return err }, 1},
		{"Messages", func() error {
			_, _, err := s.Messages(ctx, workspace.MessageFilter{RoomID: "room1"}, workspace.Page{Count: 2})
			return err
		}, 2},
	} {
		before := sent.Load()
		if err := c.call(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := sent.Load() - before; got != c.want {
			t.Errorf("%s sends %d commands, want %d", c.name, got, c.want)
		}
	}
}
