package storetest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// lease is how long claims last here: ten of the seconds that At counts.
const lease = 10 * time.Second

var claimTests = []test{
	{"only what is due, longest first", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), []workspace.Effect{Effect(4, "a"), Effect(2, "a"), Effect(1, "b"), Effect(3, "a")}))
		same := Effect(5, "a")
		same.Due = At(2)
		must(t, s.AddEffects(t.Context(), []workspace.Effect{same}))
		wantClaim(t, s, 0, 10)
		wantClaim(t, s, 3, 3, "delivery1", "delivery2", "delivery5")
		wantClaim(t, s, 3, 3, "delivery3")
		wantClaim(t, s, 3, 3)
		wantClaim(t, s, 4, 3, "delivery4")
	}},
	{"answers the whole row", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 1, "a")))
		want := planned(1, "a")
		want.Fence = 1
		rows, err := s.Claim(t.Context(), due(1, 5))
		wantSame(t, "Claim", rows, err, []integrations.Row{want})
		wantRows(t, s, want)
	}},
	{"a lease ends", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 1, "a")))
		first := wantClaim(t, s, 1, 1, "delivery1")
		wantClaim(t, s, 10, 1)
		second := wantClaim(t, s, 11, 1, "delivery1")
		if second[0].Fence <= first[0].Fence {
			t.Errorf("fence %d after %d", second[0].Fence, first[0].Fence)
		}
		wantLost(t, s, []integrations.Record{ended(first[0], 12)}, "delivery1")
		wantRows(t, s, second[0])
		record(t, s, ended(second[0], 12))
	}},
	{"a lease that ended without another claim still counts", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 1, "a")))
		rows := wantClaim(t, s, 1, 1, "delivery1")
		record(t, s, ended(rows[0], 50))
		wantClaim(t, s, 60, 1)
	}},
	{"what was left behind keeps its turn", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 5, "a")))
		wantClaim(t, s, 5, 2, "delivery1", "delivery2")
		wantClaim(t, s, 15, 4, "delivery1", "delivery2", "delivery3", "delivery4")
		wantClaim(t, s, 15, 4, "delivery5")
	}},
	{"record an end", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 2, "a")))
		for n, state := range []integrations.State{integrations.Done, integrations.Dead} {
			rows := wantClaim(t, s, 2, 1, ID("delivery", n+1))
			r := ended(rows[0], 3)
			r.State = state
			record(t, s, r)
			want := planned(n+1, "a")
			want.UpdatedAt, want.State, want.Fence, want.Progress = At(3), state, 1, r.Progress
			wantRows(t, s, want)
			wantLost(t, s, []integrations.Record{r}, r.ID)
		}
		wantClaim(t, s, 100, 5)
	}},
	{"record another attempt", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 1, "a")))
		rows := wantClaim(t, s, 1, 1, "delivery1")
		r := integrations.Record{ID: "delivery1", Fence: rows[0].Fence, At: At(2), Due: At(5), State: integrations.Waiting, Progress: []byte("\x00{ }\xff")}
		record(t, s, r)
		want := planned(1, "a")
		want.UpdatedAt, want.Due, want.Fence, want.Progress = At(2), At(5), rows[0].Fence, r.Progress
		wantRows(t, s, want)
		wantClaim(t, s, 4, 1)
		wantLost(t, s, []integrations.Record{r}, r.ID)
		rows = wantClaim(t, s, 5, 1, "delivery1")
		record(t, s, ended(rows[0], 6))
	}},
	{"record what was removed", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Outgoing(1)))
		must(t, s.AddEffects(t.Context(), Effects(1, 1, "integration1")))
		rows := wantClaim(t, s, 1, 1, "delivery1")
		must(t, s.RemoveIntegration(t.Context(), "integration1", true))
		wantLost(t, s, []integrations.Record{ended(rows[0], 2)}, "delivery1")
		wantNoRows(t, s, "delivery1")
	}},
	{"record leaves what it does not name", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 2, "a")))
		rows := wantClaim(t, s, 2, 2, "delivery1", "delivery2")
		record(t, s, integrations.Record{ID: "delivery1", Fence: rows[0].Fence, State: integrations.Held})
		record(t, s, integrations.Record{ID: "delivery2", Fence: rows[1].Fence, State: integrations.Parked, Lane: "another"})
		held, parked := planned(1, "a"), planned(2, "a")
		held.State, held.Fence = integrations.Held, rows[0].Fence
		parked.State, parked.Fence, parked.Lane = integrations.Parked, rows[1].Fence, "another"
		wantRows(t, s, held, parked)
	}},
	{"record many at once", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 4, "a")))
		old := wantClaim(t, s, 2, 2, "delivery1", "delivery2")
		rows := wantClaim(t, s, 12, 4, "delivery1", "delivery2", "delivery3", "delivery4")
		again := ended(rows[3], 14)
		again.State, again.Due = integrations.Waiting, At(20)
		records := []integrations.Record{ended(old[0], 13), ended(rows[1], 13), {ID: "unknown", Fence: 1, State: integrations.Done}, again, ended(rows[2], 13)}
		wantLost(t, s, records, "delivery1", "unknown")
		wantRows(t, s, rows[0])
		wantClaim(t, s, 20, 4, "delivery4")
		wantLost(t, s, nil)
	}},
	{"next due", testNextDue},
	{"one claimer each", testClaimRace},
	{"a claim whose caller has left takes nothing", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 1, "a")))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Claim(ctx, due(1, 1))
		wantError(t, "Claim", err, context.Canceled)
		wantRows(t, s, planned(1, "a"))
	}},
}

