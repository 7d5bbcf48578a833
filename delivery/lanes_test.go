package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grapnel-chat/grapnel/delivery"
	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/workspace"
)

// fast lets a worker look around as often as a server does.
func fast(c *delivery.Config) { c.Rounds = 2 * time.Second }

// to lets an integration call these URLs.
func to(urls ...string) func(*integrations.Integration) {
	return func(i *integrations.Integration) { i.URLs = urls }
}

// options sets what an integration says beside its record.
func (s *server) options(i integrations.Integration, change func(*integrations.Options)) {
	s.t.Helper()
	o := integrations.Options{IntegrationID: i.ID, UpdatedAt: time.Now().UTC().Truncate(time.Millisecond)}
	change(&o)
	must(s.t, s.store.SaveOptions(s.t.Context(), o))
	s.index.PutOptions(o)
}

// states counts the deliveries of an integration by their state.
func (s *server) states(i integrations.Integration) map[integrations.State]int {
	s.t.Helper()
	rows, _, err := s.store.Rows(s.t.Context(), i.ID, workspace.Page{})
	must(s.t, err)
	n := map[integrations.State]int{}
	for _, r := range rows {
		n[r.State]++
	}
	return n
}

// textsOf answers what the calls to a URL said, in their order.
func textsOf(calls []call, url string) (texts []string) {
	for _, c := range calls {
		if c.URL == url {
			_, rest, _ := strings.Cut(string(c.Body), `"text":"`)
			text, _, _ := strings.Cut(rest, `"`)
			texts = append(texts, text)
		}
	}
	return texts
}

const (
	dead  = "http://dead.example/in"
	alive = "http://alive.example/in"
)

// hanging answers calls to alive at once, and lets the others wait until their context ends or the
// receiver is mended.
func hanging(mended <-chan struct{}) *receiver {
	return &receiver{answer: func(ctx context.Context, _ int, r outbound.Request) (*outbound.Response, error) {
		if r.URL == alive {
			return response(200, `{}`), nil
		}
		ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		select {
		case <-mended:
			return response(200, `{}`), nil
		case <-ctx.Done():
			return nil, &outbound.TimeoutError{Limit: 20 * time.Second}
		}
	}}
}

// TestDeadReceiverDelaysItselfAlone holds that however much waits for a receiver that hangs, others are
// called at once, and that nothing is lost for it.
func TestDeadReceiverDelaysItselfAlone(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		const backlog = 3000
		down := s.listener(to(dead))
		mended := make(chan struct{})
		r := hanging(mended)
		s.start(r, func(c *delivery.Config) { c.Policy, c.Rounds = integrations.PolicyGrapnel, 20*time.Second })
		for n := range backlog {
			s.say(fmt.Sprint("before ", n))
		}
		for round := range 30 {
			up := s.listener(to(alive))
			asked := time.Now()
			s.say(fmt.Sprint("round ", round))
			quiet()
			if d, state := s.delivery(up); state != integrations.Done || d.UpdatedAt.Sub(asked) > 100*time.Millisecond {
				t.Fatalf("round %d: the other's delivery is %s %v after its event", round, state, d.UpdatedAt.Sub(asked))
			}
			must(t, s.store.RemoveIntegration(t.Context(), up.ID, true))
			s.index.Remove(up.ID)
			pass(7 * time.Second)
		}
		if n := s.states(down); n[integrations.Done] != 0 || n[integrations.Parked] < backlog-1100 {
			t.Errorf("while it hangs: %v, want most parked", n)
		}
		if calls := len(textsOf(r.called(), dead)); calls > 64+9+9 { // nine more began while nine had failed
			t.Errorf("%d calls to the one that hangs, want no more than began before it was known, and probes", calls)
		}
		close(mended)
		pass(2 * time.Hour) // those that failed wait for their next attempts
		if n := s.states(down); n[integrations.Done] != backlog+30 {
			t.Errorf("once it works again: %v, want all %d done", n, backlog+30)
		}
		if opened := s.log.lines(t, "receiver is not called for a while, its deliveries wait"); len(opened) == 0 || opened[0]["integration_id"] != down.ID {
			t.Errorf("logged %v, want that the receiver is down", opened)
		}
	})
}

