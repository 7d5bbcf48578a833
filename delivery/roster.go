package delivery

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

// roster is everything that a worker holds in memory, and decides what is called next. It makes no
// call and no write: its methods answer what is to be done.
type roster struct {
	mu        sync.Mutex
	closed    bool // nothing begins any more
	receivers map[string]*receiver
	lanes     map[string]*lane
	parked    map[*lane]struct{} // lanes for which the store may have more
	held      int
	calling   int
	hungry    []*receiver
	paces     map[string]*pace        // by integration
	paced     map[*receiver]time.Time // that could go on at a time but for the pace of a lane

	stir chan struct{} // signals that a lane may have to be filled
}

func newRoster() *roster {
	return &roster{
		receivers: map[string]*receiver{}, lanes: map[string]*lane{}, parked: map[*lane]struct{}{},
		paces: map[string]*pace{}, paced: map[*receiver]time.Time{},
		stir: make(chan struct{}, 1),
	}
}

// moves are what is to be done after something happened.
type moves struct {
	start    []claimed
	park     []claimed
	giveBack []claimed // as they were, for somebody else to claim
}

// accept takes deliveries in that were claimed because they were due.
func (r *roster) accept(at time.Time, list []claimed) (m moves) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range list {
		l := r.lane(c.row.Lane)
		c.lane = l
		l.pace.rate = c.rate
		l.held++
		r.held++
		if l.parked && l.receiver.breaker.admits(at) == everybody && !l.ordered {
			r.park(&m, c) // behind those that were there before
			continue
		}
		r.admit(&m, c, at)
	}
	r.startAll(&m, at, list)
	return m
}

// admit puts a delivery in line where there is room for it.
func (r *roster) admit(m *moves, c claimed, at time.Time) {
	switch admission := c.lane.receiver.breaker.admits(at); {
	case r.closed:
		r.forget(c, at)
		m.giveBack = append(m.giveBack, c)
		return
	case c.probe: // its place was kept while it was claimed
	case admission == nobody || c.lane.held > c.lane.capacity(r.held-1):
		r.park(m, c)
		return
	case admission == probe:
		c.probe, c.lane.receiver.breaker.probing = true, true
	}
	c.lane.most = c.most
	c.lane.next = append(c.lane.next, c)
}

// startAll begins what the receivers of a list have places for.
func (r *roster) startAll(m *moves, at time.Time, list []claimed) {
	var last *receiver
	for _, c := range list {
		if l, ok := r.lanes[c.row.Lane]; ok && l.receiver != last {
			last = l.receiver
			r.start(m, at, last)
		}
	}
}

// start begins what a receiver has places for.
func (r *roster) start(m *moves, at time.Time, to *receiver) {
	for !r.closed {
		allowed := placesFor(r.calling)
		if to.calling >= allowed {
			r.starve(to, allowed)
			return
		}
		c, until, ok := to.takeNext(at)
		if !ok {
			r.remember(to, until)
			return
		}
		if c.stale(at) {
			r.park(m, c)
			continue
		}
		c.lane.calling++
		to.calling++
		r.calling++
		m.start = append(m.start, c)
	}
}

// starve remembers a receiver that has less than it could have if others had left it some: none of
// its own calls may be under way that would let it go on when they end.
func (r *roster) starve(to *receiver, allowed int) {
	if allowed < mostAtOne && !to.hungry && slices.ContainsFunc(to.lanes, (*lane).mayCall) {
		to.hungry = true
		r.hungry = append(r.hungry, to)
	}
}

// feed gives free places to the receivers that wait for one, in turn.
func (r *roster) feed(m *moves, at time.Time) {
	for range len(r.hungry) {
		if r.calling >= places {
			return
		}
		to := r.hungry[0]
		r.hungry = r.hungry[1:]
		to.hungry = false
		r.start(m, at, to)
		r.drop(to, at)
	}
}

