package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
)

// reader answers queries on connections that cannot write.
type reader struct {
	db     *sql.DB
	closed atomic.Bool

	mu         sync.RWMutex
	statements map[string]*sql.Stmt
}

func newReader(db *sql.DB) *reader {
	return &reader{db: db, statements: map[string]*sql.Stmt{}}
}

// one reads the only row of a query that stands in the source, ErrNotFound where there is none.
// It is over so soon that it does not watch ctx: that would cost more than the query.
func (r *reader) one(ctx context.Context, query string, args []any, into ...any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	stmt, err := r.statement(ctx, query)
	if err != nil {
		return r.refused(err)
	}
	return missing(r.refused(stmt.QueryRowContext(ctx, args...).Scan(into...)))
}

// all calls scan for every row of a query.
func (r *reader) all(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := r.db.QueryContext(ctx, query, args...)
	if err != nil {
		return r.refused(err)
	}
	defer func() { _ = rows.Close() }() // the error is that of rows.Err
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return r.refused(rows.Err())
}

// statement prepares each query once.
func (r *reader) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.RLock()
	s, ok := r.statements[query]
	r.mu.RUnlock()
	if ok {
		return s, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.statements[query]; ok {
		return s, nil
	}
	s, err := r.db.PrepareContext(ctx, query)
	if err == nil {
		r.statements[query] = s
	}
	return s, err
}

// refused names the reason for what fails after close.
func (r *reader) refused(err error) error {
	if err != nil && r.closed.Load() {
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return err
}

func (r *reader) close() error {
	r.closed.Store(true)
	return r.db.Close()
}