// TestScriptsShareNoReceiver holds that of two integrations with the same URL, whose scripts call other
// services, each is delayed by its own alone.
func TestScriptsShareNoReceiver(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		down := s.listener(scripted, to("http://placeholder.example"))
		up := s.listener(scripted, to("http://placeholder.example"))
		s.service.Scripts = scripts(func(c integrations.ScriptCall) (integrations.ScriptResult, error) {
			target := map[string]string{down.ID: dead, up.ID: alive}[c.Owner]
			if c.Method != integrations.PrepareOutgoingRequest {
				return integrations.ScriptResult{Missing: true}, nil
			}
			return integrations.ScriptResult{Value: []byte(`{"url":"` + target + `","method":"POST"}`)}, nil
		})
		s.start(unreachable(func(url string) bool { return url == dead }), func(c *delivery.Config) { c.Policy = integrations.PolicyGrapnel })
		for n := range 50 {
			s.say(fmt.Sprint("x", n))
			quiet()
		}
		if n := s.states(down); n[integrations.Parked] < 30 {
			t.Errorf("deliveries to the one that is down: %v, want most parked", n)
		}
		if n := s.states(up); n[integrations.Done] != 50 {
			t.Errorf("deliveries to the other: %v, want all 50 done", n)
		}
	})
}

// TestManySlowReceivers holds that a hundred receivers that hang at once leave places for others.
func TestManySlowReceivers(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		s.listener(func(i *integrations.Integration) {
			i.URLs = nil
			for n := range 100 {
				i.URLs = append(i.URLs, fmt.Sprint("http://slow.example/", n))
			}
		})
		never := make(chan struct{})
		r := hanging(never)
		s.start(r, fast)
		for range 30 {
			s.say("x")
		}
		quiet()
		up := s.listener(to(alive))
		s.say("y")
		quiet()
		if d, state := s.delivery(up); state != integrations.Done {
			t.Errorf("the other's delivery is %s at %s, want done", state, d.Progress.Step)
		}
		close(never)
	})
}

// TestOrder holds that an ordered integration's calls to one URL come one after the other and in the
// order of their events, retries and restarts included, and that its URLs do not wait for each other.
func TestOrder(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		i := s.listener(to(dead, alive), retrying("powers-of-two", 3))
		s.options(i, func(o *integrations.Options) { o.Ordered = true })
		patient := func(c *delivery.Config) { c.Policy = integrations.PolicyGrapnel }
		var calling atomic.Int32
		r := &receiver{answer: func(_ context.Context, n int, r outbound.Request) (*outbound.Response, error) {
			if r.URL == alive {
				return response(200, `{}`), nil
			}
			if calling.Add(1) > 1 {
				t.Error("two calls at once")
			}
			<-time.After(5 * time.Millisecond)
			calling.Add(-1)
			if n%3 == 0 {
				return nil, errors.New("connection refused")
			}
			return response(200, `{}`), nil
		}}
		stop := s.start(r, fast, patient)
		var want []string
		for n := range 20 {
			text := fmt.Sprint("event ", n)
			want = append(want, text)
			s.say(text)
		}
		quiet()
		if got := textsOf(r.called(), alive); !slices.Equal(got, want) {
			t.Errorf("the URL without failures got %v, want all in their order", got)
		}
		stop()
		s.close()
		s = open(t, dir)
		defer s.close()
		s.start(r, fast, patient)
		pass(10 * time.Minute)
		if got := slices.Compact(textsOf(r.called(), dead)); !slices.Equal(got, want) {
			t.Errorf("the URL with failures got %v, want all in their order", got)
		}
		if n := s.states(i); n[integrations.Done] != 40 {
			t.Errorf("deliveries %v, want 40 done", n)
		}
	})
}

