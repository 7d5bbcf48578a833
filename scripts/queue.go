package scripts

import (
	"slices"
	"sync"

	"github.com/grapnel-chat/grapnel/integrations"
)

// mostWaiting is how many callers may wait in one queue.
const mostWaiting = 256

// queue gives the turn to one caller at a time. The callers of an owner stand in that owner's line,
// and the owners take turns: after a call its owner stands behind all others who wait.
type queue struct {
	mu      sync.Mutex
	taken   bool
	holder  string // whose turn it is
	waiting int    // callers in all lines
	lines   map[string][]waiter
	next    []string // owners with a line, the holder aside, in the order of their turns
}

// waiter hears once: nil when its turn has come, or why it will not come.
type waiter chan error

// enter returns nil if the turn is the caller's at once.
func (q *queue) enter(owner string) waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.taken {
		q.taken, q.holder = true, owner
		return nil
	}
	w := make(waiter, 1)
	if q.waiting >= mostWaiting && !q.makeRoom(owner) {
		w <- integrations.ErrScriptsBusy
		return w
	}
	if len(q.lines[owner]) == 0 && owner != q.holder {
		q.next = append(q.next, owner)
	}
	if q.lines == nil {
		q.lines = make(map[string][]waiter)
	}
	q.lines[owner] = append(q.lines[owner], w)
	q.waiting++
	return w
}

// release ends a turn; the next one begins.
func (q *queue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.lines[q.holder]) > 0 {
		q.next = append(q.next, q.holder)
	}
	if len(q.next) == 0 {
		q.taken, q.holder = false, ""
		return
	}
	q.holder, q.next = q.next[0], q.next[1:]
	q.pull(q.holder, 0) <- nil
}

// leave is for a caller that waits no longer. A turn that came all the same goes to the next one.
func (q *queue) leave(owner string, w waiter) {
	if !q.withdraw(owner, w) && <-w == nil {
		q.release()
	}
}

func (q *queue) withdraw(owner string, w waiter) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	place := slices.Index(q.lines[owner], w)
	if place < 0 {
		return false
	}
	q.pull(owner, place)
	q.forget(owner)
	return true
}

// makeRoom sends the last of the longest line away, unless the newcomer's own would then be longer:
// no owner can fill the queue against the others.
func (q *queue) makeRoom(newcomer string) bool {
	longest := newcomer
	for owner, line := range q.lines {
		if len(line) > len(q.lines[longest]) {
			longest = owner
		}
	}
	last := len(q.lines[longest]) - 1
	if last <= len(q.lines[newcomer]) {
		return false
	}
	q.pull(longest, last) <- integrations.ErrScriptsBusy
	return true
}

// pull takes a waiter out of its line.
func (q *queue) pull(owner string, place int) waiter {
	w := q.lines[owner][place]
	q.lines[owner] = slices.Delete(q.lines[owner], place, place+1)
	if len(q.lines[owner]) == 0 {
		delete(q.lines, owner)
	}
	q.waiting--
	return w
}

// forget strikes an owner without a line from the order of turns.
func (q *queue) forget(owner string) {
	if len(q.lines[owner]) > 0 {
		return
	}
	if place := slices.Index(q.next, owner); place >= 0 {
		q.next = slices.Delete(q.next, place, place+1)
	}
}