// outcome is what a call told of its receiver.
type outcome struct {
	called  bool
	refused bool      // our own rules stopped the call before it was made
	failed  bool      // the policy makes no success of it
	down    bool      // no answer, or one that says that the receiver is in trouble
	shut    time.Time // until then the receiver wants no calls; zero: it says nothing
}

// called frees the place of a delivery whose call has ended, and reports whether its receiver is known
// to be down from now on.
func (r *roster) called(at time.Time, c claimed, o outcome) (m moves, opened bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to := c.lane.receiver
	c.lane.calling--
	to.calling--
	r.calling--
	opened = r.learn(at, c, o)
	if to.breaker.admits(at) != everybody {
		r.parkWaiting(&m, to)
	}
	r.start(&m, at, to)
	r.feed(&m, at)
	return m, opened
}

// learn lets the breaker know of a call.
func (r *roster) learn(at time.Time, c claimed, o outcome) (opened bool) {
	b := &c.lane.receiver.breaker
	before := b.admits(at)
	switch {
	case !o.called && c.probe:
		b.unused()
	case !o.called:
		return false
	case o.down:
		opened = b.failed(at, c.probe, 2*jitter()-1)
		if !o.shut.IsZero() {
			b.shut(o.shut)
		}
	default:
		b.succeeded()
	}
	if before != everybody || b.admits(at) != everybody {
		r.wake()
	}
	return opened
}

// parkWaiting takes what has not begun out of a receiver's lanes, but for a probe.
func (r *roster) parkWaiting(m *moves, to *receiver) {
	for _, l := range to.lanes {
		for _, c := range l.next {
			if !c.probe {
				r.park(m, c)
			}
		}
		l.next = slices.DeleteFunc(l.next, func(c claimed) bool { return !c.probe })
	}
}

// park lets go of a delivery that has to be parked.
func (r *roster) park(m *moves, c claimed) {
	if c.probe {
		c.lane.receiver.breaker.unused()
	}
	m.park = append(m.park, c)
}

// left lets go of a delivery that was recorded, or whose record was lost. In its lane there may be
// more if it was parked itself or, of ordered ones, if it has ended.
func (r *roster) left(at time.Time, c claimed, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if more {
		r.mark(c.lane)
	}
	r.forget(c, at)
	if capacity := c.lane.capacity(r.held); c.lane.parked && capacity-c.lane.held >= capacity/2 {
		r.wake()
	}
}

func (r *roster) forget(c claimed, at time.Time) {
	c.lane.held--
	r.held--
	r.tidy(c.lane, at)
}

// lane answers what is known of a lane.
func (r *roster) lane(name string) *lane {
	if l, ok := r.lanes[name]; ok {
		return l
	}
	read := integrations.ReadLane(name)
	to, ok := r.receivers[read.Receiver]
	if !ok {
		to = &receiver{name: read.Receiver}
		r.receivers[read.Receiver] = to
	}
	l := &lane{name: name, ordered: read.Ordered, receiver: to, pace: r.pace(read.IntegrationID)}
	l.pace.lanes++
	to.lanes = append(to.lanes, l)
	r.lanes[name] = l
	return l
}

// tidy forgets a lane that nothing is left of.
func (r *roster) tidy(l *lane, at time.Time) {
	if !l.idle() {
		return
	}
	delete(r.lanes, l.name)
	l.pace.lanes--
	to := l.receiver
	to.lanes = slices.DeleteFunc(to.lanes, func(other *lane) bool { return other == l })
	r.drop(to, at)
}

// drop forgets a receiver that nothing waits for and that there was no trouble with.
func (r *roster) drop(to *receiver, at time.Time) {
	if len(to.lanes) == 0 && !to.hungry && to.breaker.untroubled(at) {
		delete(r.receivers, to.name)
	}
}

func (r *roster) mark(l *lane) {
	l.parked = true
	r.parked[l] = struct{}{}
}

