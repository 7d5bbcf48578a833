package sqlite

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

// occupy keeps the writer busy until the answer is called, so that what is written meanwhile
// makes one batch.
func occupy(t *testing.T, s *Store) (release func()) {
	t.Helper()
	begun, hold := make(chan struct{}), make(chan struct{})
	go func() {
		_ = s.writer.write(context.Background(), func(*tx) error { close(begun); <-hold; return nil })
	}()
	<-begun
	return func() { close(hold) }
}

// queue has a write wait and answers where its outcome will come.
func queue(ctx context.Context, s *Store, do func(*tx) error) <-chan error {
	s.writer.mu.Lock()
	before := len(s.writer.waiting)
	s.writer.mu.Unlock()
	outcome := make(chan error, 1)
	go func() { outcome <- s.writer.write(ctx, do) }()
	for waiting := before; waiting == before; runtime.Gosched() {
		s.writer.mu.Lock()
		waiting = len(s.writer.waiting)
		s.writer.mu.Unlock()
	}
	return outcome
}

func insertFact(name string) func(*tx) error {
	return func(t *tx) error {
		_, err := t.exec("INSERT INTO facts (name, value) VALUES (?, x'01')", name)
		return err
	}
}

func hasFact(t *testing.T, s *Store, name string) bool {
	t.Helper()
	var value []byte
	err := s.reads.one(t.Context(), selectFact, []any{name}, &value)
	if err != nil && !errors.Is(err, workspace.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func TestWritesShareACommit(t *testing.T) {
	s := open(t, t.TempDir())
	release := occupy(t, s)
	var runs atomic.Int32
	var outcomes []<-chan error
	for _, name := range []string{"a", "b", "c"} {
		outcomes = append(outcomes, queue(t.Context(), s, func(t *tx) error {
			runs.Add(1)
			return insertFact(name)(t)
		}))
	}
	refused := queue(t.Context(), s, insertFact("b")) // changes nothing, so nobody runs again
	release()
	for _, o := range outcomes {
		if err := <-o; err != nil {
			t.Error(err)
		}
	}
	if err := <-refused; !errors.Is(err, workspace.ErrConflict) {
		t.Errorf("the same fact twice: %v, want %v", err, workspace.ErrConflict)
	}
	if runs.Load() != 3 {
		t.Errorf("3 writes ran %d times", runs.Load())
	}
}

func TestACommitWaitsForAsManyAsTheLastOneHad(t *testing.T) {
	s := open(t, t.TempDir())
	release := occupy(t, s)
	together := []<-chan error{queue(t.Context(), s, insertFact("a")), queue(t.Context(), s, insertFact("b"))}
	release()
	for _, o := range together {
		if err := <-o; err != nil {
			t.Error(err)
		}
	}
	for _, tt := range []struct {
		waiting, goal int
		want          bool
	}{{0, 2, true}, {1, 2, false}, {2, 2, true}, {3, 2, true}, {1, 1, true}} {
		w := &writer{waiting: make([]*write, tt.waiting), goal: tt.goal}
		if got := w.isReady(); got != tt.want {
			t.Errorf("%d of %d: ready is %v, want %v", tt.waiting, tt.goal, got, tt.want)
		}
	}
	if s.writer.goal != 2 {
		t.Errorf("after two writes at once the next commit waits for %d", s.writer.goal)
	}
	if err := s.writer.write(t.Context(), insertFact("alone")); err != nil { // the moment passes
		t.Error(err)
	}
}

func TestAFailingWriteDoesNotHurtItsNeighbours(t *testing.T) {
	s := open(t, t.TempDir())
	release := occupy(t, s)
	failure := errors.New("changed my mind")
	before := queue(t.Context(), s, insertFact("before"))
	failing := queue(t.Context(), s, func(t *tx) error {
		if err := insertFact("failing")(t); err != nil {
			return err
		}
		return failure
	})
	after := queue(t.Context(), s, insertFact("after"))
	release()
	for _, o := range []<-chan error{before, after} {
		if err := <-o; err != nil {
			t.Error(err)
		}
	}
	if err := <-failing; !errors.Is(err, failure) {
		t.Errorf("error %v, want %v", err, failure)
	}
	for name, want := range map[string]bool{"before": true, "failing": false, "after": true} {
		if got := hasFact(t, s, name); got != want {
			t.Errorf("%s is there: %v, want %v", name, got, want)
		}
	}
}

func TestWhoLeavesBeforeTheirTurnChangesNothing(t *testing.T) {
	s := open(t, t.TempDir())
	release := occupy(t, s)
	ctx, leave := context.WithCancel(t.Context())
	left := queue(ctx, s, insertFact("left"))
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	stayed := queue(t.Context(), s, insertFact("stayed"))
	release()
	if err := <-stayed; err != nil {
		t.Error(err)
	}
	if hasFact(t, s, "left") {
		t.Error("a write was done whose caller had been told that it was not")
	}
}

func TestWhoLeavesDuringTheirTurnHearsTheOutcome(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, leave := context.WithCancel(t.Context())
	err := s.writer.write(ctx, func(t *tx) error {
		leave()
		return insertFact("left")(t)
	})
	if err != nil || !hasFact(t, s, "left") {
		t.Errorf("error %v, written: %v", err, hasFact(t, s, "left"))
	}
}

func TestCloseFinishesWhatWasAccepted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	release := occupy(t, s)
	var outcomes []<-chan error
	for n := range 2 * batchLimit {
		outcomes = append(outcomes, queue(t.Context(), s, insertFact(storetest.ID("fact", n))))
	}
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	for accepting := true; accepting; runtime.Gosched() {
		s.writer.mu.Lock()
		accepting = !s.writer.closed
		s.writer.mu.Unlock()
	}
	if err := s.AddUser(t.Context(), storetest.User(1), nil, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("AddUser while closing: %v, want %v", err, ErrClosed)
	}
	release()
	for _, o := range outcomes {
		if err := <-o; err != nil {
			t.Error(err)
		}
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	again := open(t, dir)
	if name := storetest.ID("fact", 2*batchLimit-1); !hasFact(t, again, name) {
		t.Errorf("%s is gone", name)
	}
}
