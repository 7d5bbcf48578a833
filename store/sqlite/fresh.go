package sqlite

import (
	"math"
	"sync/atomic"
)

// fresh is what has been committed and is not on disk yet: nobody claims it, so that no receiver hears
// of an event that a crash of the machine could undo, and an attempt that was recorded is not made again
// before that is on disk. It is a moment only, and whoever claims is told when it is over.
type fresh struct {
	seq atomic.Int64 // the first delivery that was added
	due atomic.Int64 // the first due time of what waits for another attempt
}

// settle says that all is on disk.
func (f *fresh) settle() {
	f.seq.Store(math.MaxInt64)
	f.due.Store(math.MaxInt64)
}

// added is called by the writer alone, as is postponed.
func (f *fresh) added(seq int64) { f.seq.Store(min(f.seq.Load(), seq)) }

func (f *fresh) postponed(due int64) { f.due.Store(min(f.due.Load(), due)) }
