package storetest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

var laneTests = []test{
	{"what is parked is claimed from its lane alone", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 4, "a")))
		must(t, s.AddEffects(t.Context(), Effects(5, 5, "b")))
		park(t, s, 4, "delivery1", "delivery2", "delivery3", "delivery4")
		wantClaim(t, s, 100, 10, "delivery5")
		wantLaneClaim(t, s, 100, 10, "lane of b")
		wantLaneClaim(t, s, 100, 2, "lane of a", "delivery1", "delivery2")
		wantLaneClaim(t, s, 100, 10, "lane of a", "delivery3", "delivery4")
		wantLaneClaim(t, s, 100, 10, "lane of a")
	}},
	{"a claim from a lane is a claim", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 1, "a")))
		park(t, s, 1, "delivery1")
		rows := wantLaneClaim(t, s, 2, 1, "lane of a", "delivery1")
		want := planned(1, "a")
		want.Fence = 2
		wantSame(t, "Claim", rows, nil, []integrations.Row{want})
		wantRows(t, s, want)
		wantLaneClaim(t, s, 100, 1, "lane of a") // it waits now: whoever asks for no lane finds it once its lease ends
		wantClaim(t, s, 11, 1)
		again := wantClaim(t, s, 12, 1, "delivery1")
		wantLost(t, s, []integrations.Record{ended(rows[0], 13)}, "delivery1")
		record(t, s, ended(again[0], 13))
	}},
	{"the order of a lane is that of adding", func(t *testing.T, s Store) {
		late, early := Effect(1, "a"), Effect(2, "a")
		late.Due, early.Due = At(8), At(3)
		must(t, s.AddEffects(t.Context(), []workspace.Effect{late, early}))
		park(t, s, 8, "delivery2", "delivery1")
		wantLaneClaim(t, s, 8, 5, "lane of a", "delivery1", "delivery2")
	}},
	{"only what is due", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 1, "a")))
		row := wantClaim(t, s, 1, 1, "delivery1")[0]
		record(t, s, integrations.Record{ID: row.ID, Fence: row.Fence, State: integrations.Parked, Due: At(7)})
		wantLaneClaim(t, s, 6, 1, "lane of a")
		wantLaneClaim(t, s, 7, 1, "lane of a", "delivery1")
	}},
	{"lanes with something parked", testLanes},
	{"lanes that were filled", testFilled},
	{"an ordered lane gives its head alone", testHead},
	{"an ordered lane waits for its head", testHeadWaits},
	{"an ordered head is due", func(t *testing.T, s Store) {
		effects := Ordered(1, 2, "a")
		effects[0].Due = At(9)
		must(t, s.AddEffects(t.Context(), effects))
		wantHead(t, s, 8)
		wantHead(t, s, 9, "delivery1")
	}},
	{"one claimer of a head", testHeadRace},
	{"held until it is released", testHeld},
}

// park claims what is due at a second, which must be these, and parks it.
func park(t *testing.T, s Store, at int, ids ...string) {
	t.Helper()
	for _, r := range wantClaim(t, s, at, len(ids), ids...) {
		record(t, s, integrations.Record{ID: r.ID, Fence: r.Fence, State: integrations.Parked})
	}
}

// wantLaneClaim claims from a lane and checks which deliveries that gives, in their order.
func wantLaneClaim(t *testing.T, s Store, at, limit int, lane string, want ...string) []integrations.Row {
	t.Helper()
	c := due(at, limit)
	c.Lane = lane
	return wantClaimOf(t, s, c, want...)
}

// wantHead claims the head of the ordered lane of "a".
func wantHead(t *testing.T, s Store, at int, want ...string) []integrations.Row {
	t.Helper()
	c := due(at, 1)
	c.Lane, c.Head = "ordered lane of a", true
	return wantClaimOf(t, s, c, want...)
}

