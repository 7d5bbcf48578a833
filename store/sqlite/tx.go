package sqlite

import (
	"context"
	"database/sql"
	"errors"

	driver "modernc.org/sqlite"
)

// tx is the open transaction as one write sees it.
type tx struct {
	ctx     context.Context
	w       *writer
	changed bool // something has been written
	broken  bool // SQLite may have rolled back
	first   []func()
	then    []func()
}

// onWritten has f called once the transaction is committed, before anything else is written and before
// it is on disk.
func (t *tx) onWritten(f func()) { t.first = append(t.first, f) }

func (t *tx) written() {
	for _, f := range t.first {
		f()
	}
}

// onCommit has f called once the write is done as its kind asks for, before the caller is answered.
func (t *tx) onCommit(f func()) { t.then = append(t.then, f) }

func (t *tx) after() {
	for _, f := range t.then {
		f()
	}
}

// exec answers how many rows were changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	res, err := t.run(query, args)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	t.changed = t.changed || n > 0
	return n, err
}

// insert adds a row and answers its number.
func (t *tx) insert(query string, args ...any) (seq int64, err error) {
	res, err := t.run(query, args)
	if err != nil {
		return 0, err
	}
	t.changed = true
	return res.LastInsertId()
}

func (t *tx) run(query string, args []any) (sql.Result, error) {
	stmt, err := t.w.statement(t.ctx, query)
	if err != nil {
		return nil, t.failed(err)
	}
	res, err := stmt.ExecContext(t.ctx, args...)
	if err != nil {
		return nil, t.failed(err)
	}
	return res, nil
}

// returning changes rows and reads them.
func (t *tx) returning(query string, args ...any) (*sql.Rows, error) {
	stmt, err := t.w.statement(t.ctx, query)
	if err != nil {
		return nil, t.failed(err)
	}
	t.changed = true
	rows, err := stmt.QueryContext(t.ctx, args...)
	return rows, t.failed(err)
}

// one reads the only row of a query; ErrNotFound where there is none.
func (t *tx) one(query string, args []any, into ...any) error {
	stmt, err := t.w.statement(t.ctx, query)
	if err != nil {
		return t.failed(err)
	}
	return missing(t.failed(stmt.QueryRowContext(t.ctx, args...).Scan(into...)))
}

func (t *tx) failed(err error) error {
	if e, ok := errors.AsType[*driver.Error](err); ok && diskRefused(e) {
		t.broken = true
	}
	return err
}
