package scripts

import (
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

const (
	// A version that was stopped so often in a row is throttled.
	mostFailures = 3
	firstBackoff = time.Second
	lastBackoff  = 5 * time.Minute
)

// throttle holds back a script that keeps dying or timing out: one run is tried per period, and the
// periods get longer.
type throttle struct {
	failures int // stopped runs in a row
	until    time.Time
	cause    string // the latest
	trying   bool   // the run of a period is under way
}

// isOn says whether the script is throttled.
func (t *throttle) isOn() bool { return t.failures >= mostFailures }

// admit lets a call pass, or says until when none does. A call that passes while the throttle is on
// is the trial of its period.
func (t *throttle) admit(now time.Time) error {
	if err := t.refuses(now); err != nil {
		return err
	}
	t.trying = t.isOn()
	return nil
}

// refuses says until when no call passes, by nil if one does.
func (t *throttle) refuses(now time.Time) *integrations.ScriptThrottledError {
	switch {
	case !t.isOn():
		return nil
	case t.trying:
		return t.refusal(now.Add(firstBackoff))
	case now.Before(t.until):
		return t.refusal(t.until)
	}
	return nil
}

func (t *throttle) refusal(until time.Time) *integrations.ScriptThrottledError {
	return &integrations.ScriptThrottledError{Until: until, Cause: t.cause}
}

// judge takes in how a run ended.
func (t *throttle) judge(stopped bool, err error, now time.Time) {
	if !stopped {
		*t = throttle{}
		return
	}
	t.failures++
	t.trying = false
	t.cause = err.Error()
	if t.isOn() {
		t.until = now.Add(backoff(t.failures))
	}
}

// giveUp is for a trial that was not begun.
func (t *throttle) giveUp() { t.trying = false }

// backoff is how long to wait after so many failures.
func backoff(failures int) time.Duration {
	wait := firstBackoff
	for range failures - mostFailures {
		if wait *= 2; wait >= lastBackoff {
			return lastBackoff
		}
	}
	return wait
}
