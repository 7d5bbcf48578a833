package scripts

import (
	"errors"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// reply is the outcome of an errand.
type reply struct {
	result  integrations.ScriptResult
	changed []integrations.ScriptValue // in Store
	text    string                     // what compiling gave
	err     error
	effort  wire.Effort
	fatal   bool // the worker ended over it
	halted  bool // a limit of time ended it
}

// stopped says whether a limit that no script should reach ended the run.
func (r *reply) stopped() bool { return r.fatal || r.halted }

// errNonsense is an answer that no worker gives; only a broken one does.
var errNonsense = errors.New("the script's process answered nonsense")

// errNotStarted is the end of several workers in a row, each before it had the whole call.
var errNotStarted = errors.New("script workers ended before the call")

// mostTries is how many workers may end before an errand's eyes.
const mostTries = 3

// listen reads what a worker says until that ends, but for what callers listen to themselves.
func (p *Pool) listen(s *seat) {
	for {
		ended := false
		select {
		case <-s.roused:
		case <-s.process.ended: // what it said before is still to be read
			ended = true
		}
		if err := p.hearAll(s, ended); err != nil {
			p.lost(s, err)
			return
		}
	}
}

// hearAll reads what there is to expect. Of a worker that has ended it reads all, and returns an error.
func (p *Pool) hearAll(s *seat, ended bool) error {
	s.ear.Lock()
	defer s.ear.Unlock()
	for more := p.expects(s); s.fault == nil && (more || ended); {
		more, s.fault = p.hearNext(s)
	}
	return s.fault
}

// expects says whether the worker has something to answer.
func (p *Pool) expects(s *seat) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return s.first() != nil
}

// hearNext reads one frame, and says whether there is more to expect. After an error the worker has ended,
// or has to.
func (p *Pool) hearNext(s *seat) (more bool, err error) {
	f, err := s.process.read.Read()
	if err != nil {
		return false, err
	}
	now := time.Now()
	r, isReply := readReply(&f)
	p.mu.Lock()
	defer p.unlock()
	switch {
	case s.gone:
	case s.first() == nil || f.Bad:
		err = errNonsense
	case isReply:
		p.answered(s, r, now)
	default:
		err = p.hear(s, &f, now)
	}
	if err == nil && !s.gone && s.first() == nil && s.process.read.From.Buffered() > 0 {
		err = errNonsense // it would count as the next errand's answer
	}
	if err == nil && !s.process.read.IsNextHere() { // after an error the seat is given up first
		p.dispatch(now)
	}
	return s.first() != nil, err
}

// readReply reads a frame that ends an errand, if it is one.
func readReply(f *wire.Frame) (r reply, isReply bool) {
	switch f.Kind {
	case wire.KindResult, wire.KindMissing:
		r.result = integrations.ScriptResult{Missing: f.Kind == wire.KindMissing, Value: f.Bytes(), Console: f.Texts()}
		r.effort = wire.ReadEffort(f)
		r.result.Took, r.result.Memory = r.effort.Took, r.effort.Memory
		r.changed = readChanges(f)
	case wire.KindCompiled:
		r.text = f.Text()
	case wire.KindFailure:
		e := wire.ReadFailure(f)
		r.effort = wire.ReadEffort(f)
		r.err, r.halted = e, f.Flags&wire.FlagHalted != 0
		r.changed = readChanges(f)
	case wire.KindFault:
		r.err = fmt.Errorf("run script: %s", f.Text())
	default:
		return reply{}, false
	}
	return r, true
}

func readChanges(f *wire.Frame) []integrations.ScriptValue {
	values, err := wire.DecodeValues(f.Bytes())
	f.Bad = f.Bad || err != nil
	return values
}

