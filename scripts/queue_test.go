package scripts

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// line lets an owner's errands wait, and returns those that had to leave for them.
func line(q *queue, o *owner, times int) (waiting, left []*errand) {
	for range times {
		e := &errand{owner: o}
		if gone := q.enter(e); gone != nil {
			left = append(left, gone)
		}
		waiting = append(waiting, e)
	}
	return waiting, left
}

func wantsEmpty(t *testing.T, q *queue) {
	t.Helper()
	if q.waiting != 0 || len(q.turns) != 0 {
		t.Errorf("the queue is not empty: %d wait, turns %v", q.waiting, q.turns)
	}
}

// order takes all that waits and returns whose it was.
func order(q *queue) string {
	var names strings.Builder
	for len(q.turns) > 0 {
		names.WriteString(q.take(0).owner.name)
	}
	return names.String()
}

func TestOwnersTakeTurns(t *testing.T) {
	q := queue{most: 100}
	a, b, c := &owner{name: "a"}, &owner{name: "b"}, &owner{name: "c"}
	line(&q, a, 4)
	line(&q, b, 2)
	line(&q, c, 1)
	if got, want := order(&q), "abcabaa"; got != want {
		t.Errorf("order = %s, want %s", got, want)
	}
	wantsEmpty(t, &q)
}

func TestAnOwnerWhoCannotRunLosesNoTurn(t *testing.T) {
	q := queue{most: 100}
	a, b := &owner{name: "a"}, &owner{name: "b"}
	line(&q, a, 2)
	line(&q, b, 2)
	if e := q.take(1); e.owner != b {
		t.Errorf("second turn is %s's, want b's", e.owner.name)
	}
	if got, want := order(&q), "aba"; got != want {
		t.Errorf("order = %s, want %s", got, want)
	}
}

func TestErrandsOfAnOwnerKeepTheirOrder(t *testing.T) {
	q := queue{most: 100}
	o := &owner{name: "a"}
	waiting, _ := line(&q, o, 4)
	first, second := q.take(0), q.take(0)
	q.giveBack(second)
	q.giveBack(first)
	for i, want := range waiting {
		if got := q.take(0); got != want {
			t.Errorf("errand %d is not the one that came so", i)
		}
	}
	wantsEmpty(t, &q)
}

func TestWhatIsGivenBackComesFirst(t *testing.T) {
	q := queue{most: 100}
	a, b, c := &owner{name: "a"}, &owner{name: "b"}, &owner{name: "c"}
	line(&q, a, 1)
	e := q.take(0)
	line(&q, b, 1)
	line(&q, c, 1)
	line(&q, a, 1)
	q.giveBack(e)
	if got, want := order(&q), "abca"; got != want {
		t.Errorf("order = %s, want %s", got, want)
	}
}

func TestWhoLeavesLosesNoTurn(t *testing.T) {
	q := queue{most: 100}
	a, b := &owner{name: "a"}, &owner{name: "b"}
	of, _ := line(&q, a, 1)
	ofB, _ := line(&q, b, 2)
	if !q.leave(ofB[0]) || !q.leave(of[0]) {
		t.Error("leave found nobody")
	}
	if q.leave(of[0]) {
		t.Error("somebody left twice")
	}
	if e := q.take(0); e != ofB[1] {
		t.Error("the second errand of b did not get the turn")
	}
	wantsEmpty(t, &q)
}

func TestAFullQueueIsShared(t *testing.T) {
	const most = 20
	q := queue{most: most}
	a, b := &owner{name: "a"}, &owner{name: "b"}
	ofA, left := line(&q, a, most+1)
	if !slices.Equal(left, ofA[most:]) {
		t.Errorf("%d errands left, want the last one of a", len(left))
	}
	ofB, left := line(&q, b, most/2+1)
	want := slices.Clone(ofA[most/2 : most])
	slices.Reverse(want)
	if want = append(want, ofB[most/2]); !slices.Equal(left, want) {
		t.Errorf("%d errands left, want the second half of a's and the last one of b", len(left))
	}
	if q.waiting != most {
		t.Errorf("%d wait, want %d", q.waiting, most)
	}
	if got := len(q.clear(a)); got != most/2 {
		t.Errorf("%d of a waited, want %d", got, most/2)
	}
	q.clear(b)
	wantsEmpty(t, &q)
}

func TestAFullQueueOfManyOwners(t *testing.T) {
	q := queue{most: 20}
	for i := range 20 {
		line(&q, &owner{name: strconv.Itoa(i)}, 1)
	}
	if waiting, left := line(&q, &owner{name: "b"}, 1); !slices.Equal(left, waiting) {
		t.Error("one more did not have to leave")
	}
}

// Large calls of one owner do not fill the memory, nor keep another's small ones out.
func TestBytesThatWait(t *testing.T) {
	q := queue{most: 100}
	a, b := &owner{name: "a"}, &owner{name: "b"}
	large := func() *errand { return &errand{owner: a, size: 10 << 20} }
	n := 0
	for ; !q.overflows(large()); n++ {
		q.enter(large())
	}
	if n != 6 {
		t.Errorf("%d calls of 10 MB wait, want 6", n)
	}
	small := &errand{owner: b, size: 10 << 10}
	if q.enter(&errand{owner: a, size: 4 << 20}); q.overflows(small) {
		t.Error("a small call of another owner is refused")
	}
	q.take(0)
	q.clear(a)
	if wantsEmpty(t, &q); q.bytes != 0 || a.bytes != 0 {
		t.Errorf("%d bytes wait, %d of a's, want none", q.bytes, a.bytes)
	}
}
