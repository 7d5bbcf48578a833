package scripts

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

func TestLapses(t *testing.T) {
	const timeout, quick = 3 * time.Second, 10 * time.Millisecond
	start := time.Unix(0, 0)
	type call struct {
		after     time.Duration // since the start
		c         performance
		wantLapse int64
	}
	good := func(version string) performance {
		return performance{version: version, took: quick, succeeded: true}
	}
	loop := performance{version: "1", took: timeout}
	for _, tt := range []struct {
		name  string
		calls []call
	}{
		{"good calls", []call{{0, good("1"), 0}, {0, good("2"), 0}}},
		{"long, but within the limit", []call{{0, performance{version: "1", took: timeout - 1, succeeded: true}, 0}}},
		{"the script throws", []call{{0, performance{version: "1", took: quick}, 0}}},
		{"stopped by time", []call{{0, loop, 1}}},
		{"stopped with its worker", []call{{0, performance{version: "1", took: quick, fatal: true}, 1}}},
		{"the same version does well", []call{{0, loop, 1}, {time.Second, good("1"), 1}}},
		{"a new version does well", []call{{0, loop, 1}, {time.Second, good("2"), 0}}},
		{"a new version takes long", []call{{0, loop, 1}, {time.Second, performance{version: "2", took: timeout / 2, succeeded: true}, 1}}},
		{"a new version fails", []call{{0, loop, 1}, {time.Second, performance{version: "2", took: quick}, 1}}},
		{"a new version is stopped too", []call{{0, loop, 1}, {time.Second, performance{version: "2", took: timeout}, 1}, {time.Minute, good("2"), 1}}},
		{"time passes", []call{{0, loop, 1}, {slowFor - 1, good("1"), 1}, {slowFor, good("1"), 0}}},
		{"another stop begins the time anew", []call{{0, loop, 1}, {time.Minute, loop, 1}, {slowFor, good("1"), 1}, {slowFor + time.Minute, good("1"), 0}}},
		{"a second lapse", []call{{0, loop, 1}, {slowFor, loop, 2}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := slowOwners{limits: Limits{Timeout: timeout}}
			for i, call := range tt.calls {
				call.c.at = start.Add(call.after)
				s.judge("a", call.c)
				if got := s.lapse("a", call.c.at); got != call.wantLapse {
					t.Errorf("lapse after call %d = %d, want %d", i, got, call.wantLapse)
				}
			}
			if got := s.lapse("b", start); got != 0 {
				t.Errorf("somebody else's lapse = %d", got)
			}
		})
	}
}

func TestOldLapsesAreForgotten(t *testing.T) {
	s := slowOwners{limits: DefaultLimits()}
	s.judge("a", performance{fatal: true})
	s.judge("b", performance{fatal: true, at: time.Time{}.Add(slowFor)})
	if len(s.lapses) != 1 {
		t.Errorf("lapses = %v, want b's alone", s.lapses)
	}
}

func TestTheWaitForATurnIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPool(Config{Workers: 1})
		at, err := p.turn(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		for _, owner := range []string{"a", "b"} {
			begin := time.Now()
			_, err := p.Run(t.Context(), integrations.ScriptCall{Owner: owner})
			if took := time.Since(begin); !errors.Is(err, integrations.ErrScriptsBusy) || took != p.config.Limits.Wait {
				t.Errorf("Run of %s = %v after %v, want %v after %v", owner, err, took, integrations.ErrScriptsBusy, p.config.Limits.Wait)
			}
		}
		at.slot.release()
		wantsEmpty(t, &at.slot.queue)

		if err := p.take(t.Context(), p.compiling, "", time.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Compile(t.Context(), integrations.ScriptSource{}); !errors.Is(err, integrations.ErrScriptsBusy) {
			t.Errorf("Compile = %v, want %v", err, integrations.ErrScriptsBusy)
		}
	})
}

// Callers that wait when their owner is stopped go with it, and those who waited behind them get
// the turn; the time they have waited counts.
func TestWhoWaitsMovesWithItsOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPool(Config{Workers: 1})
		looping, err := p.turn(t.Context(), "loop")
		if err != nil {
			t.Fatal(err)
		}
		if err := p.take(t.Context(), p.slow, "another", time.Now()); err != nil {
			t.Fatal(err)
		}
		wait := p.config.Limits.Wait
		moved := make(chan error, 3)
		begin := time.Now()
		for range cap(moved) {
			go func() {
				_, err := p.turn(t.Context(), "loop")
				if took := time.Since(begin); took != wait {
					t.Errorf("waited for %v, want %v", took, wait)
				}
				moved <- err
			}()
		}
		synctest.Wait()
		good := make(chan seat, 1)
		go func() {
			at, err := p.turn(t.Context(), "good")
			if err != nil {
				t.Error(err)
			}
			good <- at
		}()
		synctest.Wait()
		<-time.After(wait / 2)
		p.laggards.judge("loop", performance{at: time.Now(), fatal: true})
		looping.slot.release()
		at := <-good
		if at != looping {
			t.Errorf("good runs in %v, want its old seat %v", at, looping)
		}
		at.slot.release()
		for range cap(moved) {
			if err := <-moved; !errors.Is(err, integrations.ErrScriptsBusy) {
				t.Errorf("turn of loop = %v, want %v", err, integrations.ErrScriptsBusy)
			}
		}
		wantsEmpty(t, &at.slot.queue)
	})
}
