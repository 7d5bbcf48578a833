package storetest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Bench measures what hooks, deliveries and lists ask of a store. Each group gets a store of its own,
// with two hundred users, rooms, logins and messages and an integration in it.
func Bench(b *testing.B, open func(b *testing.B) Store) {
	b.Run("reads", func(b *testing.B) { benchReads(b, open(b)) })
	benchMessages(b, open)
	benchClaims(b, open)
	b.Run("SaveScriptValues", func(b *testing.B) { benchScriptValues(b, open(b)) })
}

func benchReads(b *testing.B, s Store) {
	furnish(b, s)
	name, hash := Room(1).Name, Session(1, "user1").Hash
	for _, r := range []struct {
		name string
		read func(ctx context.Context) error
	}{
		{"User", func(ctx context.Context) error { _, err := s.User(ctx, "user1"); return err }},
		{"UserByUsername", func(ctx context.Context) error { _, err := s.UserByUsername(ctx, User(1).Username); return err }},
		{"RoomByName", func(ctx context.Context) error { _, err := s.RoomByName(ctx, name); return err }},
		{"Subscription", func(ctx context.Context) error { _, err := s.Subscription(ctx, "room1", "user1"); return err }},
		{"SessionUser", func(ctx context.Context) error { _, _, err := s.SessionUser(ctx, hash); return err }},
		{"Integration", func(ctx context.Context) error { _, err := s.Integration(ctx, "integration1"); return err }},
		{"Message", func(ctx context.Context) error { _, err := s.Message(ctx, "message1"); return err }},
		{"Messages50", func(ctx context.Context) error {
			_, _, err := s.Messages(ctx, workspace.MessageFilter{RoomID: "room1"}, workspace.Page{Count: 50})
			return err
		}},
		{"ScriptValues", func(ctx context.Context) error { _, err := s.ScriptValues(ctx, "integration1", "v"); return err }},
		{"Revision", func(ctx context.Context) error { _, err := s.Revision(ctx); return err }},
	} {
		b.Run(r.name, func(b *testing.B) {
			for b.Loop() {
				if err := r.read(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchMessages(b *testing.B, open func(b *testing.B) Store) {
	for _, w := range []struct {
		name     string
		effects  int
		parallel int // times the processors; zero: one after the other
	}{
		{"AddMessages", 0, 0},
		{"AddMessages and a delivery", 1, 0},
		{"AddMessages and ten deliveries", 10, 0},
		{"AddMessages and a delivery, 16 per processor", 1, 16},
	} {
		b.Run(w.name, func(b *testing.B) {
			s := open(b)
			furnish(b, s)
			var n atomic.Int64
			add := func(ctx context.Context) error { return addOne(ctx, s, int(n.Add(1)), w.effects) }
			if w.parallel == 0 {
				for b.Loop() {
					if err := add(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
				return
			}
			b.SetParallelism(w.parallel)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := add(b.Context()); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func benchClaims(b *testing.B, open func(b *testing.B) Store) {
	for _, limit := range []int{1, 64} {
		b.Run(ID("Claim and Record ", limit), func(b *testing.B) {
			s := open(b)
			for n := 0; b.Loop(); n++ {
				b.StopTimer()
				if err := s.AddEffects(b.Context(), Effects(n*limit, n*limit+limit-1, "a")); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				if err := carryOut(b.Context(), s, At(n*limit+limit), limit); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchScriptValues(b *testing.B, s Store) {
	furnish(b, s)
	for b.Loop() {
		if err := s.SaveScriptValues(b.Context(), "integration1", "v", []integrations.ScriptValue{{Key: "a", Value: []byte("1")}}); err != nil {
			b.Fatal(err)
		}
	}
}

func addOne(ctx context.Context, s Store, n, effects int) error {
	m := Message(n, "GENERAL")
	m.ID = workspace.NewID()
	var led []workspace.Effect
	for range effects {
		e := Effect(n, "integration1")
		e.ID = workspace.NewID()
		led = append(led, e)
	}
	return s.AddMessages(ctx, []workspace.Message{m}, led)
}

// carryOut claims deliveries and ends them.
func carryOut(ctx context.Context, s Store, now time.Time, limit int) error {
	rows, err := s.Claim(ctx, integrations.Claim{Now: now, Lease: time.Minute, Limit: limit})
	if err != nil {
		return err
	}
	records := make([]integrations.Record, 0, len(rows))
	for _, row := range rows {
		records = append(records, integrations.Record{ID: row.ID, Fence: row.Fence, At: now, State: integrations.Done, Progress: []byte("{}")})
	}
	_, err = s.Record(ctx, records)
	return err
}

func furnish(b *testing.B, s Store) {
	b.Helper()
	try := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	for n := range 200 {
		try(s.AddUser(b.Context(), User(n), []workspace.Subscription{Subscription("room1", ID("user", n))}, nil))
		try(s.AddRoom(b.Context(), Room(n), nil, nil))
		try(s.AddSession(b.Context(), Session(n, ID("user", n))))
	}
	try(s.AddIntegration(b.Context(), Incoming(1)))
	try(s.SaveScriptValues(b.Context(), "integration1", "v", []integrations.ScriptValue{{Key: "a", Value: []byte("1")}}))
	try(s.AddMessages(b.Context(), Messages(1, 200, "room1"), nil))
}
