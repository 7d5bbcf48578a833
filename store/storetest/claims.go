package storetest

import (
	"context"
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
		rows, err := s.Claim(t.Context(), At(1), lease, 5)
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
		wantError(t, "Record under the first claim", s.Record(t.Context(), ended(first[0], 12)), integrations.ErrLeaseLost)
		wantRows(t, s, second[0])
		must(t, s.Record(t.Context(), ended(second[0], 12)))
	}},
	{"a lease that ended without another claim still counts", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 1, "a")))
		rows := wantClaim(t, s, 1, 1, "delivery1")
		must(t, s.Record(t.Context(), ended(rows[0], 50)))
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
			must(t, s.Record(t.Context(), r))
			want := planned(n+1, "a")
			want.UpdatedAt, want.State, want.Fence, want.Progress = At(3), state, 1, r.Progress
			wantRows(t, s, want)
			wantError(t, "Record once more", s.Record(t.Context(), r), integrations.ErrLeaseLost)
		}
		wantClaim(t, s, 100, 5)
	}},
	{"record another attempt", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 1, "a")))
		rows := wantClaim(t, s, 1, 1, "delivery1")
		r := integrations.Record{ID: "delivery1", Fence: rows[0].Fence, At: At(2), Due: At(5), State: integrations.Waiting, Progress: []byte("\x00{ }\xff")}
		must(t, s.Record(t.Context(), r))
		want := planned(1, "a")
		want.UpdatedAt, want.Due, want.Fence, want.Progress = At(2), At(5), rows[0].Fence, r.Progress
		wantRows(t, s, want)
		wantClaim(t, s, 4, 1)
		wantError(t, "Record once more", s.Record(t.Context(), r), integrations.ErrLeaseLost)
		rows = wantClaim(t, s, 5, 1, "delivery1")
		must(t, s.Record(t.Context(), ended(rows[0], 6)))
	}},
	{"record what was removed", func(t *testing.T, s Store) {
		must(t, s.AddIntegration(t.Context(), Outgoing(1)))
		must(t, s.AddEffects(t.Context(), Effects(1, 1, "integration1")))
		rows := wantClaim(t, s, 1, 1, "delivery1")
		must(t, s.RemoveIntegration(t.Context(), "integration1", true))
		wantError(t, "Record", s.Record(t.Context(), ended(rows[0], 2)), workspace.ErrNotFound)
		wantNoRows(t, s, "delivery1")
	}},
	{"next due", testNextDue},
	{"one claimer each", testClaimRace},
	{"a claim whose caller has left takes nothing", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 1, "a")))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Claim(ctx, At(1), lease, 1)
		wantError(t, "Claim", err, context.Canceled)
		wantRows(t, s, planned(1, "a"))
	}},
}

// wantClaim claims at a second and checks which deliveries that gives, in their order.
func wantClaim(t *testing.T, s Store, at, limit int, want ...string) []integrations.Row {
	t.Helper()
	var rows []integrations.Row
	wantPage(t, "Claim", func() (claimed []integrations.Row, total int, err error) {
		rows, err = s.Claim(t.Context(), At(at), lease, limit)
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
	must(t, s.Record(t.Context(), ended(first[0], 5)))
	want(At(14))
	must(t, s.Record(t.Context(), integrations.Record{ID: "delivery3", Fence: second[0].Fence, At: At(5), Due: At(40), State: integrations.Waiting}))
	want(At(30))
	third := wantClaim(t, s, 30, 1, "delivery30")
	must(t, s.Record(t.Context(), ended(third[0], 31)))
	want(At(40))
	fourth := wantClaim(t, s, 40, 1, "delivery3")
	must(t, s.Record(t.Context(), ended(fourth[0], 41)))
	want(time.Time{})
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
				rows, err := s.Claim(t.Context(), At(deliveries), time.Hour, 3)
				if err != nil || len(rows) == 0 {
					wantError(t, "Claim", err, nil)
					return
				}
				for _, r := range rows {
					mu.Lock()
					claims[r.ID]++
					again := claims[r.ID] == 1
					mu.Unlock()
					record := ended(r, deliveries)
					if again {
						record.State = integrations.Waiting
					}
					wantError(t, "Record", s.Record(t.Context(), record), nil)
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
