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
	// mergeRounds bounds the rounds that it takes to get there while others go on writing.
	mergeRounds = 4
)

// merger brings the log into the database while the writer goes on. SQLite begins the log anew only
// where all of it is in the database and nobody writes, so the writer does the last pages: without the
// merger it would do all of them, and whoever writes would wait.
type merger struct {
	db     *sql.DB
	writer *writer

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
	return &merger{db: db, writer: w, quit: make(chan struct{}), ended: make(chan struct{})}, nil
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
	left, err := m.checkpoint(ctx, "NOOP")
	if err != nil || left < mergeFrom {
		return err
	}
	for round := 0; left > restOf && round < mergeRounds; round++ {
		if _, err := m.checkpoint(ctx, "PASSIVE"); err != nil {
			return err
		}
		if left, err = m.checkpoint(ctx, "NOOP"); err != nil {
			return err
		}
	}
	m.writer.askToMerge()
	return nil
}

// checkpoint answers how many pages of the log are not in the database.
func (m *merger) checkpoint(ctx context.Context, mode string) (left int, err error) {
	var busy, all, merged int
	err = m.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &all, &merged)
	return all - merged, err
}
