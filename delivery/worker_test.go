package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grapnel-chat/grapnel/delivery"
	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/workspace"
)

// TestRestart holds that only the store remembers what comes next: a retry that waits survives the
// end of its server.
func TestRestart(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	synctest.Test(t, func(t *testing.T) {
		first := open(t, dir)
		i := first.listener(retrying("powers-of-two", 3))
		busy := answering(response(503, `{}`))
		stop := first.start(busy)
		first.say("deploy")
		planned := busy.called()
		if len(planned) != 1 {
			t.Fatalf("%d calls after the message, want 1", len(planned))
		}
		if d, state := first.delivery(i); state != integrations.Waiting || d.Progress.Step != "going-to-retry-1" {
			t.Fatalf("after the first attempt the delivery is %s at %s, want it waiting", state, d.Progress.Step)
		}
		stop()
		first.say("while nobody delivers")
		first.close()

		second := open(t, dir)
		defer second.close()
		working := answering(response(200, `{"text":"deployed"}`))
		second.start(working)
		calls := working.called()
		if len(calls) != 1 {
			t.Fatalf("%d calls after the restart, want the one that was never attempted", len(calls))
		}
		pass(2*time.Second - 200*time.Millisecond)
		if got := len(working.called()); got != 1 {
			t.Fatalf("%d calls before the retry was due, want 1", got)
		}
		pass(200 * time.Millisecond)
		calls = working.called()
		if len(calls) != 2 || string(calls[1].Body) != string(planned[0].Body) || calls[1].URL != planned[0].URL {
			t.Fatalf("calls after the restart: %+v, want %s once more", calls, planned[0].Body)
		}
		if got, want := second.texts(), []string{"deployed", "deployed", "while nobody delivers", "deploy"}; !slices.Equal(got, want) {
			t.Errorf("messages %q, want %q", got, want)
		}
		rows, _, err := second.store.Rows(t.Context(), i.ID, workspace.Page{})
		must(t, err)
		for n, attempts := range []int{2, 1} { // the latest change in front
			d, err := rows[n].Delivery()
			must(t, err)
			if d.Progress.Step != integrations.StepReplied || d.Progress.Attempts != attempts || rows[n].State != integrations.Done {
				t.Errorf("delivery %d ends %s at %s after %d attempts, want it done after %d", n, rows[n].State, d.Progress.Step, d.Progress.Attempts, attempts)
			}
		}
		pass(24 * time.Hour)
		if got := len(working.called()); got != 2 {
			t.Errorf("%d calls a day later, want 2", got)
		}
	})
}

// TestCrash holds that what a server had claimed when it died is delivered once the lease ends.
func TestCrash(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener()
		s.say("x")
		claimed, err := s.store.Claim(t.Context(), integrations.Claim{Now: time.Now(), Lease: 2 * time.Minute, Limit: 10})
		if err != nil || len(claimed) != 1 {
			t.Fatalf("Claim = %d rows, %v, want 1", len(claimed), err)
		}
		r := answering(response(200, `{}`))
		s.start(r)
		pass(2*time.Minute - time.Second)
		if got := len(r.called()); got != 0 {
			t.Fatalf("%d calls while somebody else held the lease, want none", got)
		}
		pass(time.Second + 10*time.Millisecond)
		if _, state := s.delivery(i); len(r.called()) != 1 || state != integrations.Done {
			t.Errorf("after the lease: %d calls, delivery %s, want 1 and done", len(r.called()), state)
		}
	})
}

// TestLeaseLost holds that an attempt which comes too late records nothing.
func TestLeaseLost(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener()
		s.say("x")
		r := &receiver{answer: func(_ context.Context, n int, _ outbound.Request) (*outbound.Response, error) {
			if n == 0 {
				<-time.After(3 * time.Minute) // whatever its context says
				return response(200, `{"text":"late"}`), nil
			}
			return response(200, `{"alias":"in time"}`), nil
		}}
		s.start(r)
		pass(2*time.Minute + 10*time.Millisecond)
		if got := len(r.called()); got != 2 {
			t.Fatalf("%d calls once the lease had ended, want 2", got)
		}
		pass(time.Hour)
		if d, state := s.delivery(i); state != integrations.Done || d.Progress.HTTPResult != `"{\"alias\":\"in time\"}"` {
			t.Errorf("delivery is %s with %s, want it as the attempt in time left it", state, d.Progress.HTTPResult)
		}
		if got := s.made(); len(got) != 1 {
			t.Errorf("attempts that counted: %+v, want one", got)
		}
	})
}

