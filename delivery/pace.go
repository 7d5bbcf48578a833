package delivery

import (
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

// pace is how fast the calls of one integration may follow each other, whatever planned them: events,
// retries and replays alike.
type pace struct {
	rate   integrations.Rate // as the options were lately; not above zero: they say nothing
	bucket integrations.Bucket
	lanes  int // that the integration has in memory
}

// paceAhead is how far ahead a lane claims what its pace lets begin.
const paceAhead = 30 * time.Second

// capacity is how many deliveries one of its lanes may have in memory of as many as there is room for:
// what would wait longer waits better in the store.
func (p *pace) capacity(room int) int {
	if p.rate.PerSecond <= 0 {
		return room
	}
	ahead := float64(max(p.rate.Burst, 1)) + p.rate.PerSecond*paceAhead.Seconds()
	return int(max(1, min(float64(room), ahead/float64(max(p.lanes, 1)))))
}

// take lets one call begin, or answers when it may.
func (p *pace) take(at time.Time) (until time.Time, ok bool) {
	wait, ok := p.bucket.Take(p.rate, at)
	if ok {
		return time.Time{}, true
	}
	return at.Add(wait).Add(time.Millisecond).Truncate(time.Millisecond), false
}

// forgettable reports whether the pace is that of an integration of which nothing was called lately.
func (p *pace) forgettable(at time.Time) bool { return p.lanes == 0 && p.bucket.Full(p.rate, at) }

// resume begins what had to wait for its pace, and answers when more may begin; the zero time where
// nothing waits for that.
func (r *roster) resume(at time.Time) (m moves, again time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for to, until := range r.paced {
		if !at.Before(until) {
			delete(r.paced, to)
			r.start(&m, at, to)
		}
	}
	for _, until := range r.paced {
		again = sooner(again, until)
	}
	return m, again
}

// retune lets rates count that were changed since the last delivery came in.
func (r *roster) retune(at time.Time, rateOf func(integrationID string) integrations.Rate) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, p := range r.paces {
		p.rate = rateOf(id)
	}
	for to := range r.paced {
		r.paced[to] = at
	}
}

// remember has a receiver started again when the pace of one of its lanes allows it.
func (r *roster) remember(to *receiver, until time.Time) {
	if until.IsZero() {
		delete(r.paced, to)
		return
	}
	if before, ok := r.paced[to]; !ok || until.Before(before) {
		r.wake()
	}
	r.paced[to] = until
}

// pace answers that of an integration.
func (r *roster) pace(integrationID string) *pace {
	p, ok := r.paces[integrationID]
	if !ok {
		p = &pace{}
		r.paces[integrationID] = p
	}
	return p
}
