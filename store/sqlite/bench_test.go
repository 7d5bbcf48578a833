package sqlite

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

// BenchmarkAddMessages stores messages with one effect each; every one of them is on disk when it
// is counted.
func BenchmarkAddMessages(b *testing.B) {
	add := func(b *testing.B, s *Store, n int64) {
		m := storetest.Message(int(n), "GENERAL")
		m.ID = workspace.NewID()
		effects := storetest.Effects(int(n), int(n), "integration1")
		effects[0].ID = workspace.NewID()
		if err := s.AddMessages(b.Context(), []workspace.Message{m}, effects); err != nil {
			b.Error(err)
		}
	}
	b.Run("serial", func(b *testing.B) {
		s := open(b, b.TempDir())
		for n := int64(0); b.Loop(); n++ {
			add(b, s, n)
		}
		perSecond(b, "writes/s")
	})
	b.Run("parallel32", func(b *testing.B) {
		s := open(b, b.TempDir())
		var n atomic.Int64
		b.SetParallelism(16) // times two processors
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				add(b, s, n.Add(1))
			}
		})
		perSecond(b, "writes/s")
	})
}

func perSecond(b *testing.B, unit string) { b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), unit) }

// BenchmarkHookReads reads what one incoming hook reads, alone and while others write.
func BenchmarkHookReads(b *testing.B) {
	for _, writing := range []bool{false, true} {
		b.Run(fmt.Sprintf("writing=%v", writing), func(b *testing.B) {
			s := open(b, b.TempDir())
			fill(b, s)
			stop := make(chan struct{})
			var writer sync.WaitGroup
			defer writer.Wait()
			defer close(stop)
			if writing {
				writer.Go(func() {
					for n := 0; ; n++ {
						select {
						case <-stop:
							return
						default:
							_ = s.AddMessages(b.Context(), storetest.Messages(n, n, "room1"), nil)
						}
					}
				})
			}
			name, hash := storetest.Room(1).Name, storetest.Session(1, "user1").Hash
			reads := map[string]func() error{
				"User":         func() error { _, err := s.User(b.Context(), "user1"); return err },
				"Room":         func() error { _, err := s.Room(b.Context(), "room1"); return err },
				"RoomByName":   func() error { _, err := s.RoomByName(b.Context(), name); return err },
				"Subscription": func() error { _, err := s.Subscription(b.Context(), "room1", "user1"); return err },
				"SessionUser":  func() error { _, _, err := s.SessionUser(b.Context(), hash); return err },
				"Integration":  func() error { _, err := s.Integration(b.Context(), "integration1"); return err },
				"Message":      func() error { _, err := s.Message(b.Context(), "message-1"); return err },
			}
			for name, read := range reads {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if err := read(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

func fill(b *testing.B, s *Store) {
	b.Helper()
	for n := range 200 {
		subs := []workspace.Subscription{storetest.Subscription("room1", storetest.ID("user", n))}
		if err := s.AddUser(b.Context(), storetest.User(n), subs, nil); err != nil {
			b.Fatal(err)
		}
		if err := s.AddRoom(b.Context(), storetest.Room(n), nil, nil); err != nil {
			b.Fatal(err)
		}
		if err := s.AddSession(b.Context(), storetest.Session(n, storetest.ID("user", n))); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.AddIntegration(b.Context(), storetest.Incoming(1)); err != nil {
		b.Fatal(err)
	}
	if err := s.AddMessages(b.Context(), storetest.Messages(-1, -1, "room1"), nil); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkClaim claims one delivery and records its end, beside many that have ended and many
// that wait for later.
func BenchmarkClaim(b *testing.B) {
	for _, rows := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			if testing.Short() && rows > 1_000 {
				b.Skip("takes a minute to fill")
			}
			s := open(b, b.TempDir())
			fillQueue(b, s, rows)
			at := rows
			var claiming time.Duration
			for b.Loop() {
				at++
				if err := s.AddEffects(b.Context(), storetest.Effects(at, at, "a")); err != nil {
					b.Fatal(err)
				}
				start := time.Now()
				claimed, err := s.Claim(b.Context(), integrations.Claim{Now: storetest.At(at), Lease: time.Minute, Limit: 1})
				if err != nil || len(claimed) != 1 {
					b.Fatal(claimed, err)
				}
				claiming += time.Since(start)
				end := integrations.Record{ID: claimed[0].ID, Fence: claimed[0].Fence, At: storetest.At(at), State: integrations.Done}
				if _, err := s.Record(b.Context(), []integrations.Record{end}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(claiming.Microseconds())/float64(b.N), "µs/claim")
		})
	}
}

// fillQueue adds deliveries of which half have ended and half wait for a far day.
func fillQueue(b *testing.B, s *Store, rows int) {
	b.Helper()
	const far = 1 << 30
	err := s.write(b.Context(), "fill queue", func(t *tx) error {
		for n := range rows {
			e := storetest.Effect(n, storetest.ID("integration", n%100))
			if n%2 == 0 {
				e.Due = storetest.At(far + n)
			}
			if err := s.addEffects(t, []workspace.Effect{e}); err != nil {
				return err
			}
		}
		_, err := t.exec("UPDATE deliveries SET state = 'done', progress = ? WHERE due < ?", make([]byte, 500), millis(storetest.At(far)))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}