// TestOnce holds that workers share what is due and nobody is called twice.
func TestOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		const deliveries = 300
		s.listener(func(i *integrations.Integration) {
			i.URLs = nil
			for n := range deliveries / 10 {
				i.URLs = append(i.URLs, fmt.Sprintf("http://receiver.example/%d", n))
			}
		})
		r := answering(response(200, `{}`))
		for range 3 {
			s.start(r)
		}
		for n := range 10 {
			s.say(strconv.Itoa(n))
		}
		calls := r.called()
		seen := map[string]int{}
		for _, c := range calls {
			seen[c.URL+string(c.Body)]++
		}
		if len(calls) != deliveries || len(seen) != deliveries {
			t.Errorf("%d calls, %d of them different, want %d", len(calls), len(seen), deliveries)
		}
		if got := len(s.made()); got != deliveries {
			t.Errorf("%d attempts, want %d", got, deliveries)
		}
	})
}

// TestSlots holds that a worker makes 64 calls at once and no more.
func TestSlots(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		s.listener(func(i *integrations.Integration) {
			i.URLs = slices.Repeat(i.URLs, 100)
		})
		release := make(chan struct{})
		r := &receiver{answer: func(context.Context, int, outbound.Request) (*outbound.Response, error) {
			<-release
			return response(200, `{}`), nil
		}}
		s.start(r)
		s.say("x")
		if got := len(r.called()); got != 64 {
			t.Errorf("%d calls at once, want 64", got)
		}
		release <- struct{}{}
		if got := len(r.called()); got != 65 {
			t.Errorf("%d calls after one ended, want 65", got)
		}
		close(release)
		if got := len(r.called()); got != 100 {
			t.Errorf("%d calls in all, want 100", got)
		}
	})
}

// TestStop holds that calls under way may end, for a while, and that a call which was cut off is made
// again by the next server.
func TestStop(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		takes time.Duration // of the call, unless its context ends
		waits time.Duration // until Run returns
		step  integrations.Step
		state integrations.State
	}{
		{"a call that ends", 10 * time.Second, 10 * time.Second, integrations.StepCalled, integrations.Done},
		{"a call that does not", time.Hour, 25 * time.Second, integrations.StepPlanned, integrations.Waiting},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, s *server) {
				i := s.listener()
				r := &receiver{answer: func(ctx context.Context, _ int, _ outbound.Request) (*outbound.Response, error) {
					select {
					case <-time.After(tt.takes):
						return response(200, `{}`), nil
					case <-ctx.Done():
						return nil, ctx.Err()
					}
				}}
				stop := s.start(r)
				s.say("x")
				if got := len(r.called()); got != 1 {
					t.Fatalf("%d calls, want 1", got)
				}
				s.say("y")
				synctest.Wait()
				asked := time.Now()
				stop()
				if took := time.Since(asked); took != tt.waits {
					t.Errorf("Run returned %v after its context, want %v", took, tt.waits)
				}
				rows, _, err := s.store.Rows(t.Context(), i.ID, workspace.Page{})
				must(t, err)
				for _, row := range rows {
					d, err := row.Delivery()
					must(t, err)
					if row.State != tt.state || d.Progress.Step != tt.step {
						t.Errorf("delivery is %s at %s, want %s at %s", row.State, d.Progress.Step, tt.state, tt.step)
					}
				}
			})
		})
	}
}

// TestEndlessCall holds that an attempt gives up before its lease ends, so that nobody else makes
// the call meanwhile.
func TestEndlessCall(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener()
		r := &receiver{answer: func(ctx context.Context, _ int, _ outbound.Request) (*outbound.Response, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		s.start(r)
		s.say("x")
		pass(2 * time.Minute)
		if d, state := s.delivery(i); state != integrations.Dead || d.Progress.HTTPError != "context deadline exceeded" || len(r.called()) != 1 {
			t.Errorf("after the lease: %d calls, delivery %s with %q, want 1 and dead", len(r.called()), state, d.Progress.HTTPError)
		}
	})
}

