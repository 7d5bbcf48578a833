package scripts

import (
	"slices"
	"time"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// A run that takes longer than wire.LongRun gives its turn back and goes on at low priority; the worker
// says when. The calls sent ahead behind it are made elsewhere. Calls of an owner whose run was long
// of late, or called out, begin so, one at a time, in a worker of the owner's own, until a few runs
// in a row were quick. The first run of an owner begins so as well, in a worker for newcomers: most
// scripts that do harm do so at once, and then where nobody else is called.
//
// There are two depths. Who waits for others, or might, comes after all who have a turn. Who has
// kept a processor busy for long comes after everything else on the machine.
//
// An owner with state whose home is where another's run turned out to be long waits for it. That
// happens once per such run's owner, as that one has a worker of its own from then on.
const (
	// So many runs may go on at low priority, and so many owners have a worker of their own.
	mostLow = 16
	// So many sources are compiled at once where some take long.
	mostCompilers = 3
	// The nice values of a worker that has sunk, and of the one that compiles.
	nicest       = 19
	compilerNice = 5
	// A seat that was not used for so long is given up where there are more than needed.
	longIdle = 5 * time.Minute
)

// placeLow serves an owner whose runs are long: one at a time, in a seat of its own.
func (p *Pool) placeLow(o *owner) (*seat, outlook) {
	// Some places are kept for newcomers.
	if o.open > 0 || p.low >= max(1, mostLow-p.config.Workers) {
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
func (p *Pool) lower(s *seat, notice wire.Lowered) {
	e := s.first()
	p.takeBack(s)
	p.post(s, letter{kind: wire.KindResume}) // until it reads this, it leaves calls undone
	if !e.run.lowered && !e.owner.long {
		p.counts.long++
	}
	e.run.lowered = true
	if !e.run.measured {
		e.run.before, e.run.measured = s.process.worked()
	}
	if !e.isCompilation() {
		if e.owner.version == e.call.Version {
			e.owner.turnLong()
		}
		p.moveOut(e.owner, s)
	}
	if p.isLowElsewhere(e.owner, s) && e.run.out == nil && len(s.homes) == 0 {
		p.makeAgain(s)
		return
	}
	s.long = !s.low
	p.admitLow()
	p.press(s, notice)
}

// isLowElsewhere says whether another run of the owner is low. Of an integration without state several
// may have run when they turned out to be long. All but the first are made again, unless they called out
// already, or their worker cannot end because others live there.
func (p *Pool) isLowElsewhere(o *owner, than *seat) bool {
	return !o.compiling && slices.ContainsFunc(p.seats, func(s *seat) bool {
		return s != than && s.low && s.first().owner == o
	})
}

// makeAgain ends a run that has had no effect yet, together with its worker, so that it is made once
// the owner's others are done.
func (p *Pool) makeAgain(s *seat) {
	p.unseat(s)
	s.process.kill()
	e := p.pop(s, time.Now())
	e.seat, e.written = nil, false
	p.queue.giveBack(e)
	p.alarm.set(e.latest)
}

// press lowers the priority of a run that is low. The worker goes down as a whole if nobody else's
// state lives there: Go's collector, which cleans up behind the run, has threads of its own. It cannot
// rise again, and ends after the run unless it is the owner's own. The thread of a run that is long goes
// further down, and the monitor's does not: it is to see what the run does.
func (p *Pool) press(s *seat, notice wire.Lowered) {
	if s.role == dedicated || len(s.homes) == 0 {
		s.sink()
	}
	if notice.Busy {
		s.process.drown(notice.Thread)
	}
}

// moveOut parts a long owner from others: it keeps the seat if nobody else lives there.
func (p *Pool) moveOut(o *owner, s *seat) {
	if s.role == dedicated || o.home != s {
		return
	}
	if len(s.homes) == 1 && p.makeOwnRoom() {
		s.role, s.owner = dedicated, o
		s.sink()
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
	for _, s := range slices.Clone(p.seats) {
		if s.first() != nil || !p.isSurplus(s) {
			continue
		}
		if now.Sub(s.idle) >= longIdle || s.role == shared && len(s.homes) == 0 {
			p.retire(s)
		}
	}
}

// isSurplus tells whether a seat that has nothing to do goes once it has rested. The alarm is set for
// those and no others: for one that stays it would ring without end.
func (p *Pool) isSurplus(s *seat) bool {
	switch s.role {
	case shared:
		return p.free() > p.config.Workers
	case newcomers:
		return len(s.homes) == 0
	case dedicated:
		return true
	case compiling:
	}
	return false
}

// settleIn makes a newcomers' seat everybody's once somebody lives there who is welcome, so that the
// next newcomers are tried elsewhere. Where there are enough for owners with state, it changes places
// with the one that fewer live in.
func (p *Pool) settleIn(s *seat) {
	if s.role != newcomers || len(s.homes) == 0 || s.sunk {
		return
	}
	if p.free() < 2*p.config.Workers {
		s.role = shared
		return
	}
	for _, other := range p.seats {
		if other.role == shared && !other.sunk && other.first() == nil && len(other.homes) < len(s.homes) {
			s.role, other.role = shared, newcomers
			return
		}
	}
}