// TestOrderAtARate holds that an ordered integration keeps to its rate to the second: no call comes
// early, and none waits for the worker's next round.
func TestOrderAtARate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener(to(alive))
		s.options(i, func(o *integrations.Options) {
			o.Ordered = true
			o.Limits.Rate, o.Limits.Burst = 1, 1
		})
		r := answering(response(200, `{}`))
		s.start(r)
		began := time.Now()
		for n := range 4 {
			s.say(fmt.Sprint("event ", n))
		}
		pass(10 * time.Second)
		calls := r.called()
		if got, want := textsOf(calls, alive), []string{"event 0", "event 1", "event 2", "event 3"}; !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		for n, c := range calls {
			want := time.Duration(n) * time.Second
			if got := c.at.Sub(began); got < want-50*time.Millisecond || got > want+50*time.Millisecond {
				t.Errorf("call %d came after %v, want %v", n, got, want)
			}
		}
	})
}

// TestConcurrency holds that the option bounds the calls to one URL of its integration alone.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener(to(dead, "http://other.example/"))
		s.options(i, func(o *integrations.Options) { o.Limits.Concurrency = 3 })
		mended := make(chan struct{})
		r := hanging(mended)
		s.start(r)
		for range 20 {
			s.say("x")
		}
		if got := len(textsOf(r.called(), dead)); got != 3 {
			t.Errorf("%d calls at once, want 3", got)
		}
		close(mended)
		if got := len(r.called()); got != 40 {
			t.Errorf("%d calls in all, want 40", got)
		}
	})
}

// TestRetryAfterIsForTheReceiver holds that a receiver which names a time is not called before by any
// delivery.
func TestRetryAfterIsForTheReceiver(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		s.listener(to(dead))
		s.listener(to(dead))
		r := answering(response(429, `{}`, "Retry-After", "30"), response(200, `{}`))
		s.start(r, func(c *delivery.Config) { c.Policy = integrations.PolicyGrapnel })
		s.say("first")
		began := len(r.called()) // two began at once
		for range 5 {
			s.say("more")
		}
		pass(29 * time.Second)
		if got := len(r.called()); got != began {
			t.Errorf("%d calls before the time that the receiver named, want %d", got, began)
		}
		pass(time.Minute)
		if got := len(r.called()); got != 2*6+1 {
			t.Errorf("%d calls in the end, want every delivery and one retry", got)
		}
	})
}

// TestSharedWork holds that one server goes on with what another one has parked.
func TestSharedWork(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener(to(dead))
		down := &receiver{answer: func(context.Context, int, outbound.Request) (*outbound.Response, error) {
			return nil, errors.New("connection refused")
		}}
		stop := s.start(down, func(c *delivery.Config) { c.Policy = integrations.PolicyGrapnel })
		for range 200 {
			s.say("x")
		}
		quiet()
		if n := s.states(i); n[integrations.Parked] < 100 {
			t.Fatalf("deliveries %v, want most parked", n)
		}
		r := answering(response(200, `{}`))
		s.start(r, fast)
		pass(10 * time.Second)
		if n := s.states(i); n[integrations.Parked] != 0 {
			t.Errorf("deliveries %v although the second server reaches the receiver, want none parked", n)
		}
		stop()
		pass(2 * time.Hour)
		if n := s.states(i); n[integrations.Done] != 200 {
			t.Errorf("deliveries %v, want 200 done", n)
		}
	})
}

// TestStopGivesBack holds that what was claimed and not begun can be claimed by the next server at once.
func TestStopGivesBack(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener(to(dead))
		mended := make(chan struct{})
		r := hanging(mended)
		stop := s.start(r)
		for range 200 {
			s.say("x")
		}
		quiet()
		var wg sync.WaitGroup
		wg.Go(stop)
		synctest.Wait()
		rows, err := s.store.Claim(t.Context(), integrations.Claim{Now: time.Now(), Lease: time.Minute, Limit: 1000})
		if err != nil || len(rows) != 200-64 {
			t.Errorf("Claim = %d rows, %v, want those that were not begun", len(rows), err)
		}
		close(mended)
		wg.Wait()
		if n := s.states(i); n[integrations.Done] != 64 {
			t.Errorf("deliveries %v, want 64 done", n)
		}
	})
}