// TestSlowestAttempt holds that an attempt whose scripts take all their time ends before its lease does,
// also where the receiver answers at the last moment.
func TestSlowestAttempt(t *testing.T) {
	t.Parallel()
	const longest = 5 * time.Minute
	bubble(t, func(t *testing.T, s *server) {
		s.service.Scripts = scripts(func(integrations.ScriptCall) (integrations.ScriptResult, error) {
			<-time.After(longest)
			return integrations.ScriptResult{Missing: true}, nil
		})
		i := s.listener(scripted)
		r := &receiver{answer: func(ctx context.Context, _ int, _ outbound.Request) (*outbound.Response, error) {
			until, _ := ctx.Deadline()
			if left := time.Until(until); left < time.Minute {
				t.Errorf("the call may take %v, want a minute at least", left)
			}
			<-time.After(time.Until(until) - time.Second)
			return response(200, `{}`), nil
		}}
		s.start(r, func(c *delivery.Config) { c.ScriptTime = longest })
		s.say("x")
		pass(time.Hour)
		if _, state := s.delivery(i); state != integrations.Done || len(r.called()) != 1 {
			t.Errorf("%d calls, delivery %s, want 1 and done", len(r.called()), state)
		}
	})
}

// troubled is a queue that fails now and then.
type troubled struct {
	integrations.Queue
	claim, record, next func() error
}

func ask(f func() error) error {
	if f == nil {
		return nil
	}
	return f()
}

// Claim implements integrations.Queue.
func (q troubled) Claim(ctx context.Context, c integrations.Claim) ([]integrations.Row, error) {
	if err := ask(q.claim); err != nil {
		return nil, err
	}
	return q.Queue.Claim(ctx, c)
}

// Record implements integrations.Queue.
func (q troubled) Record(ctx context.Context, records []integrations.Record) ([]string, error) {
	if err := ask(q.record); err != nil {
		return nil, err
	}
	return q.Queue.Record(ctx, records)
}

// NextDue implements integrations.Queue.
func (q troubled) NextDue(ctx context.Context) (time.Time, error) {
	if err := ask(q.next); err != nil {
		return time.Time{}, err
	}
	return q.Queue.NextDue(ctx)
}

// times fails so many times.
func times(n int) func() error {
	return func() error {
		if n--; n >= 0 {
			return errors.New("the disk is busy")
		}
		return nil
	}
}

// TestStoreTrouble holds that a store which fails delays deliveries and loses none.
func TestStoreTrouble(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		trouble troubled
		after   []time.Duration // when the calls are made
		logged  string
		lines   int
	}{
		{"claim", troubled{claim: times(3)}, []time.Duration{3 * time.Second}, "deliveries were not claimed", 3},
		{"next due", troubled{next: times(2)}, []time.Duration{0}, "", 0},
		{"record", troubled{record: times(1)}, []time.Duration{0, 2 * time.Minute}, "attempt was not recorded, the delivery will be made again", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, s *server) {
				i := s.listener()
				s.say("x")
				synctest.Wait()
				select { // as if the message had been posted before the start
				case <-s.store.Added():
				default:
				}
				tt.trouble.Queue = s.store
				r := answering(response(200, `{}`))
				started := time.Now()
				s.start(r, func(c *delivery.Config) { c.Queue = tt.trouble })
				pass(time.Hour)
				calls := r.called()
				if len(calls) != len(tt.after) {
					t.Fatalf("%d calls, want %d", len(calls), len(tt.after))
				}
				for n, want := range tt.after {
					if got := calls[n].at.Sub(started); got < want || got > want+10*time.Millisecond {
						t.Errorf("call %d came after %v, want %v", n+1, got, want)
					}
				}
				if d, state := s.delivery(i); state != integrations.Done || d.Progress.Attempts != 1 {
					t.Errorf("delivery is %s after %d attempts, want done after 1", state, d.Progress.Attempts)
				}
				if got := s.log.lines(t, tt.logged); tt.logged != "" && len(got) != tt.lines {
					t.Errorf("logged %v, want %d lines of %q", got, tt.lines, tt.logged)
				}
				if got := len(s.made()); got != 1 {
					t.Errorf("%d attempts counted, want the one that was recorded", got)
				}
			})
		})
	}
}

