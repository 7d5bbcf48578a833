package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"
)

const (
	// mergeEvery is how long after a commit the merger looks how long the log is, once for all the
	// commits until then. Where nobody writes, it sleeps.
	mergeEvery = 100 * time.Millisecond
	// mergeFrom is how many pages of the log are worth bringing into the database: pages that are
	// written again and again are then brought there once.
	mergeFrom = 3000
	// restOf is how many pages may be left for the writer to bring there.
	restOf = 300
	// longLog is from how many pages on the writer does that. Until then the log grows: the writer waits
	// for two flushes, and whoever writes for the writer. logLimit is where it does it all by itself.
	longLog, logLimit = 32_000, 64_000
	// mergeRounds bounds the rounds that it takes to get there while others go on writing.
	mergeRounds = 4
)

// merger brings the log into the database while the writer goes on. SQLite begins the log anew only
// where all of it is in the database and nobody writes, so the writer does the last pages: without the
// merger it would do all of them, and whoever writes would wait.
type merger struct {
	db     *sql.DB
	writer *writer
	long   int // longLog

	once  sync.Once
	quit  chan struct{}
	ended chan struct{}
}

func newMerger(path string, w *writer) (*merger, error) {
	db, err := connect(path, "synchronous(FULL)", "wal_autocheckpoint(0)", "cache_size(-64)")
	if err != nil {
		return nil, fmt.Errorf("open the database to merge: %w", err)
	}
	db.SetMaxOpenConns(1)
	return &merger{db: db, writer: w, long: longLog, quit: make(chan struct{}), ended: make(chan struct{})}, nil
}

// run merges until stop is called. What fails is tried again after the next commit; should it always,
// the writer merges by itself.
func (m *merger) run(ctx context.Context) {
	defer close(m.ended)
	for {
		select {
		case <-m.writer.committed:
		case <-m.quit:
			return
		}
		select {
		case <-time.After(mergeEvery):
			_ = m.merge(ctx)
		case <-m.quit:
			return
		}
	}
}

func (m *merger) stop() {
	m.once.Do(func() { close(m.quit) })
	<-m.ended
}

// merge brings a long log into the database.
func (m *merger) merge(ctx context.Context) error {
	if err := m.writer.whole(); err != nil {
		return err
	}
	quiet := len(m.writer.committed) == 0
	left, all, err := m.checkpoint(ctx, "NOOP")
	if err != nil || left < mergeFrom && (!quiet || all < mergeFrom) {
		return err
	}
	for round := 0; left > restOf && round < mergeRounds; round++ {
		if _, _, err := m.checkpoint(ctx, "PASSIVE"); err != nil {
			return err
		}
		if left, all, err = m.checkpoint(ctx, "NOOP"); err != nil {
			return err
		}
	}
	if all >= m.long || quiet && left > 0 {
		m.writer.askToMerge()
	}
	return nil
}

// checkpoint answers how many pages of the log are not in the database, and of how many.
func (m *merger) checkpoint(ctx context.Context, mode string) (left, all int, err error) {
	var busy, merged int
	err = m.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &all, &merged)
	return all - merged, all, err
}
