package scripts

import (
	"slices"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

const (
	// So many calls may be in a worker, the running one included. What is sent ahead saves the
	// worker a sleep between two calls; more than a few gains nothing.
	mostAhead = 8
	// So many bytes may be sent ahead: less than a pipe takes, so that a write seldom waits.
	mostBytesAhead = 48 << 10
)

// role says whose calls a seat takes.
type role int

const (
	shared    role = iota // everybody's of whom a run was quick
	newcomers             // those of whom none was yet, one at a time
	dedicated             // one owner's
	compiling             // sources to compile
)

// seat is a worker as the pool sees it: its process, the errands sent to it, the owners whose state
// lives there.
type seat struct {
	process *process
	role    role
	owner   *owner          // whose own it is
	homes   map[*owner]bool // whose state lives here, or will: true once it does
	errands []*errand       // in the order in which they were sent; the first one runs
	bytes   int             // the size of all
	turn    bool            // it has one of the turns, of which there are as many as cores
	low     bool            // the first errand runs at low priority, and counts among the low ones
	long    bool            // the first errand took long, and no place was free among the low ones
	gone    bool            // it takes no more
	idle    time.Time       // since when, while it is
	roused  chan struct{}   // holds one where the seat's own listener is to listen
	ear     sync.Mutex      // held by who listens; taken before the pool's lock, never under it
	fault   error           // nothing is heard after it; under ear

	unsent  []letter
	sending []letter
	writing bool       // somebody does
	pipe    sync.Mutex // held by who writes; taken before the pool's lock, never under it
	sunk    bool       // has the lowest priority for good
}

func newSeat(w *process, r role, o *owner) *seat {
	return &seat{
		process: w, role: r, owner: o, homes: make(map[*owner]bool),
		idle: time.Now(), roused: make(chan struct{}, 1),
	}
}

// rouse wakes the seat's own listener.
func (s *seat) rouse() {
	select {
	case s.roused <- struct{}{}:
	default: // it is awake, or will be
	}
}

// letter is a frame to send.
type letter struct {
	kind   wire.Kind
	errand *errand // of KindCall, KindCompile and KindInspect
	copy   int     // which of the letters about the errand this is
	// The version as the worker hears it, and whether the call begins at low priority. The letter has
	// its own: while it is being written, the errand may already be on its way to another worker.
	version string
	low     bool
	text    string // of KindSource
	answer  wire.Answer
	asked   *outings // of KindAnswer: the calls that it belongs to
	held    int64    // of KindAnswer: what it takes of the allowance
	end     int      // where its frame ends among those that are written together
}

// sink lowers the worker's priority for good.
func (s *seat) sink() {
	if !s.sunk {
		s.sunk = true
		s.process.sink(nicest)
	}
}

// hasRoom says whether an errand may be sent to the seat now, the turn aside.
func (s *seat) hasRoom(e *errand) bool {
	if s.gone || s.low || s.long {
		return false
	}
	return len(s.errands) == 0 || len(s.errands) < mostAhead && s.bytes+e.size <= mostBytesAhead
}

// first is the errand that runs, nil if none does.
func (s *seat) first() *errand {
	if len(s.errands) == 0 {
		return nil
	}
	return s.errands[0]
}

// pop removes the first errand.
func (s *seat) pop() *errand {
	e := s.errands[0]
	s.errands = slices.Delete(s.errands, 0, 1) // an idle seat holds nothing of what it did
	s.bytes -= e.size
	e.owner.open--
	return e
}

// withdraw removes the errands behind the first one, and returns them.
func (s *seat) withdraw() []*errand {
	var ahead []*errand
	for len(s.errands) > 1 {
		last := len(s.errands) - 1
		e := s.errands[last]
		s.errands = slices.Delete(s.errands, last, last+1)
		s.bytes -= e.size
		e.owner.open--
		e.seat, e.written = nil, false
		ahead = append(ahead, e)
	}
	s.unsend()
	return ahead
}

// unsend strikes the letters of errands that were withdrawn before they were written.
func (s *seat) unsend() {
	kept := s.unsent[:0]
	for _, l := range s.unsent {
		if l.errand == nil || l.errand.seat == s {
			kept = append(kept, l)
		}
	}
	clear(s.unsent[len(kept):])
	s.unsent = kept
}

// letGo says of what is being written that the frames are made: nobody reads the errands any more.
func (s *seat) letGo() {
	for i := range s.sending {
		if e := s.sending[i].errand; e != nil {
			e.writing.Done()
		}
	}
}

// post adds a frame to those that Pool.write writes.
func (s *seat) post(l letter) { s.unsent = append(s.unsent, l) }

// put writes a letter into the frames that go out next.
func (l *letter) put(w *wire.Writer) {
	w.Begin(l.kind)
	switch l.kind {
	case wire.KindCall:
		call := &l.errand.call
		if l.low {
			w.Flag(wire.FlagLow)
		}
		w.Text(call.Owner)
		w.Text(l.version)
		w.Text(string(call.Method))
		w.Bytes(call.Argument)
		w.Bytes(call.Content)
		w.Bytes(call.Raw)
		w.Bytes(l.errand.kept)
	case wire.KindCompile, wire.KindInspect:
		w.Text(strictWord(l.errand.source.Strict))
		w.Text(l.errand.source.Text)
	case wire.KindSource:
		w.Text(l.text)
	case wire.KindAnswer:
		l.answer.Put(w)
	default: // the kind says it all
	}
	w.Seal()
}

func strictWord(strict bool) string {
	if strict {
		return "strict"
	}
	return ""
}

// sizeOf is about what a call's frame takes.
func sizeOf(call *integrations.ScriptCall) int {
	return 200 + len(call.Argument) + len(call.Content) + len(call.Raw)
}
