package scripts

import (
	"slices"
	"time"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// mostWaiting is how many errands may wait, per worker.
const mostWaiting = 256

// dispatch sends what can be sent, owner by owner in the order of their turns. The caller holds the
// lock.
func (p *Pool) dispatch(now time.Time) {
	held := false
	for turn := 0; turn < len(p.queue.turns); {
		o := p.queue.turns[turn]
		if held && o.takesTurns() {
			turn++
			continue
		}
		switch s, outlook := p.place(o, o.line[0]); outlook {
		case found:
			p.send(s, p.queue.take(turn), now)
		case needsTurn:
			// Nothing is sent to those who have a turn, until one gives it back: who keeps sending
			// to one worker would keep the turn for ever.
			held = true
			turn++
		case hopeless:
			for _, e := range p.queue.clear(o) {
				p.refuse(e, p.fetchErr)
			}
		default:
			turn++
		}
	}
}

// outlook is what a waiting errand has to expect.
type outlook int

const (
	later     outlook = iota // the workers for it are busy, or one is being started
	found                    // it can be sent
	needsTurn                // its worker is idle, but as many run as may
	hopeless                 // no worker starts
)

// place finds the seat for an owner's next errand.
func (p *Pool) place(o *owner, e *errand) (*seat, outlook) {
	switch {
	case o.compiling:
		return p.placeCompilation()
	case o.long:
		return p.placeLow(o)
	case !o.proven:
		return p.placeNewcomer(o)
	case o.stateless:
		return p.placeAnywhere(e)
	}
	return p.placeAtHome(o, e)
}

// placeCompilation serves sources one after the other. One that takes long lets the next ones pass.
func (p *Pool) placeCompilation() (*seat, outlook) {
	n := 0
	for _, s := range p.seats {
		if s.role != compiling {
			continue
		}
		if !s.low && !s.long {
			return s, promise(len(s.errands) == 0)
		}
		n++
	}
	if n >= mostCompilers {
		return nil, later
	}
	return p.hired(compiling, nil)
}

// placeNewcomer serves an owner of whom it is not known yet how long a run takes, or whether it kills
// its worker: one at a time and at low priority, where the others who are called just now do not run.
func (p *Pool) placeNewcomer(o *owner) (*seat, outlook) {
	if o.open > 0 || p.low >= mostLow {
		return nil, later
	}
	best, n := p.emptiest()
	if (best == nil || len(best.homes) > 0) && n < p.config.Workers {
		if s, outlook := p.hired(newcomers, nil); s != nil || best == nil {
			return s, outlook
		}
	}
	return best, promise(best != nil)
}

// emptiest returns the seat for newcomers where the fewest live, of those that are idle, and how many
// there are in all, without those that a long run holds up.
func (p *Pool) emptiest() (best *seat, n int) {
	for _, s := range p.seats {
		e := s.first()
		if s.role != newcomers || s.sunk || e != nil && e.run.lowered {
			continue
		}
		n++
		if e == nil && (best == nil || len(s.homes) < len(best.homes)) {
			best = s
		}
	}
	return best, n
}

// placeAtHome serves an owner with state: all its errands go where that is. Who has none yet lives
// where the fewest do.
func (p *Pool) placeAtHome(o *owner, e *errand) (*seat, outlook) {
	switch s := o.home; {
	case s == nil:
		return p.placeShared(e, func(s *seat) int { return len(s.homes) })
	case !s.hasRoom(e), s.sunk && (s.first() != nil || p.low >= mostLow):
		return nil, later
	case !s.sunk && !s.turn && p.running >= p.config.Workers:
		return nil, needsTurn
	default:
		return s, found
	}
}

// placeAnywhere serves an owner without state: the least busy seat takes its errand.
func (p *Pool) placeAnywhere(e *errand) (*seat, outlook) {
	return p.placeShared(e, func(s *seat) int { return len(s.errands) })
}

// placeShared finds the shared seat with the least load. Rather than share one that has some, a
// worker is started, as long as there are fewer than may run at once.
func (p *Pool) placeShared(e *errand, load func(*seat) int) (*seat, outlook) {
	best, turns := p.leastLoaded(e, load)
	if (best == nil || load(best) > 0) && p.free() < p.config.Workers && p.running < p.config.Workers {
		s, outlook := p.hired(shared, nil)
		if s == nil && best == nil {
			s, outlook = p.adopted(outlook)
		}
		if s != nil || best == nil {
			return s, outlook
		}
	}
	switch {
	case best != nil:
		return best, found
	case turns == 0:
		return nil, needsTurn
	}
	return nil, later
}

// adopted makes a newcomers' seat that nobody uses everybody's, where no other worker is ready.
func (p *Pool) adopted(otherwise outlook) (*seat, outlook) {
	s, _ := p.emptiest()
	if s == nil || len(s.homes) > 0 {
		return nil, otherwise
	}
	s.role = shared
	return s, found
}

// leastLoaded returns the best of the seats that can take an errand now, and how many shared ones
// have a turn.
func (p *Pool) leastLoaded(e *errand, load func(*seat) int) (best *seat, turns int) {
	for _, s := range p.seats {
		if s.role != shared {
			continue
		}
		if s.turn {
			turns++
		}
		if !s.hasRoom(e) || !s.turn && p.running >= p.config.Workers {
			continue
		}
		if best == nil || load(s) < load(best) {
			best = s
		}
	}
	return best, turns
}

// free counts the shared seats that are not held up by a long run.
func (p *Pool) free() int {
	n := 0
	for _, s := range p.seats {
		if s.role == shared && !s.low && !s.long {
			n++
		}
	}
	return n
}

func promise(now bool) outlook {
	if now {
		return found
	}
	return later
}

// hired returns a new seat with the worker that is ready, if there is one, and sees to it that one
// comes if there is none.
func (p *Pool) hired(r role, o *owner) (*seat, outlook) {
	w := p.readyWorker()
	switch {
	case w != nil:
	case p.fetchErr != nil:
		return nil, hopeless
	default:
		p.fetch()
		return nil, later
	}
	s := newSeat(w, r, o)
	switch r {
	case dedicated:
		s.sink()
	case compiling:
		w.sink(compilerNice)
	case shared, newcomers:
	}
	p.seats = append(p.seats, s)
	p.keeper.Go(func() { p.listen(s) })
	return s, found
}

// send gives an errand to a seat.
func (p *Pool) send(s *seat, e *errand, now time.Time) {
	e.seat, e.low = s, e.owner.beginsLow() || s.sunk
	if o := e.owner; !o.compiling && o.home != s && (!o.stateless || s.role == dedicated) {
		p.stays++
		o.settle(s, p.stays)
	}
	e.owner.open++
	s.errands = append(s.errands, e)
	s.bytes += e.size
	k := wire.KindCall
	switch {
	case e.inspects:
		k = wire.KindInspect
	case e.isCompilation():
		k = wire.KindCompile
	}
	e.copies++
	p.post(s, letter{kind: k, errand: e, copy: e.copies, version: e.owner.sentVersion(e.call.Version), low: e.low})
	if len(s.errands) > 1 {
		return
	}
	if !e.attended {
		s.rouse()
	}
	switch {
	case e.low:
		s.low = true
		p.low++
	case s.role != compiling:
		s.turn = true
		p.running++
	}
	p.begin(s, now)
}

// begin starts the clock of the first errand.
func (p *Pool) begin(s *seat, now time.Time) {
	e := s.first()
	e.run = run{began: now, phase: e.firstPhase()}
	if s.low {
		e.run.before, e.run.measured = s.process.worked()
	}
	if e.owner.home == s {
		s.homes[e.owner] = true
	}
	s.process.calls.Add(1)
	p.alarm.set(e.run.deadline(p.config.Limits))
}

// pop removes the first errand of a seat; the next one has its turn, or nobody.
func (p *Pool) pop(s *seat, now time.Time) *errand {
	e := s.pop()
	e.run.out.cancel()
	if s.low {
		s.low = false
		p.low--
		p.admitLow()
	}
	s.long = false
	switch {
	case s.gone || len(s.errands) == 0:
		p.giveBack(s)
		s.idle = now
		if s.sunk && s.role != dedicated && !s.gone {
			p.retire(s)
		}
	default:
		p.begin(s, now)
	}
	return e
}

// giveBack returns the seat's turn, if it has one.
func (p *Pool) giveBack(s *seat) {
	if s.turn {
		s.turn = false
		p.running--
	}
}

// takeBack lets the errands wait again that were sent ahead and have not begun.
func (p *Pool) takeBack(s *seat) {
	for _, e := range s.withdraw() { // the last one first
		if e.owner.home == s && !s.homes[e.owner] {
			e.owner.leaveHome() // it never began to live there
		}
		p.queue.giveBack(e)
		p.alarm.set(e.latest)
	}
}

// unseat takes a worker out of service. Its first errand is still to be answered.
func (p *Pool) unseat(s *seat) {
	if s.gone {
		return
	}
	s.gone = true
	p.seats = slices.DeleteFunc(p.seats, func(other *seat) bool { return other == s })
	for o := range s.homes {
		o.leaveHome()
	}
	p.takeBack(s)
	p.giveBack(s)
	for i := range s.unsent { // nobody reads them any more
		p.allowance.give(s.unsent[i].held)
	}
	s.unsent = nil
}

// post adds a frame to those that unlock writes.
func (p *Pool) post(s *seat, l letter) {
	s.post(l)
	if !slices.Contains(p.outgoing, s) {
		p.outgoing = append(p.outgoing, s)
	}
}

// write writes what was posted for a seat. Somebody who writes already writes this too. What the
// pipe does not take at once is left to a goroutine: who reads the worker's answers must never wait
// for the worker to read.
func (p *Pool) write(s *seat) {
	for p.beginWriting(s) {
		s.pipe.Lock()
		all, rest, err := s.process.offer(s.sending)
		s.letGo()
		if err == nil && len(rest) > 0 {
			p.keeper.Go(func() {
				n, _ := s.process.in.Write(rest) // who listens to the worker hears of its end
				s.process.giveBack()
				p.endWriting(s, all-len(rest)+n)
				p.write(s)
			})
			return
		}
		s.process.giveBack()
		p.endWriting(s, all-len(rest))
	}
}

// beginWriting says whether the caller is to write, and what.
func (p *Pool) beginWriting(s *seat) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.writing || s.gone || len(s.unsent) == 0 {
		return false
	}
	s.sending, s.unsent = s.unsent, s.sending[:0]
	for i := range s.sending {
		if e := s.sending[i].errand; e != nil {
			e.writing.Add(1)
		}
	}
	s.writing = true
	return true
}

// endWriting marks what the worker has whole and may have begun.
func (p *Pool) endWriting(s *seat, written int) {
	p.mu.Lock()
	for i := range s.sending {
		l := &s.sending[i]
		if e := l.errand; l.end <= written && e != nil && e.seat == s && e.copies == l.copy {
			e.written = true
		}
		if l.end <= written && l.asked != nil {
			l.asked.leave()
		}
		p.allowance.give(l.held)
		*l = letter{}
	}
	s.writing = false
	p.mu.Unlock()
	s.pipe.Unlock()
}
