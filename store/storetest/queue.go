package storetest

import (
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// planned is what Effect(n, key) is in the queue before anybody claims it.
func planned(n int, key string) integrations.Row { return rowOf(Effect(n, key)) }

// rowOf is what an effect is in the queue before anybody claims it.
func rowOf(e workspace.Effect) integrations.Row {
	state := integrations.Waiting
	if e.Ordered {
		state = integrations.Parked
	}
	return integrations.Row{
		ID: e.ID, Key: e.Key, Lane: e.Lane, CreatedAt: e.At, UpdatedAt: e.At, Due: e.Due, State: state, Body: e.Body,
	}
}

func wantRows(t *testing.T, s Store, rows ...integrations.Row) {
	t.Helper()
	for _, want := range rows {
		got, err := s.Row(t.Context(), want.ID)
		wantSame(t, "Row", got, err, want)
	}
}

func wantNoRows(t *testing.T, s Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		_, err := s.Row(t.Context(), id)
		wantError(t, "Row "+id, err, workspace.ErrNotFound)
	}
}

func rowID(r integrations.Row) string { return r.ID }

// end claims delivery n, which must be the next one, and records its end.
func end(t *testing.T, s Store, n int, state integrations.State, at int) {
	t.Helper()
	r := ended(wantClaim(t, s, n, 1, ID("delivery", n))[0], at)
	r.State = state
	record(t, s, r)
}

var queueTests = []test{
	{"round trip", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 3, "a")))
		wantRows(t, s, planned(1, "a"), planned(2, "a"), planned(3, "a"))
		must(t, s.AddEffects(t.Context(), nil))
	}},
	{"not found", func(t *testing.T, s Store) {
		wantNoRows(t, s, "delivery1")
		wantPage(t, "Rows", func() ([]integrations.Row, int, error) {
			return s.Rows(t.Context(), "a", workspace.Page{})
		}, rowID, nil, 0)
		must(t, s.RemoveRows(t.Context(), "a"))
	}},
	{"all or none", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(2, 2, "a")))
		wantError(t, "AddEffects", s.AddEffects(t.Context(), Effects(1, 3, "b")), workspace.ErrConflict)
		wantNoRows(t, s, "delivery1", "delivery3")
		wantRows(t, s, planned(2, "a"))
	}},
	{"list", testRows},
	{"created when the event happened, due later", func(t *testing.T, s Store) {
		late := Effect(1, "a")
		late.Due = At(9)
		must(t, s.AddMessages(t.Context(), Messages(1, 1, "room1"), []workspace.Effect{late}))
		wantRows(t, s, rowOf(late))
		wantClaim(t, s, 8, 5)
		wantClaim(t, s, 9, 5, "delivery1")
	}},
	{"backlog and counts", testCounts},
	{"forgetting keeps what waits", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 4, "a")))
		must(t, s.AddEffects(t.Context(), Effects(5, 5, "b")))
		end(t, s, 1, integrations.Done, 1)
		end(t, s, 2, integrations.Dead, 2)
		rows := wantClaim(t, s, 3, 1, "delivery3")
		must(t, s.RemoveRows(t.Context(), "a"))
		wantNoRows(t, s, "delivery1", "delivery2")
		wantPage(t, "Rows", func() ([]integrations.Row, int, error) {
			return s.Rows(t.Context(), "a", workspace.Page{})
		}, rowID, []string{"delivery4", "delivery3"}, 2)
		wantRows(t, s, rows[0], planned(4, "a"), planned(5, "b"))
	}},
	{"forgetting what has ended", testRemoveEnded},
	{"says that something was added", testAdded},
}

func testRemoveEnded(t *testing.T, s Store) {
	remove := func(before, limit, want int) {
		t.Helper()
		removed, err := s.RemoveEnded(t.Context(), At(before), limit)
		wantSame(t, "RemoveEnded", removed, err, want)
	}
	remove(100, 5, 0)
	must(t, s.AddEffects(t.Context(), Effects(1, 3, "a")))
	must(t, s.AddEffects(t.Context(), Effects(4, 6, "b")))
	end(t, s, 1, integrations.Done, 40)
	end(t, s, 2, integrations.Dead, 30)
	end(t, s, 3, integrations.Done, 50)
	end(t, s, 4, integrations.Dead, 50)
	claimed := wantClaim(t, s, 5, 1, "delivery5")
	remove(30, 5, 0)
	remove(100, 0, 0)
	remove(31, 5, 1)
	wantNoRows(t, s, "delivery2")
	remove(50, 5, 1)
	wantNoRows(t, s, "delivery1")
	remove(100, 1, 1)
	remove(100, 5, 1)
	wantNoRows(t, s, "delivery3", "delivery4")
	remove(100, 5, 0)
	wantRows(t, s, claimed[0], planned(6, "b"))
	record(t, s, ended(claimed[0], 60))
	remove(61, 5, 1)
	wantNoRows(t, s, "delivery5")
}