// TestUnreadableDelivery holds that a delivery which cannot be read stops no other.
func TestUnreadableDelivery(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, s *server) {
		i := s.listener()
		must(t, s.store.AddEffects(t.Context(), []workspace.Effect{{ID: "broken", Key: "unknown", At: time.Now(), Due: time.Now(), Body: []byte(`{`)}}))
		s.say("x")
		r := answering(response(200, `{}`))
		s.start(r)
		if got := len(r.called()); got != 1 {
			t.Errorf("%d calls, want 1", got)
		}
		if _, state := s.delivery(i); state != integrations.Done {
			t.Errorf("the other delivery is %s, want done", state)
		}
		row, err := s.store.Row(t.Context(), "broken")
		if err != nil || row.State != integrations.Dead {
			t.Errorf("the broken delivery is %s, %v, want dead", row.State, err)
		}
		if got := s.log.lines(t, "delivery cannot be read"); len(got) != 1 || got[0]["delivery_id"] != "broken" {
			t.Errorf("logged %v, want one line about it", got)
		}
	})
}

// TestIntegrationChangesMeanwhile holds what becomes of a retry whose integration is turned off,
// changed or removed while it waits.
func TestIntegrationChangesMeanwhile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(t *testing.T, s *server, r *receiver, i integrations.Integration)
		calls  int
		step   integrations.Step
		state  integrations.State
	}{
		{"nothing", func(*testing.T, *server, *receiver, integrations.Integration) {}, 2, integrations.StepTooManyRetries, integrations.Dead},
		{"turned off and on", func(t *testing.T, s *server, r *receiver, i integrations.Integration) {
			must(t, s.service.Disable(t.Context(), i.ID))
			pass(30 * time.Minute)
			if d, state := s.delivery(i); len(r.called()) != 1 || state != integrations.Held || d.Progress.Attempts != 1 {
				t.Errorf("while it is off: %d calls, delivery %s after %d attempts, want 1, held", len(r.called()), state, d.Progress.Attempts)
			}
			i.Enabled = true
			must(t, s.store.SaveIntegration(t.Context(), i))
			s.index.Put(i)
		}, 2, integrations.StepTooManyRetries, integrations.Dead},
		{"made by another server", func(_ *testing.T, s *server, _ *receiver, i integrations.Integration) { s.index.Remove(i.ID) }, 2, integrations.StepTooManyRetries, integrations.Dead},
		{"gone", func(t *testing.T, s *server, _ *receiver, i integrations.Integration) {
			must(t, s.store.RemoveIntegration(t.Context(), i.ID, false))
			s.index.Remove(i.ID)
		}, 1, integrations.StepIntegrationGone, integrations.Dead},
		{"no more retries", func(_ *testing.T, s *server, _ *receiver, i integrations.Integration) {
			i.RetryFailedCalls = nil
			s.index.Put(i)
		}, 2, integrations.StepNoRetry, integrations.Dead},
		{"history cleared", func(t *testing.T, s *server, _ *receiver, i integrations.Integration) {
			must(t, s.service.ClearHistory(t.Context(), s.admin, i.ID))
		}, 2, integrations.StepTooManyRetries, integrations.Dead},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, s *server) {
				i := s.listener(retrying("powers-of-two", 1))
				r := answering(response(503, `{}`))
				s.start(r)
				s.say("x")
				synctest.Wait()
				tt.change(t, s, r, i)
				pass(time.Hour)
				d, state := s.delivery(i)
				if len(r.called()) != tt.calls || d.Progress.Step != tt.step || state != tt.state || !d.Progress.Finished {
					t.Errorf("%d calls, delivery %s at %s, want %d, %s at %s", len(r.called()), state, d.Progress.Step, tt.calls, tt.state, tt.step)
				}
			})
		})
	}
	t.Run("removed during the call", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T, s *server) {
			i := s.listener()
			release := make(chan struct{})
			r := &receiver{answer: func(context.Context, int, outbound.Request) (*outbound.Response, error) {
				<-release
				return response(200, `{}`), nil
			}}
			s.start(r)
			s.say("x")
			synctest.Wait()
			_, err := s.service.Remove(t.Context(), s.admin, integrations.Removal{Type: string(integrations.Outgoing), ID: i.ID})
			must(t, err)
			close(release)
			if got := s.made(); len(got) != 0 {
				t.Errorf("attempts %+v of a delivery that is gone, want none", got)
			}
			if rows, total, err := s.store.Rows(t.Context(), i.ID, workspace.Page{}); total != 0 || err != nil {
				t.Errorf("deliveries of a removed integration: %v, %v", rows, err)
			}
			pass(time.Hour)
			if got := len(r.called()); got != 1 {
				t.Errorf("%d calls, want 1", got)
			}
		})
	})
}