func (r *roster) wake() {
	select {
	case r.stir <- struct{}{}:
	default:
	}
}

// found marks lanes in which something is parked.
func (r *roster) found(names []string) {
	if len(names) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range names {
		l := r.lane(name)
		l.due = time.Time{} // its head may be another one now
		r.mark(l)
	}
	r.wake()
}

// filling is a claim to make of what is parked in a lane.
type filling struct {
	lane  *lane
	limit int
	probe bool
}

// fillings answers the claims that there is room for, and when to ask again because a receiver may be
// called again; the zero time where no such time is known.
func (r *roster) fillings(at time.Time) (list []filling, again time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, again
	}
	for l := range r.parked {
		b := &l.receiver.breaker
		capacity := l.capacity(r.held)
		room := capacity - l.held
		switch admission := b.admits(at); {
		case l.filling || room <= 0 || room < capacity/2:
		case at.Before(l.due):
			again = sooner(again, l.due)
		case admission == everybody:
			list = append(list, r.fill(l, filling{lane: l, limit: min(room, mostClaim)}))
		case admission == probe:
			b.probing = true
			list = append(list, r.fill(l, filling{lane: l, limit: 1, probe: true}))
		case at.Before(b.opensAt()):
			again = sooner(again, b.opensAt())
		}
	}
	return list, again
}

// sooner answers the earlier of two times, of which the first may be unknown.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// notYet remembers when what is parked in a lane is due, where a claim gave nothing as that is in the
// future.
func (r *roster) notYet(l *lane, due, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !due.After(at) {
		return
	}
	l = r.lane(l.name)
	l.due = due
	r.mark(l)
	r.wake()
}

func (r *roster) fill(l *lane, f filling) filling {
	l.filling, l.parked, l.due = true, false, time.Time{} // what is parked from now on marks it anew
	delete(r.parked, l)
	return f
}

// filled takes in what a claim gave: so many deliveries, and those of them that may be called.
func (r *roster) filled(at time.Time, f filling, given int, list []claimed, err error) (m moves) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := f.lane
	l.filling = false
	if f.probe && len(list) == 0 {
		l.receiver.breaker.unused()
	}
	if err != nil || given == f.limit && (!l.ordered || len(list) == 0) {
		r.mark(l)
	}
	for n, c := range list {
		c.lane = l
		l.pace.rate = c.rate
		c.probe = f.probe && n == 0
		l.held++
		r.held++
		r.admit(&m, c, at)
	}
	r.start(&m, at, l.receiver)
	r.tidy(l, at)
	if l.parked && err == nil {
		r.wake()
	}
	return m
}

// sweep parks what has waited for its place too long, and forgets paces.
func (r *roster) sweep(at time.Time) (m moves) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.lanes {
		for _, c := range l.next {
			if c.stale(at) {
				r.park(&m, c)
			}
		}
		l.next = slices.DeleteFunc(l.next, func(c claimed) bool { return c.stale(at) })
	}
	maps.DeleteFunc(r.paces, func(_ string, p *pace) bool { return p.forgettable(at) })
	return m
}

// close lets nothing begin any more and answers what has not begun.
func (r *roster) close() (m moves) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, l := range r.lanes {
		m.giveBack = append(m.giveBack, l.next...)
		l.next = nil
	}
	return m
}

// Stats are numbers of what a worker holds.
type Stats struct {
	Calling  int // calls under way
	Held     int // deliveries claimed and not yet recorded
	Lanes    int // with deliveries in memory or in the store
	Open     int // receivers that are not called now
	HalfOpen int // receivers that are called once, to see whether they are back
}

func (r *roster) stats(at time.Time) Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Stats{Calling: r.calling, Held: r.held, Lanes: len(r.lanes)}
	for _, to := range r.receivers {
		switch b := &to.breaker; {
		case at.Before(b.opensAt()):
			s.Open++
		case !b.until.IsZero():
			s.HalfOpen++
		}
	}
	return s
}
