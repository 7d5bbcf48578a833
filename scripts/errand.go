package scripts

import (
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// errand is one call, or one compilation, on its way through the pool. Who waits for it reads the
// outcome once done is closed; until then it belongs to the pool, under its lock.
type errand struct {
	call     integrations.ScriptCall
	source   *integrations.ScriptSource // of a compilation; nil for a call
	inspects bool                       // a compilation of which only what was found is of interest
	owner    *owner
	done     chan struct{}

	latest  time.Time // when it has waited too long for its turn
	size    int       // of its frame, about
	kept    []byte    // what the script keeps in Store, encoded; nil where that is not written down
	seat    *seat     // to which it was sent, nil while it waits
	copies  int       // letters that were posted about it
	written bool      // the worker may have begun it
	// Letters about it that are being written just now. One may have been taken back meanwhile, and
	// the errand done elsewhere.
	writing  sync.WaitGroup
	tries    int  // workers that ended before they had it
	low      bool // begins at low priority
	attended bool // if it is sent now, its caller listens
	run      run

	result  integrations.ScriptResult
	changed []integrations.ScriptValue // in Store
	text    string                     // what compiling gave
	err     error
}

// run is what is known of an errand that its worker has begun.
type run struct {
	began   time.Time
	phase   integrations.ScriptPhase
	lowered bool          // it took long, or waited, and goes on at low priority
	waits   time.Time     // since when it waits for something outside; zero while it runs
	waited  time.Duration // before that
	out     *outings      // its calls out, nil if it made none
	// What its worker had worked before, if the run began at low priority or was seen to go on so.
	before   time.Duration
	measured bool
}

// deadline is when the parent kills the worker if nothing else happens by then.
func (r *run) deadline(l Limits) time.Time {
	whole := r.began.Add(l.WallTime + wire.ParentGrace)
	if !r.waits.IsZero() {
		return whole
	}
	if own := r.began.Add(r.waited + l.Timeout + wire.ParentGrace); own.Before(whole) {
		return own
	}
	return whole
}

func (e *errand) isCompilation() bool { return e.source != nil }

func (e *errand) firstPhase() integrations.ScriptPhase {
	if e.isCompilation() {
		return integrations.PhaseCompile
	}
	return integrations.PhaseRun
}

func (e *errand) isDone() bool {
	select {
	case <-e.done:
		return true
	default:
		return false
	}
}

// finish hands the outcome to who waits.
func (e *errand) finish(r reply) {
	e.result, e.changed, e.text, e.err = r.result, r.changed, r.text, r.err
	close(e.done)
}
