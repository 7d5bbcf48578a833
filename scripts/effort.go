package scripts

import "time"

// effort is what a run took, as its worker measured it.
type effort struct {
	took   time.Duration // without what the script waited for
	busy   time.Duration // of a processor, where that is known
	memory int64         // the most heap that was seen, in bytes
}

func (e effort) put(w *frameWriter) {
	for _, n := range []int64{int64(e.took), int64(e.busy), e.memory} {
		w.number(uint64(n)) //nolint:gosec // read back by readEffort
	}
}

func readEffort(f *frame) effort {
	return effort{
		took:   time.Duration(f.number()), //nolint:gosec // written by put
		busy:   time.Duration(f.number()), //nolint:gosec // as above
		memory: int64(f.number()),         //nolint:gosec // as above
	}
}
