package mongo

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store/storetest"
)

func openTestLog(t *testing.T, more func(*options.ClientOptions)) *Log {
	t.Helper()
	l, err := openLog(t.Context(), newDatabase(t), more)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return l
}

func TestLog(t *testing.T) {
	storetest.RunExchanges(t, func(t *testing.T) integrations.ExchangeStore { return openTestLog(t, plain) })
}

func addExchange(t *testing.T, l *Log, n int, kept integrations.ExchangesKept, change func(*integrations.Exchange)) {
	t.Helper()
	e := storetest.Exchange(n, "a")
	change(&e)
	err := l.AddExchanges(t.Context(), []integrations.ExchangeBatch{{IntegrationID: "a", Kept: kept, Exchanges: []integrations.Exchange{e}}})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLogCountsAnew has a total that says too much, as after a crash.
func TestLogCountsAnew(t *testing.T) {
	l := openTestLog(t, plain)
	same := func(*integrations.Exchange) {}
	for n := 1; n <= 3; n++ {
		addExchange(t, l, n, integrations.ExchangesKept{}, same)
	}
	if _, err := l.count(t.Context(), "a", 100, 1<<40); err != nil {
		t.Fatal(err)
	}
	if err := l.TrimExchanges(t.Context(), "a", integrations.ExchangesKept{Entries: 3, Bytes: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	addExchange(t, l, 4, integrations.ExchangesKept{Entries: 4, Bytes: 1 << 20}, same)
	list, err := l.Exchanges(t.Context(), integrations.ExchangeFilter{}, 10)
	if err != nil || len(list) != 4 {
		t.Errorf("%d exchanges are left (%v), want 4", len(list), err)
	}
}

// TestLogOfWhatNoDocumentHolds keeps the entry without what it carried.
func TestLogOfWhatNoDocumentHolds(t *testing.T) {
	l := openTestLog(t, plain)
	addExchange(t, l, 1, integrations.ExchangesKept{}, func(e *integrations.Exchange) {
		e.Bare, e.Detail.RequestBody.Bytes = false, make([]byte, 17<<20)
	})
	e, err := l.Exchange(t.Context(), storetest.Exchange(1, "").ID)
	if err != nil || !e.Bare || e.Detail != nil {
		t.Errorf("Exchange = %+v, %v", e, err)
	}
}

// TestLogQueries holds that lists use an index: the server refuses others.
func TestLogQueries(t *testing.T) {
	var r recorder
	l := openTestLog(t, r.set)
	filters := []integrations.ExchangeFilter{
		{},
		{Before: "b"},
		{IntegrationIDs: []string{"a", "b"}, Kind: integrations.Incoming},
		{DeliveryID: "d"},
		{Outcome: integrations.ExchangeDone, Since: storetest.At(1), Until: storetest.At(2)},
	}
	addExchange(t, l, 1, integrations.ExchangesKept{}, func(*integrations.Exchange) {})
	r.take()
	for _, f := range filters {
		if _, err := l.Exchanges(t.Context(), f, 5); err != nil {
			t.Errorf("Exchanges(%+v): %v", f, err)
		}
	}
	used := map[string]string{}
	for _, sent := range r.take() {
		for _, q := range queriesOf(t, sent) {
			used[q.String()] = q.indexes(t, l.s)
		}
	}
	if len(used) != len(filters) {
		t.Errorf("%d kinds of queries were sent, want %d: %v", len(used), len(filters), used)
	}
	for q, index := range used {
		if index == "" || strings.Contains(q, "deliveryId") && !strings.Contains(index, "deliveryId") {
			t.Errorf("%s uses %q", q, index)
		}
	}
}
