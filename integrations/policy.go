package integrations

import (
	"math"
	"strconv"
	"time"
)

// Policy judges what came of a call and when it is made again.
type Policy string

// The policies that DELIVERY_POLICY may name.
const (
	// PolicyRocketChat keeps upstream's rules to the letter: only 200, 201 and 202 with content are
	// a success, 410 with content disables, 500 with content and no answer at all are final, all else
	// is a failure that is tried again only where the integration says so.
	PolicyRocketChat Policy = "rocketchat"
	// PolicyGrapnel takes any 2xx as a success, 410 as the end of the integration, and tries again
	// what may pass: time-outs, conflicts, rate limits, server errors and broken connections.
	PolicyGrapnel Policy = "grapnel"
)

// Verdict is what a policy makes of a call.
type Verdict string

// The verdicts.
const (
	Success   Verdict = "success"
	Retryable Verdict = "retryable" // a failure that another attempt may mend
	Final     Verdict = "final"     // a failure that it may not
	Gone      Verdict = "gone"      // the receiver wants no more calls: the integration is disabled
)

// Call is what came of one call. Status is zero where there was no answer.
type Call struct {
	Status     int
	Content    bool // the answer has a body
	Refused    bool // our own rules stopped the call before it was made
	RetryAfter time.Duration
}

// Judge answers what the call amounts to.
func (p Policy) Judge(c Call) Verdict {
	switch {
	case c.Refused:
		return Final
	case p == PolicyRocketChat:
		return judgeAsUpstream(c)
	case c.Status == 0:
		return Retryable
	case c.Status >= 200 && c.Status < 300:
		return Success
	case c.Status == 410:
		return Gone
	case c.Status == 408, c.Status == 409, c.Status == 425, c.Status == 429, c.Status >= 500:
		return Retryable
	default:
		return Final
	}
}

func judgeAsUpstream(c Call) Verdict {
	switch {
	case c.Status == 0:
		return Final
	case !c.Content:
		return Retryable
	case c.Status == 200, c.Status == 201, c.Status == 202:
		return Success
	case c.Status == 410:
		return Gone
	case c.Status == 500:
		return Final
	default:
		return Retryable
	}
}

// Down reports whether the call shows that the receiver as a whole is in trouble, whatever a policy
// makes of that one delivery.
func (c Call) Down() bool {
	switch c.Status {
	case 0:
		return !c.Refused
	case 408, 425, 429:
		return true
	default:
		return c.Status >= 500
	}
}

// Pause answers for how long the receiver asked not to be called; only PolicyGrapnel listens.
func (p Policy) Pause(c Call) time.Duration {
	if p == PolicyRocketChat || c.Status != 429 && c.Status != 503 {
		return 0
	}
	return c.RetryAfter
}

// Failure is what decides when a failed delivery is attempted again.
type Failure struct {
	Attempts   int           // made so far
	RetryAfter time.Duration // what the receiver asked for, which PolicyGrapnel grants
	Jitter     float64       // from 0 to 1, spreads the waits that grow exponentially
	Rule       *Retry        // of the integration's options; nil: its record and the policy decide
}

// Next answers whether a failed delivery is attempted again, after how long, and the step that
// history shows.
func (p Policy) Next(i Integration, f Failure) (again bool, wait time.Duration, step Step) {
	switch {
	case f.Rule != nil:
		again, wait, step = f.Rule.after(f.Attempts, f.Jitter)
	case p != PolicyRocketChat && i.RetryFailedCalls == nil:
		again, wait, step = patient(f.Attempts, f.Jitter)
	default:
		again, wait, step = retryAsConfigured(i, f.Attempts)
	}
	if again && p != PolicyRocketChat {
		wait = max(wait, f.RetryAfter)
	}
	return again, wait, step
}

// after answers the wait after so many attempts: it grows from the first to the longest, twice as long
// each time.
func (r Retry) after(attempts int, jitter float64) (again bool, wait time.Duration, step Step) {
	if attempts >= r.Attempts {
		return false, 0, StepTooManyRetries
	}
	wait = r.First
	for n := 1; n < attempts && wait < r.Longest; n++ {
		wait *= 2
	}
	wait = min(wait, r.Longest)
	return true, wait - spread(wait, jitter), goingToRetry(attempts)
}

// spread answers by how much a wait comes early, so that retries do not all come at once.
func spread(wait time.Duration, jitter float64) time.Duration {
	return time.Duration(jitter * 0.2 * float64(wait))
}

// retryAsConfigured follows the integration's own rule.
func retryAsConfigured(i Integration, attempts int) (again bool, wait time.Duration, step Step) {
	retries := attempts - 1
	count := 0
	if i.RetryCount != nil {
		count = *i.RetryCount
	}
	switch {
	case !yes(i.RetryFailedCalls):
		return false, 0, StepNoRetry
	case retries >= count || i.RetryDelay == nil:
		return false, 0, StepTooManyRetries
	}
	wait, ok := retryDelay(*i.RetryDelay, retries)
	if !ok {
		return false, 0, StepInvalidDelay
	}
	return true, wait, goingToRetry(attempts)
}

func goingToRetry(n int) Step { return Step("going-to-retry-" + strconv.Itoa(n)) }

// longestDelay keeps a delay within what a clock can count.
const longestDelay = 30 * 24 * time.Hour

// retryDelay answers the wait before retry n, counted from 0, by upstream's names.
func retryDelay(name string, n int) (time.Duration, bool) {
	var wait float64
	switch name {
	case "powers-of-ten":
		wait = math.Pow10(n+2) * float64(time.Millisecond)
	case "powers-of-two":
		wait = math.Pow(2, float64(n+1)) * float64(time.Second)
	case "increments-of-two":
		wait = 2 * float64(n+1) * float64(time.Second)
	default:
		return 0, false
	}
	return time.Duration(min(wait, float64(longestDelay))), true
}

// patience are the waits of integrations that say nothing of retries: six attempts in about an hour.
var patience = []time.Duration{5 * time.Second, 30 * time.Second, 3 * time.Minute, 12 * time.Minute, 45 * time.Minute}

func patient(attempts int, jitter float64) (again bool, wait time.Duration, step Step) {
	if attempts > len(patience) {
		return false, 0, StepTooManyRetries
	}
	wait = patience[max(attempts-1, 0)]
	return true, wait - spread(wait, jitter), goingToRetry(attempts)
}
