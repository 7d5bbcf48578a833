package scripts

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

// No worker ever starts in these pools, so every call waits.
func TestTheWaitForATurnIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPool(Config{Workers: 1})
		p.fetching = true
		begin := time.Now()
		ended := make(chan error)
		for i, owner := range []string{"a", "a", "b"} {
			go func() {
				<-time.After(time.Duration(i) * time.Second)
				_, err := p.Run(t.Context(), integrations.ScriptCall{Owner: owner})
				if took := time.Since(begin); took != p.config.Limits.Wait+time.Duration(i)*time.Second {
					t.Errorf("call %d waited for %v, want %v", i, took, p.config.Limits.Wait)
				}
				ended <- err
			}()
		}
		go func() {
			_, err := p.Compile(t.Context(), integrations.ScriptSource{})
			ended <- err
		}()
		for range 4 {
			if err := <-ended; !errors.Is(err, integrations.ErrScriptsBusy) {
				t.Errorf("the wait ended with %v, want %v", err, integrations.ErrScriptsBusy)
			}
		}
		wantsEmpty(t, &p.queue)
		p.alarm.stop()
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPool(Config{Workers: 1})
		p.fetching = true
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Run(ctx, integrations.ScriptCall{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Run = %v, want %v", err, context.DeadlineExceeded)
		}
		wantsEmpty(t, &p.queue)
		p.alarm.stop()
	})
}

func TestDeadline(t *testing.T) {
	l := Limits{Timeout: 3 * time.Second, WallTime: 30 * time.Second}
	began := time.Unix(0, 0)
	for _, tt := range []struct {
		name string
		run  run
		want time.Duration
	}{
		{"it runs", run{}, 3500 * time.Millisecond},
		{"it waits", run{waits: began.Add(time.Second)}, 30500 * time.Millisecond},
		{"it waited", run{waited: 10 * time.Second}, 13500 * time.Millisecond},
		{"it waited for long", run{waited: 29 * time.Second}, 30500 * time.Millisecond},
	} {
		tt.run.began = began
		if got := tt.run.deadline(l).Sub(began); got != tt.want {
			t.Errorf("%s: deadline after %v, want %v", tt.name, got, tt.want)
		}
	}
}

// A worker that stays, however long it has nothing to do, must not set the alarm: that would ring at
// once, again and again, as its time is over already.
func TestNoAlarmForWorkersThatStay(t *testing.T) {
	long := time.Now().Add(-2 * longIdle)
	for name, seats := range map[string][]*seat{
		"newcomers' where somebody lives": {{role: newcomers, homes: map[*owner]bool{{}: true}, idle: long}},
		"for compiling, among many":       {{role: compiling, idle: long}, {role: shared, errands: []*errand{{}}}, {role: shared, errands: []*errand{{}}}},
		"shared, and no more than needed": {{role: shared, idle: long}},
	} {
		t.Run(name, func(t *testing.T) {
			p := NewPool(Config{Workers: 1})
			for _, s := range seats[1:] {
				s.errands[0].run.began = time.Now()
			}
			p.seats = seats
			p.retireSurplus(time.Now())
			p.setAlarm()
			defer p.alarm.stop()
			if len(p.seats) != len(seats) {
				t.Errorf("%d workers are left of %d", len(p.seats), len(seats))
			}
			if at := p.alarm.at; !at.IsZero() && at.Before(time.Now()) {
				t.Errorf("the alarm rings at once, %v ago", time.Since(at))
			}
		})
	}
}
