package delivery

import (
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

// claimed is a delivery that the worker holds.
type claimed struct {
	row   integrations.Row
	at    time.Time // of the claim
	lane  *lane
	rate  integrations.Rate // that the integration's options allow; not above zero: they say nothing
	most  int               // calls at once that the integration's options allow in its lane; zero: they say nothing
	probe bool              // its call shows whether the receiver is back
}

// longestWait is how long a delivery is held without beginning. What is left of its lease then is
// enough for an attempt.
const longestWait = time.Minute

// stale reports whether too little of the lease is left to begin.
func (c claimed) stale(at time.Time) bool { return at.Sub(c.at) > longestWait }

// lane is what the worker knows of a lane: its deliveries in memory, and whether the store has more.
type lane struct {
	name     string
	ordered  bool
	receiver *receiver
	pace     *pace // of its integration
	most     int   // calls at once, as the options were lately; zero: they say nothing

	next    []claimed // not yet begun, in their order
	calling int
	held    int // in memory: next, calling, and being recorded

	parked  bool      // the store may have something parked for it
	filling bool      // a claim of what is parked is under way
	due     time.Time // of the first that is parked, where it is not yet
}

// capacity is how many deliveries the lane may have in memory. Of ordered ones that is the head.
func (l *lane) capacity(heldByAll int) int {
	if l.ordered {
		return 1
	}
	return l.pace.capacity(memoryFor(heldByAll))
}

// mayCall reports whether the lane has a delivery to begin with, and may.
func (l *lane) mayCall() bool {
	return len(l.next) > 0 && (l.most == 0 || l.calling < l.most)
}

// take gives the next delivery away.
func (l *lane) take() claimed {
	c := l.next[0]
	l.next[0] = claimed{}
	l.next = l.next[1:]
	return c
}

// idle reports whether nothing is left to know of the lane.
func (l *lane) idle() bool { return l.held == 0 && !l.parked && !l.filling }

// receiver is what the worker knows of a receiver: all lanes with the same URL.
type receiver struct {
	name    string
	breaker breaker
	calling int
	lanes   []*lane
	turn    int  // the lane whose turn it is
	hungry  bool // it could go on if others had left it a place
}

// takeNext gives the next delivery of the lane whose turn it is, or answers when it can where only a
// pace is in the way; the zero time where something else is.
func (r *receiver) takeNext(at time.Time) (c claimed, until time.Time, ok bool) {
	for range r.lanes {
		l := r.lanes[r.turn%len(r.lanes)]
		r.turn = (r.turn + 1) % len(r.lanes)
		if !l.mayCall() {
			continue
		}
		allowed, ok := l.pace.take(at)
		if ok {
			return l.take(), time.Time{}, true
		}
		until = sooner(until, allowed)
	}
	return claimed{}, until, false
}
