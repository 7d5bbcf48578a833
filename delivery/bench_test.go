package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/delivery"
	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/workspace"
)

// BenchmarkIsolation raises events in two servers in turn, each with 20 receivers that answer at once
// and one more: on one server that answers, too, on the other it hangs, and 100,000 deliveries wait for
// it. It measures the time from the event to the last of the 20 calls; "ratio" is what the server with
// the one that hangs takes, of what the other takes.
func BenchmarkIsolation(b *testing.B) {
	const backlog = 100_000
	without, with := newBeside(b, 0), newBeside(b, backlog)
	defer without.stop()
	defer with.stop()
	sides, took := []*beside{without, with}, make([][]time.Duration, 2)
	for turn := 0; b.Loop(); turn++ {
		for n := range sides {
			n = (n + turn) % len(sides) // neither is always the first
			took[n] = append(took[n], sides[n].event(b))
		}
	}
	for n, name := range []string{"without", "with"} {
		slices.Sort(took[n])
		b.ReportMetric(float64(took[n][len(took[n])/2].Microseconds()), "µs-p50/"+name)
		b.ReportMetric(float64(took[n][len(took[n])*99/100].Microseconds()), "µs-p99/"+name)
	}
	b.ReportMetric(float64(took[1][len(took[1])*99/100])/float64(took[0][len(took[0])*99/100]), "ratio-p99")
}

// beside is a server with a worker and its receivers.
type beside struct {
	*server
	arrived chan struct{} // one for each call that was answered
	end     context.CancelFunc
	ended   chan error
}

const receivers = 20

// newBeside makes a server whose last receiver hangs where there is a backlog for it.
func newBeside(b *testing.B, backlog int) *beside {
	b.Helper()
	s := &beside{server: open(b, folder(b)), arrived: make(chan struct{}, 1000), ended: make(chan error, 1)}
	var urls []string
	for n := range receivers {
		urls = append(urls, fmt.Sprint("http://alive.example/", n))
	}
	s.listener(to(urls...))
	extra := s.listener(to(dead))
	s.fill(b, extra, backlog)
	ctx, cancel := context.WithCancel(context.Background())
	s.end = cancel
	worker := delivery.New(delivery.Config{
		Queue: s.store, Service: s.service, Sender: senderFunc(func(ctx context.Context, r outbound.Request) (*outbound.Response, error) {
			switch {
			case r.URL != dead:
				s.arrived <- struct{}{}
			case backlog > 0:
				ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
				defer cancel()
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return response(200, `{}`), nil
		}),
		Policy: integrations.PolicyGrapnel, Logger: s.logger(),
	})
	go func() { s.ended <- worker.Run(ctx) }()
	s.settle(b, backlog)
	return s
}

// fill adds deliveries to a receiver.
func (s *beside) fill(b *testing.B, i integrations.Integration, backlog int) {
	b.Helper()
	at := time.Now().UTC().Truncate(time.Millisecond)
	lane := integrations.LaneTo(i.ID, dead, false).String()
	for n := 0; n < backlog; n += 1000 {
		var effects []workspace.Effect
		for range 1000 {
			effects = append(effects, workspace.Effect{ID: workspace.NewID(), Key: i.ID, Lane: lane, At: at, Due: at, Body: []byte(`{"URL":"` + dead + `","Data":{}}`)})
		}
		must(b, s.store.AddEffects(b.Context(), effects))
	}
}

// settle waits until what hangs is known and what waits for it is parked.
func (s *beside) settle(b *testing.B, backlog int) {
	b.Helper()
	for backlog > 0 {
		counts, err := s.store.Counts(b.Context())
		must(b, err)
		if counts[integrations.Waiting] < 200 && counts[integrations.Parked] > backlog-200 {
			return
		}
		<-time.After(100 * time.Millisecond)
	}
}

// event raises an event and answers how long it took until all that answer were called.
func (s *beside) event(b *testing.B) time.Duration {
	b.Helper()
	start := time.Now()
	s.say("x")
	for range receivers {
		<-s.arrived
	}
	return time.Since(start)
}

func (s *beside) stop() {
	s.end()
	<-s.ended
	s.close()
}

type senderFunc func(ctx context.Context, r outbound.Request) (*outbound.Response, error)

// Do implements delivery.Sender.
func (f senderFunc) Do(ctx context.Context, r outbound.Request) (*outbound.Response, error) {
	return f(ctx, r)
}
