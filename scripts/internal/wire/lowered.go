package wire

import "time"

// LongRun is how much of a processor's time a run takes before it goes on at low priority.
const LongRun = 25 * time.Millisecond

// Lowered is what a worker says of a run that goes on at low priority.
type Lowered struct {
	Thread int  // on which it runs
	Busy   bool // it has kept a processor busy for long; otherwise it waits for something
}

// Put begins a frame that carries it. The caller ends the frame.
func (n Lowered) Put(w *Writer) {
	w.Begin(KindLowered)
	if n.Busy {
		w.Flag(flagBusy)
	}
	w.Number(uint64(n.Thread)) //nolint:gosec // read back by ReadLowered
}

// ReadLowered reads what Put has added. A worker may name any thread.
func ReadLowered(f *Frame) Lowered {
	return Lowered{Thread: int(f.Number()), Busy: f.Flags&flagBusy != 0} //nolint:gosec // checked before it is used
}