func testCounts(t *testing.T, s Store) {
	want := func(backlog, waiting, parked, held, dead int) {
		t.Helper()
		n, err := s.Backlog(t.Context(), "a")
		wantSame(t, "Backlog", n, err, backlog)
		got, err := s.Counts(t.Context())
		if err != nil || got[integrations.Waiting] != waiting || got[integrations.Parked] != parked ||
			got[integrations.Held] != held || got[integrations.Dead] != dead || got[integrations.Done] != 0 {
			t.Errorf("Counts = %v, %v; want %d waiting, %d parked, %d held, %d dead", got, err, waiting, parked, held, dead)
		}
	}
	want(0, 0, 0, 0, 0)
	must(t, s.AddEffects(t.Context(), Effects(1, 6, "a")))
	must(t, s.AddEffects(t.Context(), Effects(7, 7, "b")))
	must(t, s.AddEffects(t.Context(), Ordered(8, 8, "b")))
	want(6, 7, 1, 0, 0)
	rows := wantClaim(t, s, 5, 5, "delivery1", "delivery2", "delivery3", "delivery4", "delivery5")
	want(6, 7, 1, 0, 0) // who is claimed waits
	for n, state := range []integrations.State{integrations.Done, integrations.Dead, integrations.Parked, integrations.Held} {
		r := ended(rows[n], 6)
		r.State = state
		record(t, s, r)
	}
	want(4, 3, 2, 1, 1)
}

func testRows(t *testing.T, s Store) {
	must(t, s.AddEffects(t.Context(), Effects(1, 4, "a")))
	must(t, s.AddEffects(t.Context(), Effects(5, 5, "b")))
	end(t, s, 1, integrations.Done, 50)
	end(t, s, 2, integrations.Dead, 40)
	end(t, s, 3, integrations.Done, 40)
	latest := []string{"delivery1", "delivery3", "delivery2", "delivery4"}
	up := []string{"delivery1", "delivery2", "delivery3", "delivery4"}
	tests := []struct {
		name string
		page workspace.Page
		want []string
	}{
		{"latest change first", workspace.Page{}, latest},
		{"unknown field", workspace.Page{Sort: ascending("shoeSize")}, latest},
		{"by change", workspace.Page{Sort: ascending("_updatedAt")}, []string{"delivery4", "delivery2", "delivery3", "delivery1"}},
		{"by creation", workspace.Page{Sort: ascending("_createdAt")}, up},
		{"by id", workspace.Page{Sort: ascending("_id")}, up},
		{"page", workspace.Page{Offset: 1, Count: 2}, latest[1:3]},
		{"after the end", workspace.Page{Offset: 4, Count: 2}, nil},
	}
	for _, tt := range tests {
		wantPage(t, tt.name, func() ([]integrations.Row, int, error) { return s.Rows(t.Context(), "a", tt.page) }, rowID, tt.want, 4)
	}
	rows, _, err := s.Rows(t.Context(), "b", workspace.Page{})
	wantSame(t, "Rows", rows, err, []integrations.Row{planned(5, "b")})
}

func testAdded(t *testing.T, s Store) {
	added := func() bool {
		select {
		case <-s.Added():
			return true
		default:
			return false
		}
	}
	want := func(what string) {
		t.Helper()
		if !added() {
			t.Errorf("no signal after %s", what)
		}
	}
	added() // an empty store may have signalled
	must(t, s.AddEffects(t.Context(), Effects(1, 2, "a")))
	want("AddEffects")
	must(t, s.AddMessages(t.Context(), Messages(1, 1, "room1"), Effects(3, 3, "a")))
	want("AddMessages")
	must(t, s.SaveMessage(t.Context(), Message(1, "room1"), Effects(4, 4, "a")))
	want("SaveMessage")
	must(t, s.AddEffects(t.Context(), Ordered(5, 5, "a")))
	want("AddEffects of one that is parked at once")
	rows := wantClaim(t, s, 1, 1, "delivery1")
	record(t, s, integrations.Record{ID: rows[0].ID, Fence: rows[0].Fence, At: At(2), Due: At(3), State: integrations.Waiting})
	want("Record of one that waits")
	rows = wantClaim(t, s, 2, 1, "delivery2")
	record(t, s, integrations.Record{ID: rows[0].ID, Fence: rows[0].Fence, State: integrations.Held})
	added()
	_, err := s.Release(t.Context(), "a", 5)
	must(t, err)
	want("Release")
}
