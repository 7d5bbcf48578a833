package sqlite

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/store/storetest"
	"github.com/grapnel-chat/grapnel/workspace"
)

// occupy keeps the writer busy until the answer is called, so that what is written meanwhile
// makes one batch.
func occupy(t *testing.T, s *Store) (release func()) {
	t.Helper()
	begun, hold := make(chan struct{}), make(chan struct{})
	go func() {
		_ = s.writer.write(context.Background(), durable, func(*tx) error { close(begun); <-hold; return nil })
	}()
	<-begun
	return func() { close(hold) }
}

// queue has a write wait and answers where its outcome will come.
func queue(ctx context.Context, s *Store, do func(*tx) error) <-chan error {
	return queueAs(ctx, s, durable, do)
}

func queueAs(ctx context.Context, s *Store, k kind, do func(*tx) error) <-chan error {
	count := func() int {
		s.writer.mu.Lock()
		defer s.writer.mu.Unlock()
		return len(s.writer.waiting[k].list)
	}
	before := count()
	outcome := make(chan error, 1)
	go func() { outcome <- s.writer.write(ctx, k, do) }()
	for count() == before {
		runtime.Gosched()
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
	if goal := s.writer.waiting[durable].goal; goal != 2 {
		t.Errorf("after two writes at once the next commit waits for %d", goal)
	}
	if err := s.writer.write(t.Context(), durable, insertFact("alone")); err != nil { // the moment passes
		t.Error(err)
	}
}

func TestHowLongACommitWaits(t *testing.T) {
	at := time.Now()
	for _, tt := range []struct {
		name          string
		kind          kind
		waiting, goal int
		since         time.Duration
		closed        bool
		want          time.Duration
	}{
		{"nobody", durable, 0, 2, 0, false, time.Hour},
		{"too few", durable, 1, 2, time.Millisecond, false, gatherLimit - time.Millisecond},
		{"too few, for too long", durable, 1, 2, gatherLimit, false, 0},
		{"enough", durable, 2, 2, 0, false, 0},
		{"more than enough", durable, 3, 2, 0, false, 0},
		{"alone", durable, 1, 1, 0, false, 0},
		{"too few light ones", light, 1, 2, time.Millisecond, false, gatherLightLimit - time.Millisecond},
		{"too few, and no more to come", light, 1, 2, 0, true, 0},
	} {
		q := waitingWrites{kind: tt.kind, list: make([]*write, tt.waiting), goal: tt.goal, since: at.Add(-tt.since)}
		if got := q.due(at, tt.closed); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestGoals(t *testing.T) {
	for _, tt := range []struct {
		kind       kind
		took, want int
	}{{durable, 1, 1}, {durable, 7, 7}, {light, 1, 1}, {light, 7, 14}, {light, batchLimit, batchLimit}} {
		q := waitingWrites{kind: tt.kind}
		for range tt.took {
			q.add(&write{kind: tt.kind})
		}
		if batch := q.take(nil); len(batch) != tt.took || q.goal != tt.want {
			t.Errorf("%d of kind %d: took %d, and the next wants %d, not %d", tt.took, tt.kind, len(batch), q.goal, tt.want)
		}
	}
}

// holdFlush has flushes say that they begin and wait until they are told how to end, as long as the
// test lasts.
func holdFlush(t *testing.T, s *Store) (begun <-chan struct{}, end chan<- error) {
	t.Helper()
	held, outcome, over := make(chan struct{}), make(chan error), make(chan struct{})
	t.Cleanup(func() { close(over) })
	flush := s.writer.flush
	s.writer.flush = func() error {
		select {
		case held <- struct{}{}:
			return errors.Join(<-outcome, flush())
		case <-over:
			return flush()
		}
	}
	return held, outcome
}

// TestFlushesHoldUpWhoNeedsThemAlone holds a flush: what needs one is not answered, nor is a delivery
// claimed whose event is not on disk; what needs none is answered.
func TestFlushesHoldUpWhoNeedsThemAlone(t *testing.T) {
	s := open(t, t.TempDir())
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.AddEffects(t.Context(), storetest.Effects(1, 1, "a")))
	begun, end := holdFlush(t, s)
	added := make(chan error, 1)
	go func() { added <- s.AddEffects(t.Context(), storetest.Effects(2, 2, "a")) }()
	<-begun
	waits := queue(t.Context(), s, insertFact("durable"))

	claim := func() []integrations.Row {
		t.Helper()
		rows, err := s.Claim(t.Context(), integrations.Claim{Now: storetest.At(10), Lease: time.Minute, Limit: 10})
		must(err)
		return rows
	}
	rows := claim()
	if len(rows) != 1 || rows[0].ID != "delivery1" {
		t.Fatalf("claimed %v while the flush of delivery2 is under way, want delivery1", rows)
	}
	if due, err := s.NextDue(t.Context()); err != nil || due.Before(storetest.At(10)) {
		t.Errorf("next due is %v, %v, want the lease's end alone", due, err)
	}
	_, err := s.Record(t.Context(), []integrations.Record{{ID: rows[0].ID, Fence: rows[0].Fence, At: storetest.At(10), State: integrations.Done}})
	must(err)
	must(s.writer.write(t.Context(), light, insertFact("light")))
	must(s.writer.write(t.Context(), urgent, insertFact("urgent")))
	select {
	case err := <-added:
		t.Fatalf("an event was answered before its flush: %v", err)
	case err := <-waits:
		t.Fatalf("a write was answered before its flush: %v", err)
	default:
	}
	if hasFact(t, s, "durable") {
		t.Error("a write that needs a flush was committed while another is under way")
	}
	end <- nil
	must(<-added)
	<-begun
	end <- nil
	must(<-waits)
	if rows := claim(); len(rows) != 1 || rows[0].ID != "delivery2" {
		t.Errorf("claimed %v, want delivery2, which is on disk now", rows)
	}
}

// TestARetryIsOnDiskBeforeItIsMade holds the flush of an attempt's record: until it is over, nobody
// claims the delivery for the next.
func TestARetryIsOnDiskBeforeItIsMade(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.AddEffects(t.Context(), storetest.Effects(1, 1, "a")); err != nil {
		t.Fatal(err)
	}
	claim := func() []integrations.Row {
		t.Helper()
		rows, err := s.Claim(t.Context(), integrations.Claim{Now: storetest.At(10), Lease: time.Minute, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	rows := claim()
	begun, end := holdFlush(t, s)
	recorded := make(chan error, 1)
	go func() {
		_, err := s.Record(t.Context(), []integrations.Record{{
			ID: rows[0].ID, Fence: rows[0].Fence, At: storetest.At(5), Due: storetest.At(6), State: integrations.Waiting, Progress: []byte("{}"),
		}})
		recorded <- err
	}()
	<-begun
	if rows := claim(); len(rows) > 0 {
		t.Errorf("claimed %v, whose attempt is not on disk", rows)
	}
	end <- nil
	if err := <-recorded; err != nil {
		t.Fatal(err)
	}
	if rows := claim(); len(rows) != 1 {
		t.Errorf("claimed %v, want the delivery that was attempted", rows)
	}
}

// TestAFailedFlush has the disk refuse one: it is said, and nothing is written any more.
func TestAFailedFlush(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	begun, end := holdFlush(t, s)
	refused := make(chan error, 1)
	go func() { refused <- s.writer.write(t.Context(), durable, insertFact("refused")) }()
	<-begun
	end <- syscall.EIO
	if err := <-refused; !errors.Is(err, workspace.ErrUnavailable) || !errors.Is(err, syscall.EIO) {
		t.Errorf("a write whose flush failed: %v, want %v and %v", err, workspace.ErrUnavailable, syscall.EIO)
	}
	for k := range kinds {
		if err := s.writer.write(t.Context(), k, insertFact("later")); !errors.Is(err, workspace.ErrUnavailable) {
			t.Errorf("a write of kind %d after that: %v, want %v", k, err, workspace.ErrUnavailable)
		}
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("the store says that it is well")
	}
	if err := s.Close(); !errors.Is(err, syscall.EIO) {
		t.Errorf("Close: %v, want %v", err, syscall.EIO)
	}
}

// TestLightWritesGetToTheDisk has something committed without a flush: one follows by itself.
func TestLightWritesGetToTheDisk(t *testing.T) {
	s := open(t, t.TempDir())
	begun, end := holdFlush(t, s)
	if err := s.writer.write(t.Context(), light, insertFact("light")); err != nil {
		t.Fatal(err)
	}
	<-begun
	end <- nil
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
	err := s.writer.write(ctx, durable, func(t *tx) error {
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