func wantClaimOf(t *testing.T, s Store, c integrations.Claim, want ...string) []integrations.Row {
	t.Helper()
	rows, err := s.Claim(t.Context(), c)
	must(t, err)
	var got []string
	for _, r := range rows {
		got = append(got, r.ID)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("Claim(%+v) = %v, want %v", c, got, want)
	}
	return rows
}

func testLanes(t *testing.T, s Store) {
	want := func(after string, limit int, want ...string) {
		t.Helper()
		got, err := s.Lanes(t.Context(), after, limit)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("Lanes(%q, %d) = %v, %v, want %v", after, limit, got, err, want)
		}
	}
	want("", 10)
	must(t, s.AddEffects(t.Context(), Ordered(1, 3, "c")))
	must(t, s.AddEffects(t.Context(), Ordered(4, 4, "a")))
	must(t, s.AddEffects(t.Context(), Ordered(5, 6, "b")))
	must(t, s.AddEffects(t.Context(), Effects(7, 8, "d")))
	park(t, s, 7, "delivery7")
	a, b, c, d := "ordered lane of a", "ordered lane of b", "ordered lane of c", "lane of d"
	want("", 10, d, a, b, c)
	want("", 2, d, a)
	want(a, 2, b, c)
	want(c, 2)
	wantHead(t, s, 20, "delivery4")
	want("", 10, d, b, c) // what is claimed is not parked
}

func testFilled(t *testing.T, s Store) {
	want := func(want ...string) {
		t.Helper()
		got := s.Filled()
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("Filled = %v, want %v", got, want)
		}
	}
	want()
	must(t, s.AddEffects(t.Context(), Effects(1, 2, "a")))
	want() // these wait
	must(t, s.AddEffects(t.Context(), Ordered(3, 4, "a")))
	must(t, s.AddMessages(t.Context(), Messages(1, 1, "room1"), Ordered(5, 5, "b")))
	want("ordered lane of a", "ordered lane of b")
	want()
	must(t, s.SaveMessage(t.Context(), Message(1, "room1"), Ordered(6, 6, "b")))
	want("ordered lane of b")
	if err := s.AddEffects(t.Context(), Ordered(6, 6, "c")); err == nil {
		t.Error("AddEffects of an id that is taken has no error")
	}
	want()
	park(t, s, 2, "delivery1", "delivery2")
	want() // the worker has parked these itself
}

func testHead(t *testing.T, s Store) {
	wantLaneDue := func(want time.Time) {
		t.Helper()
		if got, err := s.LaneDue(t.Context(), "ordered lane of a"); err != nil || !got.Equal(want) {
			t.Errorf("LaneDue = %v, %v, want %v", got, err, want)
		}
	}
	wantLaneDue(time.Time{})
	effects := Ordered(1, 3, "a")
	must(t, s.AddEffects(t.Context(), effects))
	must(t, s.AddEffects(t.Context(), Effects(4, 4, "a"))) // another lane
	wantLaneDue(effects[0].Due)
	first := wantHead(t, s, 10, "delivery1")
	wantLaneDue(effects[1].Due)
	wantHead(t, s, 10)
	wantHead(t, s, 1000) // also once the lease has ended: somebody else claims that
	record(t, s, ended(first[0], 11))
	second := wantHead(t, s, 11, "delivery2")
	r := ended(second[0], 12)
	r.State = integrations.Dead
	record(t, s, r)
	third := wantHead(t, s, 12, "delivery3")
	record(t, s, ended(third[0], 12))
	wantHead(t, s, 13)
	must(t, s.AddEffects(t.Context(), Ordered(5, 5, "a")))
	wantHead(t, s, 13, "delivery5")
}

