package scripts

import (
	"strconv"
	"strings"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

const (
	// So many quick runs in a row end an owner's time among the low ones.
	quickRuns = 3
	// So many owners are remembered before idle ones are forgotten.
	mostOwners = 10_000
)

// owner is what the pool knows of an integration: how its script is to be run, where its state
// lives, what waits, and how its runs went of late.
type owner struct {
	name      string
	version   string // the latest that was called
	known     bool   // version is one
	before    string // the version before it, of which a call may be late
	called    time.Time
	compiling bool // not an integration: all sources to compile
	stateless bool

	line  []*errand // waiting
	bytes int       // of all that wait
	open  int       // sent and not answered
	home  *seat     // where its state lives, nil if nowhere
	stay  uint64    // counts the homes that were given to anybody

	proven   bool      // a run of this version was quick, so that several may run at once
	long     bool      // its runs were long of late, or called out: they begin at low priority
	quick    int       // runs in a row since the last long one
	brief    bool      // the last run ended before who waits awake would have gone to sleep
	answered time.Time // when the last run ended
	throttle throttle
}

// meet takes in the version of a call. A new one begins without a past, and elsewhere than where the
// state of the old one is. A late call of the version before changes nothing.
func (o *owner) meet(call integrations.ScriptCall) {
	if o.known && (o.version == call.Version || o.before == call.Version) {
		return
	}
	if o.known {
		o.before = o.version
		o.leaveHome()
	}
	header, _, _ := strings.Cut(call.Compiled, "\n")
	t := language.TraitsOf(header)
	o.known, o.version, o.stateless = true, call.Version, t.Stateless
	// A text without traits is assumed to do everything, which is no reason to expect it.
	o.proven, o.brief, o.quick, o.long = false, false, 0, t.Calls && strings.Contains(header, language.TraitsMark)
	o.throttle = throttle{}
}

// sentVersion differs after every move: a worker that the owner comes back to may still keep an
// earlier state.
func (o *owner) sentVersion(version string) string {
	if o.stateless {
		return version
	}
	return version + "\x00" + strconv.FormatUint(o.stay, 10)
}

// judge draws the consequences of a run that has ended.
func (o *owner) judge(e *errand, r *reply, now time.Time) {
	if o.compiling || o.version != e.call.Version {
		return
	}
	stopped := r.stopped()
	switch {
	case stopped || e.run.lowered || e.run.out != nil || r.effort.Busy >= wire.LongRun:
		o.turnLong()
	default:
		o.proven = true
		if o.quick++; o.quick >= quickRuns {
			o.long = false
		}
	}
	o.brief, o.answered = !stopped && r.effort.Took < awakeLimit, now
	o.throttle.judge(stopped, r.err, now)
}

// takesTurns says whether its runs take turns, as far as one can know.
func (o *owner) takesTurns() bool { return !o.compiling && !o.beginsLow() }

// beginsLow says whether its next run begins at low priority.
func (o *owner) beginsLow() bool { return !o.compiling && (o.long || !o.proven) }

// isBrisk says whether its runs are brief and come one after the other.
func (o *owner) isBrisk(now time.Time) bool {
	return o.brief && now.Sub(o.answered) < atOnce && !o.beginsLow()
}

// turnLong puts the owner among those whose runs begin at low priority.
func (o *owner) turnLong() { o.long, o.quick = true, 0 }

// isIdle says whether nothing is under way for the owner.
func (o *owner) isIdle(now time.Time) bool {
	return o.open == 0 && len(o.line) == 0 && o.throttle.refuses(now) == nil
}

// leaveHome gives up where the owner's state lives.
func (o *owner) leaveHome() {
	if o.home == nil {
		return
	}
	delete(o.home.homes, o)
	o.home = nil
}

// settle makes a seat the owner's home. It has state there once a run has begun. No two stays have the
// same number.
func (o *owner) settle(s *seat, stay uint64) {
	o.leaveHome()
	o.home, o.stay = s, stay
	s.homes[o] = false
}
