package scripts

import (
	"slices"
	"time"
)

// A run that takes longer than longRun gives its turn back and goes on at low priority; the worker
// says when. The calls sent ahead behind it are made elsewhere. Calls of an owner whose run was long
// of late, or called out, begin so, one at a time, in a worker of the owner's own, until a few runs
// in a row were quick.
//
// An owner with state whose home is where another's run turned out to be long waits for it. That
// happens once per such run's owner, as that one has a worker of its own from then on.
const (
	longRun = 25 * time.Millisecond
	// So many runs may go on at low priority, and so many owners have a worker of their own.
	mostLow = 16
	// The nice values of a worker that has sunk, and of the one that compiles.
	nicest       = 19
	compilerNice = 5
	// A seat that was not used for so long is given up where there are more than needed.
	longIdle = 5 * time.Minute
)

// placeLow serves an owner whose runs are long: one at a time, in a seat of its own.
func (p *Pool) placeLow(o *owner) (*seat, outlook) {
	if o.open > 0 || p.low >= mostLow {
		return nil, later
	}
	for _, s := range p.seats {
		if s.role == dedicated && s.owner == o {
			return s, promise(s.first() == nil)
		}
	}
	if !p.makeOwnRoom() {
		return nil, later
	}
	return p.hired(dedicated, o)
}

// makeOwnRoom sees to it that one more owner may have a seat of its own: the one that was not used
// for longest is given up.
func (p *Pool) makeOwnRoom() bool {
	var oldest *seat
	n := 0
	for _, s := range p.seats {
		if s.role != dedicated {
			continue
		}
		n++
		if s.first() == nil && (oldest == nil || s.idle.Before(oldest.idle)) {
			oldest = s
		}
	}
	if n < mostLow {
		return true
	}
	if oldest == nil {
		return false
	}
	p.retire(oldest)
	return true
}

// lower is what follows when a worker says that its run goes on at low priority.
func (p *Pool) lower(s *seat) {
	e := s.first()
	p.counts.long++
	p.takeBack(s)
	p.post(s, letter{kind: kindResume}) // until it reads this, it leaves calls undone
	if s.role == compiling {
		return
	}
	e.run.lowered = true
	if e.owner.version == e.call.Version {
		e.owner.turnLong()
	}
	p.moveOut(e.owner, s)
	s.long = true
	p.admitLow()
	// The thread of the run has a low priority, but Go's collector, which cleans up behind it, has
	// threads of its own. So the worker sinks as a whole if nobody else's state lives there. It cannot
	// rise again, and ends after the run unless it is the owner's own.
	if s.role == dedicated || len(s.homes) == 0 {
		s.sink()
	}
}

// moveOut parts a long owner from others: it keeps the seat if nobody else lives there.
func (p *Pool) moveOut(o *owner, s *seat) {
	if s.role != shared || o.home != s {
		return
	}
	if len(s.homes) == 1 && p.makeOwnRoom() {
		s.role, s.owner = dedicated, o
		return
	}
	o.leaveHome()
}

// admitLow lets long runs give their turns back, as far as there are places among the low ones.
func (p *Pool) admitLow() {
	for _, s := range p.seats {
		if p.low >= mostLow {
			return
		}
		if s.long && !s.low {
			s.long, s.low = false, true
			p.low++
			p.giveBack(s)
		}
	}
}

// retire ends a worker that has nothing to do.
func (p *Pool) retire(s *seat) {
	p.unseat(s)
	s.process.kill()
}

// retireSurplus ends workers that are not needed: at once those where nobody's state lives, others
// after a while.
func (p *Pool) retireSurplus(now time.Time) {
	surplus := p.free() - p.config.Workers
	for _, s := range slices.Clone(p.seats) {
		if s.first() != nil || s.role == compiling {
			continue
		}
		rested := now.Sub(s.idle) >= longIdle
		switch {
		case s.role == dedicated && rested:
			p.retire(s)
		case s.role == shared && surplus > 0 && (len(s.homes) == 0 || rested):
			p.retire(s)
			surplus--
		}
	}
}
