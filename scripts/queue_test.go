package scripts

import (
	"errors"
	"strconv"
	"testing"

	"github.com/grapnel-chat/grapnel/integrations"
)

// heard says what a waiter was told: "turn", "busy", or nothing yet.
func heard(w waiter) string {
	select {
	case err := <-w:
		if errors.Is(err, integrations.ErrScriptsBusy) {
			return "busy"
		}
		return "turn"
	default:
		return ""
	}
}

// wants compares what a waiter was told.
func wants(t *testing.T, name string, w waiter, want string) {
	t.Helper()
	if got := heard(w); got != want {
		t.Errorf("%s heard %q, want %q", name, got, want)
	}
}

func enter(q *queue, owner string, times int) []waiter {
	var waiters []waiter
	for range times {
		waiters = append(waiters, q.enter(owner))
	}
	return waiters
}

func wantsEmpty(t *testing.T, q *queue) {
	t.Helper()
	if q.taken || q.holder != "" || q.waiting != 0 || len(q.lines) != 0 || len(q.next) != 0 {
		t.Errorf("the queue is not empty: taken %v by %q, %d wait, lines %v, next %v", q.taken, q.holder, q.waiting, q.lines, q.next)
	}
}

func TestOwnersTakeTurns(t *testing.T) {
	var q queue
	if q.enter("a") != nil {
		t.Fatal("the first caller has to wait")
	}
	a := enter(&q, "a", 50)
	b, c := enter(&q, "b", 2), enter(&q, "c", 1)
	for i, turn := range []struct {
		name string
		w    waiter
	}{{"b", b[0]}, {"c", c[0]}, {"a", a[0]}, {"b", b[1]}, {"a", a[1]}, {"a", a[2]}} {
		wants(t, turn.name+" before turn "+strconv.Itoa(i), turn.w, "")
		q.release()
		wants(t, turn.name+" on turn "+strconv.Itoa(i), turn.w, "turn")
	}
	for i, w := range a[3:] {
		q.release()
		wants(t, "a on its turn "+strconv.Itoa(i+3), w, "turn")
	}
	q.release()
	wantsEmpty(t, &q)
}

func TestWhoLeavesLosesNoTurn(t *testing.T) {
	var q queue
	q.enter("a")
	a, b, c := enter(&q, "a", 1), enter(&q, "b", 2), enter(&q, "c", 1)
	q.leave("b", b[0])
	q.leave("a", a[0])
	q.release()
	wants(t, "b", b[1], "turn")
	q.release()
	q.leave("c", c[0]) // it had the turn, and did not look
	wantsEmpty(t, &q)
}

func TestAFullQueueIsShared(t *testing.T) {
	var q queue
	q.enter("a")
	a := enter(&q, "a", mostWaiting)
	wants(t, "one more of a", q.enter("a"), "busy")
	b := enter(&q, "b", mostWaiting/2+1)
	for i := range mostWaiting / 2 {
		wants(t, "b "+strconv.Itoa(i), b[i], "")
		wants(t, "a "+strconv.Itoa(i), a[i], "")
		wants(t, "a "+strconv.Itoa(mostWaiting/2+i), a[mostWaiting/2+i], "busy")
	}
	wants(t, "one more of b", b[mostWaiting/2], "busy")
	if q.waiting != mostWaiting {
		t.Errorf("%d wait, want %d", q.waiting, mostWaiting)
	}
	for range mostWaiting + 1 {
		q.release()
	}
	wantsEmpty(t, &q)
}

func TestAFullQueueOfManyOwners(t *testing.T) {
	var q queue
	q.enter("a")
	for i := range mostWaiting {
		q.enter(strconv.Itoa(i))
	}
	wants(t, "one more", q.enter("b"), "busy")
}
