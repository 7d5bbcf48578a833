package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// RunExchanges tests the logs that open answers, each of them empty. Closing them is up to open.
func RunExchanges(t *testing.T, open func(t *testing.T) integrations.ExchangeStore) {
	for _, tt := range exchangeTests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
}

// Exchange answers exchange n of an integration, with something in every member. Ids stand in the
// order of n.
func Exchange(n int, integrationID string) integrations.Exchange {
	return integrations.Exchange{
		ID: fmt.Sprintf("exchange%05d", n), IntegrationID: integrationID, Kind: integrations.Outgoing, At: At(n), Took: 1500 * time.Microsecond,
		Outcome: integrations.ExchangeRetry, Error: "no <route> \x00", RequestID: ID("request", n), ReplayOf: ID("exchange", n-1), Bare: true,
		DeliveryID: ID("delivery", n%3), Attempt: n, Status: 503, Step: integrations.StepCalled, Next: At(n + 1), Size: 1 << 33,
		Detail: &integrations.Detail{
			Address: "2001:db8::1", Method: "POST", URL: "https://example.com/?a=<1>",
			RequestHeader:  []integrations.HeaderLine{{Name: "x", Value: "é\n"}, {Name: "authorization", Secret: true}},
			RequestBody:    integrations.Excerpt{Bytes: []byte("\x00\xff{"), Size: 1 << 33},
			ResponseHeader: []integrations.HeaderLine{{Name: "server", Value: "a"}},
			ResponseBody:   integrations.Excerpt{Bytes: []byte("ok"), Size: 2},
			Result:         integrations.Excerpt{Bytes: []byte("{}"), Size: 2},
			Console:        []string{"log: a", ""},
			Messages:       []integrations.Sent{{Channel: "#a", RoomID: "room1", MessageID: "message1", Text: "<b>"}},
			Sealed:         []byte{0, 1, 2},
		},
	}
}

// exchanges answers the exchanges of an integration from one number to another.
func exchanges(from, to int, integrationID string) []integrations.Exchange {
	var list []integrations.Exchange
	for n := from; n <= to; n++ {
		list = append(list, Exchange(n, integrationID))
	}
	return list
}

func addExchanges(t *testing.T, s integrations.ExchangeStore, kept integrations.ExchangesKept, list ...integrations.Exchange) {
	t.Helper()
	var batches []integrations.ExchangeBatch
	for _, e := range list {
		last := len(batches) - 1
		if last < 0 || batches[last].IntegrationID != e.IntegrationID {
			batches = append(batches, integrations.ExchangeBatch{IntegrationID: e.IntegrationID, Kept: kept})
			last++
		}
		batches[last].Exchanges = append(batches[last].Exchanges, e)
	}
	must(t, s.AddExchanges(t.Context(), batches))
}

// wantExchanges checks which exchanges a list holds, by their numbers.
func wantExchanges(t *testing.T, s integrations.ExchangeStore, f integrations.ExchangeFilter, limit int, want ...int) {
	t.Helper()
	list, err := s.Exchanges(t.Context(), f, limit)
	must(t, err)
	got := []string{}
	for _, e := range list {
		got = append(got, e.ID)
		if e.Detail != nil {
			t.Errorf("the list holds the detail of %s", e.ID)
		}
	}
	ids := []string{}
	for _, n := range want {
		ids = append(ids, Exchange(n, "").ID)
	}
	if !slices.Equal(got, ids) {
		t.Errorf("Exchanges(%+v, %d) = %v, want %v", f, limit, got, ids)
	}
}

var none integrations.ExchangesKept

