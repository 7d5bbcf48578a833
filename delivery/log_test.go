package delivery_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/grapnel-chat/grapnel/delivery"
	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/workspace"
)

// memoryLog keeps what becomes of attempts.
type memoryLog struct {
	integrations.ExchangeStore

	mu       sync.Mutex
	outcomes []integrations.ExchangeOutcome
	faults   []string
}

func (m *memoryLog) AddExchanges(_ context.Context, batches []integrations.ExchangeBatch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range batches {
		for _, x := range b.Exchanges {
			m.outcomes = append(m.outcomes, x.Outcome)
			m.faults = append(m.faults, x.Error)
		}
	}
	return nil
}

func (m *memoryLog) Exchanged(context.Context) ([]string, error) { return nil, nil }

// startLog lets a server's attempts be logged.
func (s *server) startLog() (*integrations.Journal, *memoryLog) {
	s.t.Helper()
	sealer, err := integrations.NewSealer([]byte("key"))
	must(s.t, err)
	kept := &memoryLog{}
	j := integrations.NewJournal(integrations.JournalConfig{Store: kept, Index: s.index, Sealer: sealer, Logger: s.logger(), Body: 1 << 10})
	ctx, end := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { j.Run(ctx) })
	s.stops = append(s.stops, func() { end(); running.Wait() })
	return j, kept
}

// TestLostAttemptIsLogged holds that a call which was made is in the log also where it no longer counts,
// unless its integration is gone.
func TestLostAttemptIsLogged(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		meanwhile func(s *server, i integrations.Integration)
		want      []integrations.ExchangeOutcome
	}{
		"nothing": {func(*server, integrations.Integration) {}, []integrations.ExchangeOutcome{integrations.ExchangeDone}},
		"ended by somebody else": {func(s *server, i integrations.Integration) {
			rows, _, err := s.store.Rows(s.t.Context(), i.ID, workspace.Page{})
			must(s.t, err)
			must(s.t, s.store.EndRow(s.t.Context(), integrations.Record{ID: rows[0].ID, Fence: rows[0].Fence, State: integrations.Dead, At: time.Now()}))
		}, []integrations.ExchangeOutcome{integrations.ExchangeLost}},
		"removed": {func(s *server, i integrations.Integration) {
			must(s.t, s.store.RemoveIntegration(s.t.Context(), i.ID, true))
			s.index.Remove(i.ID)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, s *server) {
				i := s.listener()
				r := &receiver{answer: func(context.Context, int, outbound.Request) (*outbound.Response, error) {
					tt.meanwhile(s, i)
					return response(200, `{}`), nil
				}}
				j, kept := s.startLog()
				s.start(r, func(c *delivery.Config) { c.Journal = j })
				s.say("x")
				pass(time.Second)
				if diff := cmp.Diff(tt.want, kept.outcomes); diff != "" {
					t.Errorf("logged (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestPutOffIsLogged holds that the log says why a delivery waits without an attempt that counts.
func TestPutOffIsLogged(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		s.service.Scripts = scripts(func(integrations.ScriptCall) (integrations.ScriptResult, error) {
			return integrations.ScriptResult{}, &integrations.ScriptThrottledError{Until: time.Now().Add(time.Hour), Cause: "stopped after 3s"}
		})
		s.listener(scripted)
		j, kept := s.startLog()
		s.start(answering(response(200, `{}`)), func(c *delivery.Config) { c.Journal = j })
		s.say("x")
		pass(time.Second)
		if len(kept.outcomes) != 1 || kept.outcomes[0] != integrations.ExchangePutOff || !strings.Contains(kept.faults[0], "stopped after 3s") {
			t.Errorf("logged %v with %q, want one that was put off, and why", kept.outcomes, kept.faults)
		}
	})
}
