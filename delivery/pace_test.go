package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/workspace"
)

// paced gives an integration a rate.
func (s *server) paced(i integrations.Integration, perSecond float64, burst int) {
	s.options(i, func(o *integrations.Options) { o.Limits.Rate, o.Limits.Burst = perSecond, burst })
}

// wantPace holds that no more calls than the burst came at once and that the others came at the rate,
// all of them.
func wantPace(t *testing.T, calls []call, n int, perSecond float64, burst int) {
	t.Helper()
	if len(calls) != n {
		t.Fatalf("%d calls, want %d", len(calls), n)
	}
	first := calls[0].at
	for k, c := range calls {
		earliest := time.Duration(float64(max(0, k+1-burst)) / perSecond * float64(time.Second))
		if after := c.at.Sub(first); after < earliest-time.Millisecond || after > earliest+100*time.Millisecond {
			t.Errorf("call %d came after %v, want %v", k, after, earliest)
		}
	}
}

// TestARateCountsWhenCallsAreMade lets deliveries wait for a receiver that is down: once it is back, they
// come at the integration's rate, and so do those to its other URL.
func TestARateCountsWhenCallsAreMade(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener(to("http://one.example/", "http://two.example/"))
		s.paced(i, 2, 3)
		for n := range 10 {
			s.say(fmt.Sprint("event ", n))
		}
		pass(time.Hour) // nobody calls
		r := answering(response(200, `{}`))
		s.start(r)
		pass(time.Minute)
		wantPace(t, r.called(), 20, 2, 3)
	})
}

// TestARateCountsRetries has a receiver fail first: retries wait for their turn among all other calls.
func TestARateCountsRetries(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener(to(alive), retrying("powers-of-two", 3)) // again after two seconds
		s.paced(i, 0.2, 1)
		r := &receiver{answer: func(_ context.Context, n int, _ outbound.Request) (*outbound.Response, error) {
			if n < 2 {
				return response(503, `{}`), nil
			}
			return response(200, `{}`), nil
		}}
		s.start(r)
		for n := range 3 {
			s.say(fmt.Sprint("event ", n))
		}
		pass(10 * time.Minute)
		wantPace(t, r.called(), 5, 0.2, 1)
		if n := s.states(i); n[integrations.Done] != 3 {
			t.Errorf("deliveries %v, want 3 done", n)
		}
	})
}

// TestARateHoldsUpNobodyElse has one integration with a slow rate and one without, to the same URL; what the slow one has
// too much of waits in the store.
func TestARateHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		slow, quick := s.listener(to(alive)), s.listener(to(alive))
		s.paced(slow, 1, 1)
		s.start(answering(response(200, `{}`)), fast)
		for n := range 200 {
			s.say(fmt.Sprint("event ", n))
		}
		quiet()
		if n := s.states(quick); n[integrations.Done] != 200 {
			t.Errorf("of the one without a rate: %v, want 200 done", n)
		}
		if n := s.states(slow); n[integrations.Done] > 2 || n[integrations.Parked] < 150 {
			t.Errorf("of the one with a rate: %v, want one done and most of the others parked", n)
		}
		pass(100 * time.Second)
		if n := s.states(slow); n[integrations.Done] < 99 || n[integrations.Done] > 102 {
			t.Errorf("after 100 seconds at one a second: %v, want 100 done", n)
		}
		s.options(slow, func(*integrations.Options) {})
		pass(time.Minute)
		if n := s.states(slow); n[integrations.Done] != 200 {
			t.Errorf("after the rate was lifted: %v, want 200 done", n)
		}
	})
}

// TestARateCountsReplays replays at once what had come slowly.
func TestARateCountsReplays(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener(to(alive))
		s.paced(i, 1, 2)
		r := answering(response(200, `{}`))
		s.start(r)
		for n := range 4 {
			s.say(fmt.Sprint("event ", n))
		}
		pass(time.Hour)
		rows, _, err := s.store.Rows(t.Context(), i.ID, workspace.Page{})
		must(t, err)
		before := len(r.called())
		for _, row := range rows {
			_, err := s.service.ReplayDelivery(t.Context(), s.admin, row.ID)
			must(t, err)
		}
		pass(time.Minute)
		wantPace(t, r.called()[before:], 4, 1, 2)
	})
}

// TestANewRateCountsAtOnce lifts a rate at which the next call would come after minutes.
func TestANewRateCountsAtOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener(to(alive))
		s.paced(i, 0.01, 1)
		r := answering(response(200, `{}`))
		s.start(r, fast)
		for n := range 3 {
			s.say(fmt.Sprint("event ", n))
		}
		pass(10 * time.Second)
		if got := len(r.called()); got != 1 {
			t.Fatalf("%d calls, want one in a hundred seconds", got)
		}
		s.paced(i, 1, 1)
		pass(6 * time.Second)
		if got := len(r.called()); got != 3 {
			t.Errorf("%d calls after the rate was raised, want 3", got)
		}
	})
}
