package scripts

import (
	"errors"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

func TestThrottle(t *testing.T) {
	start := time.Unix(0, 0)
	type step struct {
		at       time.Duration // since the start
		admitted bool
		refused  time.Duration // until when, if it is not
		stopped  bool          // how the run ends, if it is admitted
	}
	stopped := func(at time.Duration) step { return step{at: at, admitted: true, stopped: true} }
	good := func(at time.Duration) step { return step{at: at, admitted: true} }
	refused := func(at, until time.Duration) step { return step{at: at, refused: until} }
	const s = time.Second
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"good runs", []step{good(0), good(0), good(0), good(0)}},
		{"two in a row", []step{stopped(0), stopped(0), good(0), stopped(0), stopped(0), good(0)}},
		{"three in a row", []step{stopped(0), stopped(0), stopped(0), refused(0, s), refused(s-1, s)}},
		{"one trial a period", []step{stopped(0), stopped(0), stopped(0), stopped(s), refused(s, 3*s), stopped(3 * s), refused(4*s, 7*s)}},
		{"a success ends it", []step{stopped(0), stopped(0), stopped(0), good(s), stopped(s), stopped(s), good(s)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var th throttle
			for i, step := range tt.steps {
				now := start.Add(step.at)
				err := th.admit(now)
				if e, ok := errors.AsType[*integrations.ScriptThrottledError](err); ok == step.admitted {
					t.Fatalf("step %d: admit = %v", i, err)
				} else if ok && !e.Until.Equal(start.Add(step.refused)) {
					t.Errorf("step %d: refused until %v, want %v", i, e.Until.Sub(start), step.refused)
				}
				if step.admitted {
					th.judge(step.stopped, errors.New("cause"), now)
				}
			}
		})
	}
}

func TestATrialIsAlone(t *testing.T) {
	var th throttle
	now := time.Unix(0, 0)
	for range mostFailures {
		th.judge(true, errors.New("cause"), now)
	}
	now = now.Add(firstBackoff)
	if err := th.admit(now); err != nil {
		t.Fatalf("the trial was refused: %v", err)
	}
	if e, ok := errors.AsType[*integrations.ScriptThrottledError](th.admit(now)); !ok || e.Cause != "cause" || !e.Until.After(now) {
		t.Errorf("beside a trial: %+v, want a refusal with a cause and a later time", e)
	}
	th.giveUp()
	if err := th.admit(now); err != nil {
		t.Errorf("after a trial that did not begin: %v", err)
	}
}

func TestBackoff(t *testing.T) {
	for failures, want := range map[int]time.Duration{
		3: time.Second, 4: 2 * time.Second, 5: 4 * time.Second, 11: 256 * time.Second, 12: 5 * time.Minute, 1000: 5 * time.Minute,
	} {
		if got := backoff(failures); got != want {
			t.Errorf("backoff(%d) = %v, want %v", failures, got, want)
		}
	}
}