// due asks for what is due at a second.
func due(at, limit int) integrations.Claim {
	return integrations.Claim{Now: At(at), Lease: lease, Limit: limit}
}

// record writes down what must not be lost.
func record(t *testing.T, s Store, records ...integrations.Record) {
	t.Helper()
	wantLost(t, s, records)
}

// wantLost records and checks which deliveries the caller had lost, in any order.
func wantLost(t *testing.T, s Store, records []integrations.Record, want ...string) {
	t.Helper()
	lost, err := s.Record(t.Context(), records)
	must(t, err)
	slices.Sort(lost)
	slices.Sort(want)
	if !slices.Equal(lost, want) {
		t.Fatalf("Record lost %v, want %v", lost, want)
	}
}

// wantClaim claims at a second and checks which deliveries that gives, in their order.
func wantClaim(t *testing.T, s Store, at, limit int, want ...string) []integrations.Row {
	t.Helper()
	var rows []integrations.Row
	wantPage(t, "Claim", func() (claimed []integrations.Row, total int, err error) {
		rows, err = s.Claim(t.Context(), due(at, limit))
		return rows, len(rows), err
	}, rowID, want, len(want))
	if len(rows) != len(want) {
		t.FailNow()
	}
	return rows
}

// ended is the record of a delivery that was carried out under a claim.
func ended(r integrations.Row, at int) integrations.Record {
	return integrations.Record{ID: r.ID, Fence: r.Fence, At: At(at), Due: r.Due, State: integrations.Done, Progress: []byte("ended")}
}

func testNextDue(t *testing.T, s Store) {
	want := func(want time.Time) {
		t.Helper()
		got, err := s.NextDue(t.Context())
		wantSame(t, "NextDue", got, err, want)
	}
	want(time.Time{})
	must(t, s.AddEffects(t.Context(), Effects(2, 3, "a")))
	must(t, s.AddEffects(t.Context(), Effects(30, 30, "b")))
	want(At(2))
	first := wantClaim(t, s, 2, 1, "delivery2")
	want(At(3))
	second := wantClaim(t, s, 4, 1, "delivery3")
	want(At(12)) // the first lease ends
	record(t, s, ended(first[0], 5))
	want(At(14))
	record(t, s, integrations.Record{ID: "delivery3", Fence: second[0].Fence, At: At(5), Due: At(40), State: integrations.Waiting})
	want(At(30))
	third := wantClaim(t, s, 30, 1, "delivery30")
	record(t, s, ended(third[0], 31))
	want(At(40))
	fourth := wantClaim(t, s, 40, 1, "delivery3")
	record(t, s, ended(fourth[0], 41))
	want(time.Time{})
	must(t, s.AddEffects(t.Context(), Ordered(50, 51, "a")))
	want(time.Time{}) // nothing parked is due for whoever asks for no lane
}

// testClaimRace has many claimers carry out many deliveries, each of them twice.
func testClaimRace(t *testing.T, s Store) {
	const deliveries, claimers = 100, 8
	must(t, s.AddEffects(t.Context(), Effects(1, deliveries, "a")))
	var mu sync.Mutex
	claims := map[string]int{}
	var wg sync.WaitGroup
	for range claimers {
		wg.Go(func() {
			for {
				rows, err := s.Claim(t.Context(), integrations.Claim{Now: At(deliveries), Lease: time.Hour, Limit: 3})
				if err != nil || len(rows) == 0 {
					wantError(t, "Claim", err, nil)
					return
				}
				for _, r := range rows {
					mu.Lock()
					claims[r.ID]++
					again := claims[r.ID] == 1
					mu.Unlock()
					end := ended(r, deliveries)
					if again {
						end.State = integrations.Waiting
					}
					if lost, err := s.Record(t.Context(), []integrations.Record{end}); len(lost) > 0 || err != nil {
						t.Errorf("Record lost %v, %v", lost, err)
					}
				}
			}
		})
	}
	wg.Wait()
	for n := 1; n <= deliveries; n++ {
		id := ID("delivery", n)
		if claims[id] != 2 {
			t.Errorf("%s was claimed %d times, want 2", id, claims[id])
		}
		if r, err := s.Row(t.Context(), id); err != nil || r.State != integrations.Done || r.Fence != 2 {
			t.Errorf("%s ended as %s with fence %d (%v)", id, r.State, r.Fence, err)
		}
	}
}
