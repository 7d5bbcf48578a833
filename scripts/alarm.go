package scripts

import (
	"slices"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// alarm rings at the earliest of the times that it was set to. One timer serves all calls: most end
// long before their time, and the next ones' times are later.
type alarm struct {
	ring  func()
	timer *time.Timer
	at    time.Time // zero while it is not set
	off   bool
}

// set makes the alarm ring then, or earlier.
func (a *alarm) set(at time.Time) {
	if a.off || !a.at.IsZero() && !at.Before(a.at) {
		return
	}
	a.at = at
	if a.timer == nil {
		a.timer = time.AfterFunc(time.Until(at), a.ring)
		return
	}
	a.timer.Reset(time.Until(at))
}

func (a *alarm) stop() {
	a.off = true
	if a.timer != nil {
		a.timer.Stop()
	}
}

// ring ends what has had its time: workers that are late, and errands that waited too long.
func (p *Pool) ring() {
	now := time.Now()
	p.mu.Lock()
	defer p.unlock()
	p.alarm.at = time.Time{}
	if p.closed {
		return
	}
	p.killLate(now)
	p.refuseLate(now)
	p.retireSurplus(now)
	p.dispatch(now)
	p.setAlarm()
}

func (p *Pool) killLate(now time.Time) {
	for _, s := range slices.Clone(p.seats) {
		e := s.first()
		if e == nil || now.Before(e.run.deadline(p.config.Limits)) {
			continue
		}
		late := p.lateness(s, e, now)
		p.unseat(s)
		s.process.kill()
		p.counts.kill(KilledLate)
		p.answered(s, reply{err: late, fatal: true}, now)
	}
}

// lateness words why a run is killed.
func (p *Pool) lateness(s *seat, e *errand, now time.Time) error {
	if now.Sub(e.run.began) >= p.config.Limits.WallTime && e.run.out != nil {
		return wire.StoppedByWallTime(e.run.phase, p.config.Limits)
	}
	if worked, ok := s.process.worked(); ok && e.run.measured {
		return wire.StoppedByTimeAfter(worked-e.run.before, e.run.phase, p.config.Limits)
	}
	return wire.StoppedByTime(e.run.phase, p.config.Limits)
}

func (p *Pool) refuseLate(now time.Time) {
	var late []*errand
	for _, o := range p.queue.turns {
		for _, e := range o.line {
			if !now.Before(e.latest) {
				late = append(late, e)
			}
		}
	}
	for _, e := range late {
		p.queue.leave(e)
		p.refuse(e, integrations.ErrScriptsBusy)
	}
}

// setAlarm sets it to what comes next.
func (p *Pool) setAlarm() {
	for _, s := range p.seats {
		if e := s.first(); e != nil {
			p.alarm.set(e.run.deadline(p.config.Limits))
		} else if p.isSurplus(s) {
			p.alarm.set(s.idle.Add(longIdle))
		}
	}
	for _, o := range p.queue.turns {
		for _, e := range o.line {
			p.alarm.set(e.latest)
		}
	}
}
