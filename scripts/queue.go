package scripts

import "slices"

// queue holds the errands that wait. Those of an owner stand in that owner's line, and the owners
// take turns: after one errand its owner stands behind all others who wait.
type queue struct {
	most    int      // errands that may wait
	waiting int      // in all lines
	bytes   int      // of all that wait
	turns   []*owner // who has a line, in the order of their turns
}

const (
	// So many bytes of calls may wait. Beyond that, an owner's may be so many.
	mostBytesWaiting = 64 << 20
	fairBytesWaiting = 1 << 20
)

// overflows says whether an errand is too large to wait beside what waits already.
func (q *queue) overflows(e *errand) bool {
	return q.bytes+e.size > mostBytesWaiting && e.owner.bytes+e.size > fairBytesWaiting
}

// enter puts an errand at the end of its owner's line. It returns the one that has to leave because
// the queue is full, which may be the newcomer, or nil.
func (q *queue) enter(e *errand) (left *errand) {
	if q.waiting >= q.most {
		if left = q.makeRoom(e.owner); left == nil {
			return e
		}
	}
	q.push(e.owner, len(e.owner.line), e)
	return left
}

// giveBack puts an errand that was sent ahead, and not begun, before all others.
func (q *queue) giveBack(e *errand) {
	q.forget(e.owner)
	q.turns = slices.Insert(q.turns, 0, e.owner)
	q.push(e.owner, 0, e)
}

func (q *queue) push(o *owner, place int, e *errand) {
	if len(o.line) == 0 && !slices.Contains(q.turns, o) {
		q.turns = append(q.turns, o)
	}
	o.line = slices.Insert(o.line, place, e)
	q.waiting++
	q.bytes += e.size
	o.bytes += e.size
}

// take removes the first errand of the owner whose turn it is; the owner goes behind all others.
func (q *queue) take(turn int) *errand {
	o := q.turns[turn]
	q.turns = slices.Delete(q.turns, turn, turn+1)
	e := q.pull(o, 0)
	if len(o.line) > 0 {
		q.turns = append(q.turns, o)
	}
	return e
}

// leave removes an errand that waits no longer, and says whether it was there.
func (q *queue) leave(e *errand) bool {
	place := slices.Index(e.owner.line, e)
	if place < 0 {
		return false
	}
	q.pull(e.owner, place)
	if len(e.owner.line) == 0 {
		q.forget(e.owner)
	}
	return true
}

// clear removes the whole line of an owner and returns it.
func (q *queue) clear(o *owner) []*errand {
	line := o.line
	o.line = nil
	q.waiting -= len(line)
	q.bytes -= o.bytes
	o.bytes = 0
	q.forget(o)
	return line
}

// makeRoom sends the last of the longest line away, unless the newcomer's own would then be longer:
// no owner can fill the queue against the others.
func (q *queue) makeRoom(newcomer *owner) *errand {
	longest := newcomer
	for _, o := range q.turns {
		if len(o.line) > len(longest.line) {
			longest = o
		}
	}
	last := len(longest.line) - 1
	if last <= len(newcomer.line) {
		return nil
	}
	e := longest.line[last]
	q.leave(e)
	return e
}

// pull takes an errand out of its line.
func (q *queue) pull(o *owner, place int) *errand {
	e := o.line[place]
	o.line = slices.Delete(o.line, place, place+1)
	q.waiting--
	q.bytes -= e.size
	o.bytes -= e.size
	return e
}

// forget strikes an owner from the order of turns.
func (q *queue) forget(o *owner) {
	if place := slices.Index(q.turns, o); place >= 0 {
		q.turns = slices.Delete(q.turns, place, place+1)
	}
}