// answered ends the first errand of a seat.
func (p *Pool) answered(s *seat, r reply, now time.Time) {
	e := p.pop(s, now)
	wasThrottled := e.owner.throttle.isOn()
	e.owner.judge(e, &r, now)
	if !s.gone {
		if e.owner.long {
			p.moveOut(e.owner, s)
		}
		p.settleIn(s)
	}
	if !wasThrottled && e.owner.throttle.isOn() {
		p.hold(e.owner)
	}
	if r.halted {
		p.counts.kill(KilledByTime)
	}
	e.finish(r)
}

// hold refuses what waits for a script that is throttled from now on.
func (p *Pool) hold(o *owner) {
	for _, e := range p.queue.clear(o) {
		p.counts.refusals++
		e.finish(reply{err: o.throttle.refusal(o.throttle.until)})
	}
	name, until := o.name, o.throttle.until
	p.keeper.Go(func() { // nobody waits for the log under the lock
		p.config.Logger.Warn("script throttled", "integration_id", name, "until", until)
	})
}

// hear takes in what a worker says while a script runs.
func (p *Pool) hear(s *seat, f *wire.Frame, now time.Time) error {
	e := s.first()
	switch f.Kind {
	case wire.KindNeedSource:
		if e.run.phase == integrations.PhaseEvaluate {
			return errNonsense
		}
		e.run.phase = integrations.PhaseEvaluate
		p.post(s, letter{kind: wire.KindSource, text: e.call.Compiled})
	case wire.KindEvaluated:
		e.run.phase = integrations.PhaseRun
	case wire.KindLowered:
		p.lower(s, wire.ReadLowered(f))
	case wire.KindWaits:
		if e.run.waits.IsZero() {
			e.run.waits = now
		}
	case wire.KindRuns:
		p.goOn(e, now)
	case wire.KindAsk:
		return p.ask(s, e, f)
	default:
		return errNonsense
	}
	return nil
}

// goOn starts the clock of a run again that waited.
func (p *Pool) goOn(e *errand, now time.Time) {
	if e.run.waits.IsZero() {
		return
	}
	e.run.waited += now.Sub(e.run.waits)
	e.run.waits = time.Time{}
	p.alarm.set(e.run.deadline(p.config.Limits))
}

// lost is for a worker that ended, or said what no worker says. What it may have begun ends with it,
// the rest is done elsewhere.
func (p *Pool) lost(s *seat, cause error) {
	p.mu.Lock()
	p.unseat(s)
	p.dispatch(time.Now())
	p.unlock()

	if !s.process.endsWithin(slowEnd) {
		p.dismiss(s)
	}
	s.process.end()
	s.pipe.Lock() // who was writing knows now how far it came
	defer s.pipe.Unlock()
	now := time.Now()
	p.mu.Lock()
	defer p.unlock()
	switch e := s.first(); {
	case e == nil:
		return
	case e.written:
		reason, err := s.process.explain(e.run.phase, cause)
		p.counts.kill(reason)
		p.answered(s, reply{err: err, fatal: true}, now)
	case p.closed:
		p.pop(s, now).finish(reply{err: ErrClosed})
	case e.tries >= mostTries:
		p.refuse(p.pop(s, now), errNotStarted) // it says nothing of the script
	default:
		p.pop(s, now)
		e.seat = nil
		e.tries++
		p.queue.giveBack(e)
		p.alarm.set(e.latest)
	}
	p.dispatch(now)
}

// slowEnd is how long the caller of a run whose worker ended waits to hear how it ended. What a process
// of low priority holds is given back at that priority, which takes its time on a busy machine.
const slowEnd = 2 * time.Second

// dismiss answers the run of a worker that has not ended by then.
func (p *Pool) dismiss(s *seat) {
	p.mu.Lock()
	defer p.unlock()
	e := s.first()
	if e == nil || !e.written {
		return
	}
	now := time.Now()
	p.counts.kill(KilledLate)
	p.answered(s, reply{err: p.lateness(s, e, now), fatal: true}, now)
	p.dispatch(now)
}