var exchangeTests = []struct {
	name string
	run  func(t *testing.T, s integrations.ExchangeStore)
}{
	{"round trip", func(t *testing.T, s integrations.ExchangeStore) {
		bare := integrations.Exchange{ID: "exchange00002", IntegrationID: "a", Kind: integrations.Incoming, At: At(2)}
		empty := integrations.Exchange{ID: "exchange00003", IntegrationID: "b", At: At(3), Detail: &integrations.Detail{}}
		all := []integrations.Exchange{Exchange(1, "a"), bare, empty, Exchange(4, "a")}
		addExchanges(t, s, none, all...)
		for _, want := range all {
			got, err := s.Exchange(t.Context(), want.ID)
			wantSame(t, "Exchange", got, err, want)
		}
		for _, id := range []string{"exchange00000", "exchange00001a", "exchange00005", ""} {
			_, err := s.Exchange(t.Context(), id)
			wantError(t, "Exchange "+id, err, workspace.ErrNotFound)
		}
	}},
	{"lists", func(t *testing.T, s integrations.ExchangeStore) {
		wantExchanges(t, s, integrations.ExchangeFilter{}, 10)
		var mixed []integrations.Exchange
		for n := 1; n <= 9; n++ {
			e := Exchange(n, ID("integration", n%2))
			if n > 6 {
				e.Kind, e.Outcome = integrations.Incoming, integrations.ExchangePosted
			}
			mixed = append(mixed, e)
		}
		addExchanges(t, s, none, mixed[:4]...)
		addExchanges(t, s, none, mixed[4:]...)
		filter := func(f integrations.ExchangeFilter) integrations.ExchangeFilter { return f }
		wantExchanges(t, s, filter(integrations.ExchangeFilter{}), 20, 9, 8, 7, 6, 5, 4, 3, 2, 1)
		wantExchanges(t, s, filter(integrations.ExchangeFilter{}), 3, 9, 8, 7)
		wantExchanges(t, s, filter(integrations.ExchangeFilter{Before: mixed[5].ID}), 3, 5, 4, 3)
		wantExchanges(t, s, filter(integrations.ExchangeFilter{IntegrationIDs: []string{"integration1"}}), 20, 9, 7, 5, 3, 1)
		wantExchanges(t, s, filter(integrations.ExchangeFilter{IntegrationIDs: []string{"integration1"}, Before: mixed[4].ID}), 1, 3)
		wantExchanges(t, s, filter(integrations.ExchangeFilter{IntegrationIDs: []string{"integration1", "integration0"}}), 2, 9, 8)
		wantExchanges(t, s, filter(integrations.ExchangeFilter{IntegrationIDs: []string{"integration7", "integration0"}}), 9, 8, 6, 4, 2)
		wantExchanges(t, s, filter(integrations.ExchangeFilter{IntegrationIDs: []string{}}), 20)
		wantExchanges(t, s, filter(integrations.ExchangeFilter{Kind: integrations.Incoming}), 20, 9, 8, 7)
		wantExchanges(t, s, filter(integrations.ExchangeFilter{Outcome: integrations.ExchangeRetry}), 2, 6, 5)
		wantExchanges(t, s, filter(integrations.ExchangeFilter{DeliveryID: "delivery1"}), 20, 7, 4, 1)
		wantExchanges(t, s, filter(integrations.ExchangeFilter{Since: At(3), Until: At(6)}), 20, 5, 4, 3)
	}},
	{"many at once", func(t *testing.T, s integrations.ExchangeStore) {
		addExchanges(t, s, none, exchanges(1, 500, "a")...)
		wantExchanges(t, s, integrations.ExchangeFilter{}, 2, 500, 499)
		wantExchanges(t, s, integrations.ExchangeFilter{Before: Exchange(201, "").ID}, 1, 200)
		for _, n := range []int{1, 64, 65, 333, 500} {
			got, err := s.Exchange(t.Context(), Exchange(n, "a").ID)
			wantSame(t, "Exchange", got, err, Exchange(n, "a"))
		}
	}},
	{"the oldest are forgotten by number", func(t *testing.T, s integrations.ExchangeStore) {
		addExchanges(t, s, none, exchanges(1, 20, "b")...)
		for from := 1; from <= 41; from += 10 {
			addExchanges(t, s, integrations.ExchangesKept{Entries: 8}, exchanges(from, from+9, "a")...)
		}
		wantExchanges(t, s, integrations.ExchangeFilter{IntegrationIDs: []string{"a"}}, 20, 50, 49, 48, 47, 46, 45, 44, 43)
		wantExchanges(t, s, integrations.ExchangeFilter{IntegrationIDs: []string{"b"}}, 2, 20, 19)
		must(t, s.TrimExchanges(t.Context(), "a", integrations.ExchangesKept{Entries: 2}))
		wantExchanges(t, s, integrations.ExchangeFilter{IntegrationIDs: []string{"a"}}, 20, 50, 49)
	}},
	{"the oldest are forgotten by bytes", func(t *testing.T, s integrations.ExchangeStore) {
		const size = 10 << 10
		for n := 1; n <= 30; n++ {
			e := Exchange(n, "a")
			e.Detail.RequestBody.Bytes = make([]byte, size)
			addExchanges(t, s, integrations.ExchangesKept{Bytes: 10 * size}, e)
		}
		list, err := s.Exchanges(t.Context(), integrations.ExchangeFilter{}, 100)
		must(t, err)
		if len(list) < 7 || len(list) > 10 || list[0].ID != Exchange(30, "").ID {
			t.Errorf("%d exchanges of 10 KB are kept where 100 KB may be, the latest is %s", len(list), list[0].ID)
		}
	}},
	{"the oldest are forgotten by age", func(t *testing.T, s integrations.ExchangeStore) {
		for n := 1; n <= 9; n++ {
			addExchanges(t, s, none, Exchange(n, "a"))
		}
		addExchanges(t, s, integrations.ExchangesKept{Since: At(4)}, Exchange(10, "a"))
		wantExchanges(t, s, integrations.ExchangeFilter{}, 20, 10, 9, 8, 7, 6, 5, 4)
		must(t, s.TrimExchanges(t.Context(), "a", integrations.ExchangesKept{Since: At(20)}))
		wantExchanges(t, s, integrations.ExchangeFilter{}, 20)
		must(t, s.TrimExchanges(t.Context(), "nobody", integrations.ExchangesKept{Since: At(20)}))
	}},
	{"removal", func(t *testing.T, s integrations.ExchangeStore) {
		wantExchanged(t, s)
		addExchanges(t, s, none, Exchange(1, "a"), Exchange(2, "b"), Exchange(3, "c"))
		wantExchanged(t, s, "a", "b", "c")
		must(t, s.RemoveExchanges(t.Context(), "b"))
		must(t, s.RemoveExchanges(t.Context(), "nobody"))
		wantExchanged(t, s, "a", "c")
		wantExchanges(t, s, integrations.ExchangeFilter{}, 20, 3, 1)
	}},
}

func wantExchanged(t *testing.T, s integrations.ExchangeStore, want ...string) {
	t.Helper()
	got, err := s.Exchanged(t.Context())
	must(t, err)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("Exchanged = %v, want %v", got, want)
	}
}
