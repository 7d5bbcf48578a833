package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// batchLimit bounds how many writes share a commit, and with it how long the first of them waits.
	batchLimit = 256
	// gatherLimit is how long a commit waits for as many writes as the last one had. Those whose
	// writes were committed together mostly come back together, and a commit costs a processor as
	// much as several hooks. Who writes alone never waits.
	gatherLimit = 2 * time.Millisecond
)

// writer is the one who writes. Callers hand it closures and wait until what they did is on disk.
type writer struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	lazy       bool          // commits are not flushed
	committed  chan struct{} // holds one where something was committed since the merger looked
	merging    atomic.Bool   // the merger asks for the rest

	mu      sync.Mutex
	waiting []*write
	goal    int // writes that the next commit would like to have
	light   int // of those that wait
	closed  bool
	wake    chan struct{}
	ended   chan struct{}
}

// write is one caller's wish. The closure may run more than once; only its last run counts.
type write struct {
	do    func(*tx) error
	light bool // a crash of the machine may undo it
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

func newWriter(conn *sql.Conn) *writer {
	return &writer{
		conn:       conn,
		statements: map[string]*sql.Stmt{},
		committed:  make(chan struct{}, 1),
		wake:       make(chan struct{}, 1),
		ended:      make(chan struct{}),
	}
}

// write runs the closure in a transaction and answers once that is on disk, or why it is not. A
// write that has not begun when ctx ends is not done; one that has begun is waited for.
func (w *writer) write(ctx context.Context, do func(*tx) error) error {
	return w.wait(ctx, &write{do: do, done: make(chan struct{})})
}

// writeLightly is write for what may be undone if the machine crashes, not only the server: it is
// answered once it is committed and comes before what waits for a flush. Whatever is written later
// and flushed has it flushed, too.
func (w *writer) writeLightly(ctx context.Context, do func(*tx) error) error {
	return w.wait(ctx, &write{do: do, light: true, done: make(chan struct{})})
}

func (w *writer) wait(ctx context.Context, wr *write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
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
	w.waiting = append(w.waiting, wr)
	if wr.light {
		w.light++
	}
	if wr.light || len(w.waiting) == 1 || len(w.waiting) >= w.goal {
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
	for {
		w.gather()
		if w.merging.Swap(false) {
			w.merge(ctx)
		}
		batch, last := w.take()
		switch {
		case len(batch) > 0:
			w.commit(ctx, batch)
		case last:
			return
		default:
			<-w.wake
		}
	}
}

// gather waits until as many writes are there as the last commit had, or for a moment.
func (w *writer) gather() {
	if w.isReady() {
		return
	}
	late := time.NewTimer(gatherLimit)
	defer late.Stop()
	for !w.isReady() {
		select {
		case <-w.wake:
		case <-late.C:
			return
		}
	}
}

// isReady says whether there is nothing to wait for: nobody writes, or enough do.
func (w *writer) isReady() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed || len(w.waiting) == 0 || w.light > 0 || len(w.waiting) >= w.goal
}

// take answers the writes to commit next, none where nobody waits, and whether any can follow. Those
// that need no flush go first, and alone.
func (w *writer) take() (batch []*write, last bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	light := w.light > 0
	left := w.waiting[:0]
	for _, wr := range w.waiting {
		switch {
		case wr.light != light || len(batch) == batchLimit:
			left = append(left, wr)
			continue
		case wr.state.CompareAndSwap(queued, started):
			batch = append(batch, wr)
		}
		if light {
			w.light--
		}
	}
	clear(w.waiting[len(left):])
	w.waiting = left
	if len(batch) > 0 && !light {
		w.goal = len(batch)
	}
	return batch, w.closed && len(w.waiting) == 0
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
	err := w.together(ctx, batch)
	for i, wr := range batch {
		if err != nil && len(batch) > 1 {
			wr.end(w.together(ctx, batch[i:i+1]))
		} else {
			wr.end(err)
		}
	}
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
	if err := w.flushUnless(ctx, batch[0].light); err != nil {
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

// flushUnless says whether the next commit is flushed before it is answered. SQLite obeys this pragma
// when it is prepared, so it is not kept among the statements.
func (w *writer) flushUnless(ctx context.Context, lazy bool) error {
	if w.lazy == lazy {
		return nil
	}
	pragma := "PRAGMA synchronous = FULL"
	if lazy {
		pragma = "PRAGMA synchronous = NORMAL"
	}
	if _, err := w.conn.ExecContext(ctx, pragma); err != nil {
		return fmt.Errorf("choose flushes: %w", err)
	}
	w.lazy = lazy
	return nil
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
