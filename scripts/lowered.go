package scripts

// lowered is what a worker says of a run that goes on at low priority.
type lowered struct {
	thread thread // on which it runs
	busy   bool   // it has kept a processor busy for long; otherwise it waits for something
}

func (n lowered) put(w *frameWriter) {
	w.begin(kindLowered)
	if n.busy {
		w.flag(flagBusy)
	}
	w.number(uint64(n.thread)) //nolint:gosec // read back by readLowered
}

func readLowered(f *frame) lowered {
	return lowered{thread: thread(f.number()), busy: f.flags&flagBusy != 0} //nolint:gosec // checked before it is used
}
