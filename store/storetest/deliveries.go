package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// wantDeliveries checks which deliveries a list holds, by their numbers.
func wantDeliveries(t *testing.T, s Store, f integrations.DeliveryFilter, limit int, want ...int) {
	t.Helper()
	rows, err := s.Deliveries(t.Context(), f, limit)
	must(t, err)
	got, ids := []string{}, []string{}
	for _, row := range rows {
		got = append(got, row.ID)
	}
	for _, n := range want {
		ids = append(ids, ID("delivery", n))
	}
	if !slices.Equal(got, ids) {
		t.Errorf("Deliveries(%+v, %d) = %v, want %v", f, limit, got, ids)
	}
}

var deliveryTests = []test{
	{"lists", func(t *testing.T, s Store) {
		wantDeliveries(t, s, integrations.DeliveryFilter{}, 10)
		var effects []workspace.Effect
		for n := 1; n <= 6; n++ {
			effects = append(effects, Effect(n, ID("integration", n%2)))
		}
		effects[5].Ordered = true
		must(t, s.AddEffects(t.Context(), effects[:3]))
		must(t, s.AddEffects(t.Context(), effects[3:]))
		for _, n := range []int{1, 2} {
			must(t, s.EndRow(t.Context(), integrations.Record{ID: ID("delivery", n), State: integrations.Dead, At: At(9)}))
		}
		of := func(keys ...string) integrations.DeliveryFilter { return integrations.DeliveryFilter{Keys: keys} }
		in := func(states ...integrations.State) integrations.DeliveryFilter {
			return integrations.DeliveryFilter{States: states}
		}
		wantDeliveries(t, s, integrations.DeliveryFilter{}, 10, 6, 5, 4, 3, 2, 1)
		wantDeliveries(t, s, integrations.DeliveryFilter{}, 2, 6, 5)
		wantDeliveries(t, s, integrations.DeliveryFilter{Beyond: "delivery5"}, 2, 4, 3)
		wantDeliveries(t, s, integrations.DeliveryFilter{Beyond: "delivery1"}, 2)
		wantDeliveries(t, s, integrations.DeliveryFilter{Beyond: "delivery99"}, 2)
		wantDeliveries(t, s, integrations.DeliveryFilter{Oldest: true}, 2, 1, 2)
		wantDeliveries(t, s, integrations.DeliveryFilter{Oldest: true, Beyond: "delivery2"}, 2, 3, 4)
		wantDeliveries(t, s, of("integration1"), 10, 5, 3, 1)
		wantDeliveries(t, s, of("integration1", "integration0"), 1, 6)
		wantDeliveries(t, s, of("nobody"), 10)
		wantDeliveries(t, s, integrations.DeliveryFilter{Keys: []string{}}, 10)
		wantDeliveries(t, s, in(integrations.Dead), 10, 2, 1)
		wantDeliveries(t, s, in(integrations.Waiting), 10, 5, 4, 3)
		wantDeliveries(t, s, in(integrations.Waiting, integrations.Parked, integrations.Held), 10, 6, 5, 4, 3)
		wantDeliveries(t, s, in(integrations.Done), 10)
		wantDeliveries(t, s, integrations.DeliveryFilter{Since: effects[1].At, Until: effects[3].At}, 10, 3, 2)
		wantDeliveries(t, s, integrations.DeliveryFilter{Keys: []string{"integration0"}, States: []integrations.State{integrations.Dead}}, 10, 2)
	}},
	{"end", func(t *testing.T, s Store) {
		must(t, s.AddEffects(t.Context(), Effects(1, 3, "a")))
		end := integrations.Record{ID: "delivery1", State: integrations.Dead, At: At(20), Progress: []byte(`{"a": 1}`)}
		must(t, s.EndRow(t.Context(), end))
		want := planned(1, "a")
		want.State, want.UpdatedAt, want.Progress, want.Fence = integrations.Dead, At(20), []byte(`{"a": 1}`), 1
		wantRows(t, s, want)
		end.Fence = 1
		wantError(t, "EndRow of what has ended", s.EndRow(t.Context(), end), integrations.ErrMoved)
		wantError(t, "EndRow of what is not there", s.EndRow(t.Context(), integrations.Record{ID: "nothing"}), workspace.ErrNotFound)

		held, err := s.Claim(t.Context(), integrations.Claim{Now: At(30), Lease: time.Minute, Limit: 1})
		must(t, err)
		if len(held) != 1 || held[0].ID != "delivery2" {
			t.Fatalf("claimed %v, want delivery2", held)
		}
		end.ID, end.Fence = "delivery2", held[0].Fence-1
		wantError(t, "EndRow with an old fence", s.EndRow(t.Context(), end), integrations.ErrMoved)
		end.Fence = held[0].Fence
		must(t, s.EndRow(t.Context(), end))
		lost, err := s.Record(t.Context(), []integrations.Record{{ID: "delivery2", Fence: held[0].Fence, State: integrations.Done, At: At(31)}})
		must(t, err)
		if !slices.Equal(lost, []string{"delivery2"}) {
			t.Errorf("whoever held it lost %v, want delivery2", lost)
		}
		again, err := s.Claim(t.Context(), integrations.Claim{Now: At(5000), Lease: time.Minute, Limit: 9})
		must(t, err)
		if len(again) != 1 || again[0].ID != "delivery3" {
			t.Errorf("claimed %v afterwards, want delivery3 alone", again)
		}
	}},
}