func testHeadWaits(t *testing.T, s Store) {
	must(t, s.AddEffects(t.Context(), Ordered(1, 2, "a")))
	head := wantHead(t, s, 5, "delivery1")[0]
	record(t, s, integrations.Record{ID: head.ID, Fence: head.Fence, State: integrations.Waiting, At: At(6), Due: At(20), Progress: []byte("failed")})
	wantHead(t, s, 10) // it waits for its next attempt
	wantHead(t, s, 30)
	head = wantClaim(t, s, 30, 5, "delivery1")[0]
	wantHead(t, s, 30)
	record(t, s, integrations.Record{ID: head.ID, Fence: head.Fence, State: integrations.Parked})
	head = wantHead(t, s, 31, "delivery1")[0] // still in front
	record(t, s, integrations.Record{ID: head.ID, Fence: head.Fence, State: integrations.Held})
	wantHead(t, s, 32)
	n, err := s.Release(t.Context(), "a", 5)
	wantSame(t, "Release", n, err, 1)
	head = wantHead(t, s, 33, "delivery1")[0]
	wantClaim(t, s, 43, 5, "delivery1") // a lease that has ended
	wantLost(t, s, []integrations.Record{ended(head, 44)}, "delivery1")
	wantHead(t, s, 44)
}

// testHeadRace has many claim from one ordered lane.
func testHeadRace(t *testing.T, s Store) {
	const deliveries, claimers = 40, 8
	must(t, s.AddEffects(t.Context(), Ordered(1, deliveries, "a")))
	var mu sync.Mutex
	var order []string // two that were given at once would mostly be noted the wrong way round
	left := deliveries
	var wg sync.WaitGroup
	for range claimers {
		wg.Go(func() {
			for {
				mu.Lock()
				done := left == 0
				mu.Unlock()
				if done {
					return
				}
				rows, err := s.Claim(t.Context(), integrations.Claim{Now: At(deliveries), Lease: lease, Limit: 5, Lane: "ordered lane of a", Head: true})
				if err != nil {
					t.Error(err)
					return
				}
				for _, r := range rows {
					mu.Lock()
					order = append(order, r.ID)
					left--
					mu.Unlock()
					if lost, err := s.Record(t.Context(), []integrations.Record{ended(r, deliveries)}); len(lost) > 0 || err != nil {
						t.Errorf("Record lost %v, %v", lost, err)
					}
				}
			}
		})
	}
	wg.Wait()
	for n, id := range order {
		if id != ID("delivery", n+1) {
			t.Fatalf("claimed in the order %v", order)
		}
	}
}

func testHeld(t *testing.T, s Store) {
	wantKeys := func(want ...string) {
		t.Helper()
		got, err := s.HeldKeys(t.Context())
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("HeldKeys = %v, %v, want %v", got, err, want)
		}
	}
	hold := func(at int, ids ...string) {
		t.Helper()
		for _, r := range wantClaim(t, s, at, len(ids), ids...) {
			record(t, s, integrations.Record{ID: r.ID, Fence: r.Fence, State: integrations.Held})
		}
	}
	release := func(limit, want int) {
		t.Helper()
		n, err := s.Release(t.Context(), "a", limit)
		wantSame(t, "Release", n, err, want)
	}
	wantKeys()
	release(5, 0)
	must(t, s.AddEffects(t.Context(), Effects(1, 3, "a")))
	must(t, s.AddEffects(t.Context(), Effects(4, 4, "b")))
	hold(4, "delivery1", "delivery2", "delivery3", "delivery4")
	wantKeys("a", "b")
	wantClaim(t, s, 100, 5)
	wantLaneClaim(t, s, 100, 5, "lane of a")
	must(t, s.RemoveRows(t.Context(), "a")) // what is held has not ended
	n, err := s.RemoveEnded(t.Context(), At(1000), 5)
	wantSame(t, "RemoveEnded", n, err, 0)
	s.Filled()
	release(2, 2)
	wantSame(t, "Filled", s.Filled(), nil, []string{"lane of a"})
	wantKeys("a", "b")
	wantLaneClaim(t, s, 100, 5, "lane of a", "delivery1", "delivery2")
	release(2, 1)
	release(2, 0)
	wantKeys("b")
	wantLaneClaim(t, s, 100, 5, "lane of a", "delivery3")
	want := planned(4, "b")
	want.State, want.Fence = integrations.Held, 1
	wantRows(t, s, want)
}
