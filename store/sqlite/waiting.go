package sqlite

import "time"

const (
	// gatherLimit is how long a commit waits for as many writes as the last one had. Those whose
	// writes were committed together mostly come back together, and a commit costs a processor as
	// much as several hooks. Who writes alone never waits.
	gatherLimit = 2 * time.Millisecond
	// gatherLightLimit is that of light writes, and twice as many as the last commit had are waited for:
	// each commit writes the pages again that it has in common with the one before, and nobody is in a
	// hurry.
	gatherLightLimit = 5 * time.Millisecond
	// flushLimit is how long what needs no flush may be committed until one takes it along.
	flushLimit = 100 * time.Millisecond
)

// kind says how a write is done.
type kind int

const (
	durable kind = iota // answered once it is on disk
	light               // answered once it is committed: a crash of the machine may undo it for a moment
	urgent              // light, and before all others
	kinds
)

// waitingWrites are those of one kind that wait for a commit.
type waitingWrites struct {
	kind  kind
	list  []*write
	goal  int       // how many the next commit would like to have
	since time.Time // when the first of them came
}

// add answers whether the writer has to look at it.
func (q *waitingWrites) add(wr *write) bool {
	q.list = append(q.list, wr)
	if len(q.list) == 1 {
		q.since = time.Now()
		return true
	}
	return wr.kind == urgent || len(q.list) >= q.goal
}

// due answers how long to wait for others; zero and less: no longer. Where none waits that is long.
func (q *waitingWrites) due(at time.Time, closed bool) time.Duration {
	switch {
	case len(q.list) == 0:
		return time.Hour
	case closed || len(q.list) >= q.goal:
		return 0
	case q.kind == light:
		return q.since.Add(gatherLightLimit).Sub(at)
	default:
		return q.since.Add(gatherLimit).Sub(at)
	}
}

// take adds what waits to a batch, as much as fits.
func (q *waitingWrites) take(batch []*write) []*write {
	before, left := len(batch), q.list[:0]
	for _, wr := range q.list {
		switch {
		case len(batch) == batchLimit:
			left = append(left, wr)
		case wr.state.CompareAndSwap(queued, started):
			batch = append(batch, wr)
		}
	}
	clear(q.list[len(left):])
	q.list = left
	switch n := len(batch) - before; {
	case n > 1 && q.kind == light:
		q.goal = min(2*n, batchLimit)
	case n > 0:
		q.goal = n
	}
	return batch
}
