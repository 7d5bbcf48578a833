package wire

import "time"

// Effort is what a run took, as its worker measured it.
type Effort struct {
	Took   time.Duration // without what the script waited for
	Busy   time.Duration // of a processor, where that is known
	Memory int64         // the most heap that was seen, in bytes
}

// Put adds it to a frame that was begun, as three parts.
func (e Effort) Put(w *Writer) {
	for _, n := range []int64{int64(e.Took), int64(e.Busy), e.Memory} {
		w.Number(uint64(n)) //nolint:gosec // read back by ReadEffort
	}
}

// ReadEffort reads what Put has added.
func ReadEffort(f *Frame) Effort {
	return Effort{
		Took:   time.Duration(f.Number()), //nolint:gosec // written by Put
		Busy:   time.Duration(f.Number()), //nolint:gosec // as above
		Memory: int64(f.Number()),         //nolint:gosec // as above
	}
}
