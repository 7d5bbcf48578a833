package sqlite

import (
	"fmt"
	"slices"
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

// BenchmarkClaim claims beside few deliveries and beside many, in turn, so that both are equally hit by
// whatever else the machine does; "ratio" is what many cost of what few cost, by the medians.
func BenchmarkClaim(b *testing.B) {
	const few, many = 1_000, 1_000_000
	tests := []struct {
		name  string
		state string // of the others, by their number n
		lane  string
		due   string
		claim integrations.Claim
	}{
		{"ended", "'done'", "'lane of integration' || (n % 100)", "n", integrations.Claim{}},
		{"waiting for later", "'waiting'", "'lane of integration' || (n % 100)", "n + 9000000000000", integrations.Claim{}},
		{"waiting and due", "'waiting'", "'lane of integration' || (n % 100)", "n + 1000", integrations.Claim{}},
		{"parked in one lane", "'parked'", "'lane of b'", "n", integrations.Claim{}},
		{"parked in many lanes", "'parked'", "'lane ' || (n % 10000)", "n", integrations.Claim{}},
		{"from a lane where they are parked", "'parked'", "'lane of b'", "n", integrations.Claim{Lane: "lane of b"}},
		{"the head of a lane that has ended", "'done'", "'ordered lane of a'", "n", integrations.Claim{Lane: "ordered lane of a", Head: true}},
	}
	for _, tt := range tests {
		b.Run(tt.name, func(b *testing.B) {
			if testing.Short() {
				b.Skip("takes a while to fill")
			}
			stores := []*Store{open(b, b.TempDir()), open(b, b.TempDir())}
			for n, rows := range []int{few, many} {
				fillQueue(b, stores[n], fmt.Sprintf(fillDeliveries, tt.lane, tt.due, tt.state), rows)
			}
			took := make([][]time.Duration, len(stores))
			at := 0
			for b.Loop() {
				at++
				for turn := range stores {
					n := (turn + at) % len(stores) // neither is always the first
					c := tt.claim
					c.Now, c.Lease, c.Limit = storetest.At(2*many), time.Minute, 1
					took[n] = append(took[n], claimOnce(b, stores[n], c, at))
				}
			}
			small, large := median(took[0]), median(took[1])
			b.ReportMetric(float64(small.Microseconds()), "µs/few")
			b.ReportMetric(float64(large.Microseconds()), "µs/many")
			b.ReportMetric(float64(large)/float64(small), "ratio")
		})
	}
}

// claimOnce adds what a claim finds first, measures the claim alone, and records the end of what it gave.
func claimOnce(b *testing.B, s *Store, c integrations.Claim, at int) time.Duration {
	b.Helper()
	effects := storetest.Effects(at, at, "a")
	if c.Head {
		effects = storetest.Ordered(at, at, "a")
	}
	if c.Lane == "" || c.Head {
		if err := s.AddEffects(b.Context(), effects); err != nil {
			b.Fatal(err)
		}
	}
	start := time.Now()
	claimed, err := s.Claim(b.Context(), c)
	took := time.Since(start)
	if err != nil || len(claimed) != 1 {
		b.Fatal(claimed, err)
	}
	end := integrations.Record{ID: claimed[0].ID, Fence: claimed[0].Fence, At: c.Now, State: integrations.Done}
	if lost, err := s.Record(b.Context(), []integrations.Record{end}); err != nil || len(lost) > 0 {
		b.Fatal(lost, err)
	}
	return took
}

const fillDeliveries = `WITH RECURSIVE count (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < ?1)
	INSERT INTO deliveries (id, key, lane, created_at, updated_at, due, state, fence, body, progress)
	SELECT 'filler' || n, 'integration' || (n %% 100), %s, n, n, %s, %s, 0, zeroblob(500), zeroblob(300) FROM count`

func fillQueue(b *testing.B, s *Store, query string, rows int) {
	b.Helper()
	err := s.write(b.Context(), "fill queue", func(t *tx) error {
		_, err := t.exec(query, rows)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
