package integrations_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// memoryLog keeps exchanges in memory, or refuses them, or takes its time.
type memoryLog struct {
	integrations.ExchangeStore

	mu      sync.Mutex
	batches [][]integrations.ExchangeBatch
	refuse  error
	hold    chan struct{} // closed to go on; nil: at once
}

func (m *memoryLog) AddExchanges(_ context.Context, batches []integrations.ExchangeBatch) error {
	if m.hold != nil {
		<-m.hold
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refuse != nil {
		return m.refuse
	}
	for n := range batches {
		batches[n].Exchanges = slices.Clone(batches[n].Exchanges) // they are the journal's
		for _, x := range batches[n].Exchanges {
			x.Detail.RequestHeader = slices.Clone(x.Detail.RequestHeader)
			x.Detail.ResponseHeader = slices.Clone(x.Detail.ResponseHeader)
		}
	}
	m.batches = append(m.batches, batches)
	return nil
}

func (m *memoryLog) Exchanged(context.Context) ([]string, error) { return nil, nil }

// kept answers how many exchanges there are.
func (m *memoryLog) kept() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, batches := range m.batches {
		for _, b := range batches {
			n += len(b.Exchanges)
		}
	}
	return n
}

// startTestJournal runs a journal until stop.
func startTestJournal(t *testing.T, store *memoryLog, out *bytes.Buffer) (j *integrations.Journal, stop func()) {
	t.Helper()
	sealer, err := integrations.NewSealer([]byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	index, err := integrations.OpenIndex(t.Context(), nothing{}, "http://localhost/")
	if err != nil {
		t.Fatal(err)
	}
	j = integrations.NewJournal(integrations.JournalConfig{
		Store: store, Index: index, Sealer: sealer, Logger: slog.New(slog.NewTextHandler(out, nil)), Body: 1 << 20,
	})
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); j.Run(ctx) }()
	return j, func() { end(); <-ended }
}

// nothing is a store without integrations.
type nothing struct{ integrations.Store }

func (nothing) Integrations(context.Context, integrations.Filter, workspace.Page) ([]integrations.Integration, int, error) {
	return nil, 0, nil
}

func (nothing) AllOptions(context.Context) ([]integrations.Options, error) { return nil, nil }

func attempt(body int) integrations.Attempted {
	return integrations.Attempted{
		Delivery: integrations.Delivery{ID: "delivery1", IntegrationID: "integration1"}, At: time.Now(), State: integrations.Done,
		Request: &integrations.Request{Method: "POST", URL: "http://example.com/", Body: make([]byte, body)},
	}
}

func TestJournalGathers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memoryLog{}
		j, stop := startTestJournal(t, store, &bytes.Buffer{})
		for range 100 {
			j.Attempt(attempt(10))
		}
		<-time.After(time.Second)
		synctest.Wait()
		if store.kept() != 100 || len(store.batches) != 1 {
			t.Errorf("%d exchanges in %d writes, want 100 in one", store.kept(), len(store.batches))
		}
		var last string
		for _, e := range store.batches[0][0].Exchanges {
			if e.ID <= last {
				t.Errorf("the id %s comes after %s", e.ID, last)
			}
			last = e.ID
		}
		began := time.Now()
		j.Attempt(attempt(10))
		j.Flush(t.Context())
		if took := time.Since(began); store.kept() != 101 || took > 0 {
			t.Errorf("after a flush of %v there are %d exchanges, want 101 at once", took, store.kept())
		}
		j.Attempt(attempt(10))
		stop()
		if store.kept() != 102 {
			t.Errorf("after the end there are %d exchanges, want 102", store.kept())
		}
		j.Attempt(attempt(10)) // nobody writes any more
		j.Flush(t.Context())
	})
}

// TestJournalIsBounded hands over more than fits while the disk does not answer: nobody waits, and
// what does not fit is counted.
func TestJournalIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, out := &memoryLog{hold: make(chan struct{})}, &bytes.Buffer{}
		j, stop := startTestJournal(t, store, out)
		began := time.Now()
		for range 100 {
			j.Attempt(attempt(1 << 20))
			synctest.Wait()
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("handing over took %v", took)
		}
		dropped := j.Stats().Overflowed
		if dropped < 75 || dropped > 90 {
			t.Errorf("%d of 100 exchanges of 1 MB were dropped, want about 83", dropped)
		}
		close(store.hold)
		j.Flush(t.Context())
		if int64(store.kept())+dropped != 100 {
			t.Errorf("%d are kept and %d dropped, want 100 together", store.kept(), dropped)
		}
		stop()
		if said := out.String(); strings.Count(said, "come faster than they can be written") != 1 {
			t.Errorf("the log says %s", said)
		}
	})
}

func TestJournalWithoutDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, out := &memoryLog{refuse: errors.New("disk is full")}, &bytes.Buffer{}
		j, stop := startTestJournal(t, store, out)
		for range 3 {
			j.Attempt(attempt(10))
			j.Flush(t.Context())
		}
		store.mu.Lock()
		store.refuse = nil
		store.mu.Unlock()
		j.Attempt(attempt(10))
		j.Flush(t.Context())
		stop()
		if s := j.Stats(); s.Failed != 3 || s.Kept != 1 || store.kept() != 1 {
			t.Errorf("stats %+v, %d kept, want 3 failed and 1 kept", s, store.kept())
		}
		said := out.String()
		if strings.Count(said, "disk is full") != 1 || strings.Count(said, "are logged again") != 1 {
			t.Errorf("the log says %s", said)
		}
	})
}

func TestNoJournal(t *testing.T) {
	var j *integrations.Journal
	j.Attempt(attempt(1))
	j.Flush(t.Context())
	j.Run(t.Context())
	if s := j.Stats(); s != (integrations.JournalStats{}) {
		t.Errorf("stats %+v", s)
	}
}
