package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// batchLimit bounds how many writes share a commit, and with it how long the first of them waits.
const batchLimit = 256

// writer is the one who writes. Callers hand it closures and wait until what they did is committed,
// and, but for what a crash of the machine may undo, until it is on disk. A flush holds up nobody but
// those that wait for it: meanwhile the writer goes on with what needs none.
type writer struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	flush      func() error  // brings what was committed to the disk
	committed  chan struct{} // holds one where something was committed since the merger looked
	merging    atomic.Bool   // the merger asks for the rest

	mu       sync.Mutex
	waiting  [kinds]waitingWrites
	flushing bool      // what was committed last is on its way to the disk
	stale    time.Time // since when something has been committed that no flush has begun to take along; zero: there is none
	broken   error     // why nothing can be written any more
	closed   bool
	wake     chan struct{}
	ended    chan struct{}
}

// write is one caller's wish. The closure may run more than once; only its last run counts.
type write struct {
	do    func(*tx) error
	kind  kind
	state atomic.Int32
	tx    tx
	err   error
	done  chan struct{}
}

// The states of a write.
const (
	queued int32 = iota
	started
	withdrawn
)

func newWriter(conn *sql.Conn, flush func() error) *writer {
	w := &writer{
		conn:       conn,
		statements: map[string]*sql.Stmt{},
		flush:      flush,
		committed:  make(chan struct{}, 1),
		wake:       make(chan struct{}, 1),
		ended:      make(chan struct{}),
	}
	for k := range w.waiting {
		w.waiting[k].kind = kind(k)
	}
	return w
}

// write runs the closure in a transaction and answers once that is done as its kind asks for, or why
// it is not. A write that has not begun when ctx ends is not done; one that has begun is waited for.
func (w *writer) write(ctx context.Context, k kind, do func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	wr := &write{do: do, kind: k, done: make(chan struct{})}
	if err := w.submit(wr); err != nil {
		return err
	}
	select {
	case <-wr.done:
	case <-ctx.Done():
		if wr.state.CompareAndSwap(queued, withdrawn) {
			return ctx.Err()
		}
		<-wr.done
	}
	return refusal(wr.err)
}

func (w *writer) submit(wr *write) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return ErrClosed
	}
	if w.waiting[wr.kind].add(wr) {
		signal(w.wake)
	}
	return nil
}

// signal puts something into a channel for one, unless that waits there already.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run commits what is waiting until the writer is closed and nothing waits any more.
func (w *writer) run(ctx context.Context) {
	defer close(w.ended)
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	for {
		if w.merging.Swap(false) && w.whole() == nil {
			w.merge(ctx)
		}
		batch, wait, last := w.take(time.Now())
		switch {
		case len(batch) > 0:
			w.commit(ctx, batch)
			continue
		case last:
			return
		}
		alarm.Reset(wait)
		select {
		case <-w.wake:
		case <-alarm.C:
		}
	}
}

// take answers the writes to commit next, none where it is nobody's turn, and how long to wait then
// unless somebody comes; and whether any can follow.
func (w *writer) take(at time.Time) (batch []*write, wait time.Duration, last bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	durables, lights, urgents := &w.waiting[durable], &w.waiting[light], &w.waiting[urgent]
	switch wait = w.next(at); {
	case len(urgents.list) > 0:
		batch = urgents.take(nil)
	case !w.flushing && durables.due(at, w.closed) <= 0:
		batch = lights.take(durables.take(nil))
	case lights.due(at, w.closed) <= 0:
		batch = lights.take(nil)
	}
	if len(batch) == 0 && w.isStale(at) {
		w.flushNow(nil)
	}
	return batch, wait, w.closed && !w.flushing && w.isEmpty()
}

// next answers when something can be due at the latest.
func (w *writer) next(at time.Time) time.Duration {
	wait := w.waiting[light].due(at, w.closed)
	if w.flushing {
		return wait
	}
	wait = min(wait, w.waiting[durable].due(at, w.closed))
	if !w.stale.IsZero() {
		wait = min(wait, w.stale.Add(flushLimit).Sub(at))
	}
	return wait
}

// isStale says whether something has been committed for so long that it has to get to the disk.
func (w *writer) isStale(at time.Time) bool {
	return !w.flushing && w.broken == nil && !w.stale.IsZero() && at.Sub(w.stale) >= flushLimit
}

