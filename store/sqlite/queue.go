package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// AddEffects implements integrations.Queue.
func (s *Store) AddEffects(ctx context.Context, effects []workspace.Effect) error {
	return s.write(ctx, "add effects", func(t *tx) error { return s.addEffects(t, effects) })
}

// addEffects makes waiting deliveries of effects, made at the time for which they are due.
func (s *Store) addEffects(t *tx, effects []workspace.Effect) error {
	for _, e := range effects {
		due := millis(e.Due)
		_, err := t.exec(`INSERT INTO deliveries (id, key, created_at, updated_at, due, state, fence, body)
			VALUES (?, ?, ?, ?, ?, 'waiting', 0, ?)`, e.ID, e.Key, due, due, due, e.Body)
		if err != nil {
			return err
		}
		t.onCommit(s.signal)
	}
	return nil
}

// signal lets the listener know without waiting for it.
func (s *Store) signal() {
	select {
	case s.added <- struct{}{}:
	default:
	}
}

// Added implements integrations.Queue.
func (s *Store) Added() <-chan struct{} { return s.added }

// claim reads at most ?2 rows of those that wait, and those whose lease has run out: no more than were
// under way at a crash.
const claim = `UPDATE deliveries SET lease_until = ?3, fence = fence + 1 WHERE seq IN (
		SELECT seq FROM (
			SELECT * FROM (SELECT seq, due FROM deliveries
				WHERE state = 'waiting' AND lease_until IS NULL AND due <= ?1 ORDER BY due, seq LIMIT ?2)
			UNION ALL
			SELECT seq, due FROM deliveries
				WHERE state = 'waiting' AND lease_until IS NOT NULL AND lease_until <= ?1
		) ORDER BY due, seq LIMIT ?2)
	RETURNING seq, ` + rowColumns