func (w *writer) isEmpty() bool {
	for i := range w.waiting {
		if len(w.waiting[i].list) > 0 {
			return false
		}
	}
	return true
}

// close lets the writer finish what it has accepted.
func (w *writer) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	signal(w.wake)
	<-w.ended
}

// commit commits the batch at once. Where that does not work, each of its writes gets a
// transaction of its own, so that none suffers from its neighbours.
func (w *writer) commit(ctx context.Context, batch []*write) {
	var committed []*write
	err := w.together(ctx, batch)
	if err == nil {
		committed = batch
	}
	for i, wr := range batch {
		if err != nil && len(batch) > 1 {
			if failed := w.together(ctx, batch[i:i+1]); failed != nil {
				wr.end(failed)
			} else {
				committed = append(committed, wr)
			}
		} else if err != nil {
			wr.end(err)
		}
	}
	w.settle(committed)
}

// settle answers those that wait for the commit alone, and has what the others wait for brought to
// the disk.
func (w *writer) settle(committed []*write) {
	var flushed []*write
	for _, wr := range committed {
		if wr.err == nil {
			wr.tx.written()
		}
		if wr.kind == durable {
			flushed = append(flushed, wr)
		} else {
			wr.end(nil)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(flushed) > 0 {
		w.flushNow(flushed)
	} else if len(committed) > 0 && w.stale.IsZero() {
		w.stale = time.Now()
	}
}

// flushNow brings all that was committed to the disk, and then answers those that wait for it.
// Meanwhile the writer goes on; it commits what has to be flushed, too, once this flush is over.
func (w *writer) flushNow(flushed []*write) {
	w.flushing, w.stale = true, time.Time{}
	go func() {
		err := w.flush()
		if err != nil {
			err = &flushError{err}
		}
		for _, wr := range flushed {
			wr.end(err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.flushing = false
		if err != nil {
			w.broken = err
		}
		signal(w.wake)
	}()
}

// end answers the caller.
func (wr *write) end(err error) {
	if err != nil {
		wr.err = err
	}
	if wr.err == nil {
		wr.tx.after()
	}
	close(wr.done)
}

// together runs the writes in one transaction. A write that is refused before it changed anything
// keeps its error and does not disturb the others; any other error undoes all of them.
func (w *writer) together(ctx context.Context, batch []*write) error {
	if err := w.whole(); err != nil {
		return err
	}
	if err := w.begin(ctx); err != nil {
		return err
	}
	for _, wr := range batch {
		wr.tx = tx{ctx: ctx, w: w}
		wr.err = wr.do(&wr.tx)
		if wr.err != nil && (wr.tx.changed || wr.tx.broken) {
			w.rollback(ctx)
			return wr.err
		}
	}
	if err := w.exec(ctx, "COMMIT"); err != nil {
		w.rollback(ctx)
		return fmt.Errorf("commit: %w", err)
	}
	signal(w.committed)
	return nil
}

// whole answers why nothing can be written any more, if that is so. After a flush that failed nobody
// knows what the disk has, and a later flush that succeeds would not tell: the next start finds out.
func (w *writer) whole() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.broken
}

// askToMerge has the writer bring the last pages of the log into the database before its next
// transaction, which then begins the log anew. It does not wait for that.
func (w *writer) askToMerge() {
	w.merging.Store(true)
	signal(w.wake)
}

// merge ignores its error: what is not merged now is merged later.
func (w *writer) merge(ctx context.Context) {
	_, _ = w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
}

func (w *writer) begin(ctx context.Context) error {
	err := w.exec(ctx, "BEGIN IMMEDIATE")
	if err == nil {
		return nil
	}
	w.rollback(ctx) // of a transaction that could not be rolled back before
	if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	return nil
}

// rollback ignores its error: SQLite has often rolled back by itself already.
func (w *writer) rollback(ctx context.Context) { _ = w.exec(ctx, "ROLLBACK") }

func (w *writer) exec(ctx context.Context, query string) error {
	stmt, err := w.statement(ctx, query)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(ctx)
	return err
}

// statement prepares each query once.
func (w *writer) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := w.statements[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	w.statements[query] = s
	return s, nil
}