// Claim implements integrations.Queue.
func (s *Store) Claim(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]integrations.Row, error) {
	var claimed []claimedRow
	err := s.write(ctx, "claim deliveries", func(t *tx) error {
		claimed = nil
		rows, err := t.returning(claim, millis(now), limit, millis(now.Add(lease)))
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // the error is that of rows.Err
		for rows.Next() {
			var c claimedRow
			if err := c.scan(rows); err != nil {
				return err
			}
			claimed = append(claimed, c)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(claimed, func(a, b claimedRow) int {
		return cmp.Or(a.row.Due.Compare(b.row.Due), cmp.Compare(a.seq, b.seq))
	})
	return convert(claimed, func(c claimedRow) integrations.Row { return c.row }), nil
}

type claimedRow struct {
	seq int64
	row integrations.Row
}

func (c *claimedRow) scan(rows *sql.Rows) (err error) {
	c.row, err = scanRow(func(into ...any) error { return rows.Scan(append([]any{&c.seq}, into...)...) })
	return err
}

const rowColumns = "id, key, created_at, updated_at, due, state, fence, body, progress"

func scanRow(scan func(into ...any) error) (integrations.Row, error) {
	var r integrations.Row
	var created, updated, due int64
	var state string
	if err := scan(&r.ID, &r.Key, &created, &updated, &due, &state, &r.Fence, &r.Body, &r.Progress); err != nil {
		return integrations.Row{}, err
	}
	r.CreatedAt, r.UpdatedAt, r.Due, r.State = moment(created), moment(updated), moment(due), integrations.State(state)
	return r, nil
}

// Record implements integrations.Queue.
func (s *Store) Record(ctx context.Context, r integrations.Record) error {
	return s.write(ctx, "record delivery", func(t *tx) error {
		n, err := t.exec(`UPDATE deliveries SET updated_at = ?, due = ?, state = ?, lease_until = NULL, progress = ?
			WHERE id = ? AND fence = ? AND lease_until IS NOT NULL`,
			millis(r.At), millis(r.Due), string(r.State), r.Progress, r.ID, r.Fence)
		if err != nil {
			return err
		}
		if n == 0 {
			return whyNotRecorded(t, r.ID)
		}
		if r.State == integrations.Waiting {
			t.onCommit(s.signal)
		}
		return nil
	})
}

// whyNotRecorded tells a delivery that was removed from one that somebody else claimed.
func whyNotRecorded(t *tx, id string) error {
	var seq int64
	if err := t.one("SELECT seq FROM deliveries WHERE id = ?", []any{id}, &seq); err != nil {
		return err
	}
	return integrations.ErrLeaseLost
}

const nextDue = `SELECT
		(SELECT min(due) FROM deliveries WHERE state = 'waiting' AND lease_until IS NULL),
		(SELECT min(lease_until) FROM deliveries WHERE state = 'waiting' AND lease_until IS NOT NULL)`

// NextDue implements integrations.Queue.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	var due, leased sql.NullInt64
	err := s.reads.one(ctx, nextDue, nil, &due, &leased)
	switch {
	case err != nil:
		return time.Time{}, fmt.Errorf("read next due time: %w", err)
	case due.Valid && leased.Valid:
		return moment(min(due.Int64, leased.Int64)), nil
	case due.Valid:
		return moment(due.Int64), nil
	case leased.Valid:
		return moment(leased.Int64), nil
	default:
		return time.Time{}, nil
	}
}

// Row implements integrations.Queue.
func (s *Store) Row(ctx context.Context, id string) (integrations.Row, error) {
	r, err := scanRow(func(into ...any) error {
		return s.reads.one(ctx, "SELECT "+rowColumns+" FROM deliveries WHERE id = ?", []any{id}, into...)
	})
	if err != nil {
		return integrations.Row{}, fmt.Errorf("read delivery: %w", err)
	}
	return r, nil
}

var rowFields = map[string]field{
	"_id":        {column: "id"},
	"_createdAt": {column: "created_at", time: true},
	"_updatedAt": {column: "updated_at", time: true},
}

// Rows implements integrations.Queue.
func (s *Store) Rows(ctx context.Context, key string, page workspace.Page) ([]integrations.Row, int, error) {
	l := list{
		columns: rowColumns,
		from:    "FROM deliveries WHERE key = ?",
		args:    []any{key},
		fields:  rowFields,
		order:   []workspace.Order{{Field: "_updatedAt", Descending: true}},
		seq:     "seq",
	}
	rows, total, err := readPage(ctx, s.reads, l, page, func(rows *sql.Rows) (integrations.Row, error) {
		return scanRow(rows.Scan)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read deliveries: %w", err)
	}
	return rows, total, nil
}

// RemoveRows implements integrations.Queue.
func (s *Store) RemoveRows(ctx context.Context, key string) error {
	return s.write(ctx, "remove deliveries", func(t *tx) error {
		_, err := t.exec("DELETE FROM deliveries WHERE key = ? AND state <> 'waiting'", key)
		return err
	})
}

const removeEnded = `DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries
	WHERE state <> 'waiting' AND updated_at < ?1 ORDER BY updated_at, seq LIMIT ?2)`

// RemoveEnded implements integrations.Queue. Those that ended first go first.
func (s *Store) RemoveEnded(ctx context.Context, before time.Time, limit int) (int, error) {
	var removed int64
	err := s.write(ctx, "remove ended deliveries", func(t *tx) (err error) {
		removed, err = t.exec(removeEnded, millis(before), limit)
		return err
	})
	if err != nil {
		return 0, err
	}
	return int(removed), nil
}

const (
	newestEnded = `SELECT updated_at, seq FROM deliveries WHERE key = ? AND state <> 'waiting'
		ORDER BY updated_at DESC, seq DESC LIMIT 1 OFFSET ?`
	removeEndedBeyond = `DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries
		WHERE key = ?1 AND state <> 'waiting' AND (updated_at, seq) <= (?2, ?3) ORDER BY updated_at, seq LIMIT ?4)`
)

// RemoveEndedBeyond implements integrations.Queue. Those that ended first go first.
func (s *Store) RemoveEndedBeyond(ctx context.Context, key string, newest, limit int) (int, error) {
	var at, seq int64
	err := s.reads.one(ctx, newestEnded, []any{key, newest}, &at, &seq)
	if errors.Is(err, workspace.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read ended deliveries: %w", err)
	}
	var removed int64
	err = s.write(ctx, "remove ended deliveries", func(t *tx) (err error) {
		removed, err = t.exec(removeEndedBeyond, key, at, seq, limit)
		return err
	})
	if err != nil {
		return 0, err
	}
	return int(removed), nil
}
