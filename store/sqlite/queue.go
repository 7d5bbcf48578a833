package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// AddEffects implements integrations.Queue.
func (s *Store) AddEffects(ctx context.Context, effects []workspace.Effect) error {
	return s.write(ctx, "add effects", func(t *tx) error { return s.addEffects(t, effects) })
}

// addEffects makes deliveries of effects: ordered ones are parked, the others wait.
func (s *Store) addEffects(t *tx, effects []workspace.Effect) error {
	first := int64(math.MaxInt64)
	for _, e := range effects {
		state := integrations.Waiting
		if e.Ordered {
			state = integrations.Parked
		}
		at := millis(e.At)
		seq, err := t.insert(`INSERT INTO deliveries (id, key, lane, ordered, created_at, updated_at, due, state, fence, body)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`, e.ID, e.Key, e.Lane, e.Ordered, at, at, millis(e.Due), string(state), e.Body)
		if err != nil {
			return err
		}
		first = min(first, seq)
	}
	if len(effects) > 0 {
		t.onWritten(func() { s.fresh.added(first) })
		t.onCommit(func() { s.announceAdded(effects) })
	}
	return nil
}

// announceAdded lets the listener know of effects that have been added. All that was committed before
// is on disk by then, and nothing that has to be is committed before all of that is announced.
func (s *Store) announceAdded(effects []workspace.Effect) {
	s.fresh.settle()
	for _, e := range effects {
		if e.Ordered {
			s.filled.add(e.Lane)
		}
	}
	s.signal()
}

// signal lets the listener know without waiting for it.
func (s *Store) signal() { signal(s.added) }

// Added implements integrations.Queue.
func (s *Store) Added() <-chan struct{} { return s.added }

// Filled implements integrations.Queue.
func (s *Store) Filled() []string { return s.filled.take() }

// filledLanes are the lanes that something was parked in since somebody asked.
type filledLanes struct {
	mu    sync.Mutex
	names map[string]struct{}
}

func (f *filledLanes) add(lane string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.names == nil {
		f.names = map[string]struct{}{}
	}
	f.names[lane] = struct{}{}
}

func (f *filledLanes) take() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.names) == 0 {
		return nil
	}
	lanes := slices.Collect(maps.Keys(f.names))
	clear(f.names)
	return lanes
}

// The statements of a claim read at most ?2 rows of those that they may take, and as many of those
// whose lease has run out. SQLite plans a statement anew whenever the variable that is its limit is
// bound, and so prepares it at each run; a sum is no variable to it.
const (
	lend = `UPDATE deliveries SET state = 'waiting', lease_until = ?3, fence = fence + 1 WHERE `

	claimDue = lend + `seq IN (
		SELECT seq FROM (
			SELECT * FROM (SELECT seq, due FROM deliveries
				WHERE state = 'waiting' AND lease_until IS NULL AND due <= ?1 AND seq < ?4 ORDER BY due, seq LIMIT ?2 + 0)
			UNION ALL
			SELECT * FROM (SELECT seq, due FROM deliveries
				WHERE state = 'waiting' AND lease_until IS NOT NULL AND lease_until <= ?1 ORDER BY lease_until, seq LIMIT ?2 + 0)
		) ORDER BY due, seq LIMIT ?2 + 0)
	RETURNING seq, ` + rowColumns

	claimParked = lend + `seq IN (
		SELECT seq FROM deliveries WHERE state = 'parked' AND lane = ?5 AND due <= ?1 AND seq < ?4 ORDER BY seq LIMIT ?2 + 0)
	RETURNING seq, ` + rowColumns

	claimHead = lend + `seq = (
		SELECT seq FROM deliveries WHERE ordered = 1 AND state IN ('waiting', 'parked', 'held') AND lane = ?5 ORDER BY seq LIMIT 1)
	AND state = 'parked' AND due <= ?1 AND seq < ?4 AND ?2 > 0
	RETURNING seq, ` + rowColumns
)

// Claim implements integrations.Queue. It is not flushed: who holds a lease dies with the machine, and
// a lease that is over is as good as one that never was.
func (s *Store) Claim(ctx context.Context, c integrations.Claim) ([]integrations.Row, error) {
	var claimed []claimedRow
	err := s.writeAs(ctx, urgent, "claim deliveries", func(t *tx) (err error) {
		claimed, err = s.claim(t, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(claimed, func(a, b claimedRow) int {
		if c.Lane == "" {
			return cmp.Or(a.row.Due.Compare(b.row.Due), cmp.Compare(a.seq, b.seq))
		}
		return cmp.Compare(a.seq, b.seq)
	})
	return convert(claimed, func(c claimedRow) integrations.Row { return c.row }), nil
}

func (s *Store) claim(t *tx, c integrations.Claim) (claimed []claimedRow, err error) {
	due := min(millis(c.Now), s.fresh.due.Load()-1)
	query, args := claimDue, []any{due, c.Limit, millis(c.Now.Add(c.Lease)), s.fresh.seq.Load()}
	if c.Lane != "" {
		query, args = claimParked, append(args, c.Lane)
	}
	if c.Head {
		query = claimHead
	}
	rows, err := t.returning(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // the error is that of rows.Err
	for rows.Next() {
		var r claimedRow
		if err := r.scan(rows); err != nil {
			return nil, err
		}
		claimed = append(claimed, r)
	}
	return claimed, rows.Err()
}

type claimedRow struct {
	seq int64
	row integrations.Row
}

func (c *claimedRow) scan(rows *sql.Rows) (err error) {
	c.row, err = scanRow(func(into ...any) error { return rows.Scan(append([]any{&c.seq}, into...)...) })
	return err
}

const rowColumns = "id, key, lane, created_at, updated_at, due, state, fence, body, progress"

func scanRow(scan func(into ...any) error) (integrations.Row, error) {
	var r integrations.Row
	var created, updated, due int64
	var state string
	if err := scan(&r.ID, &r.Key, &r.Lane, &created, &updated, &due, &state, &r.Fence, &r.Body, &r.Progress); err != nil {
		return integrations.Row{}, err
	}
	r.CreatedAt, r.UpdatedAt, r.Due, r.State = moment(created), moment(updated), moment(due), integrations.State(state)
	return r, nil
}

// recordOne writes what it is given, and nothing for what is NULL.
const recordOne = `UPDATE deliveries SET lease_until = NULL, state = ?3, updated_at = coalesce(?4, updated_at), due = coalesce(?5, due),
		lane = coalesce(?6, lane), progress = coalesce(?7, progress)
	WHERE id = ?1 AND fence = ?2 AND lease_until IS NOT NULL`

// Record implements integrations.Queue. One transaction holds all records.
func (s *Store) Record(ctx context.Context, records []integrations.Record) (lost []string, err error) {
	again, k := recordAs(records)
	err = s.writeAs(ctx, k, "record deliveries", func(t *tx) error {
		lost = nil
		for _, r := range records {
			n, err := t.exec(recordOne, r.ID, r.Fence, string(r.State), millisOrNull(r.At), millisOrNull(r.Due), textOrNull(r.Lane), r.Progress)
			if err != nil {
				return err
			}
			if n == 0 {
				lost = append(lost, r.ID)
			}
		}
		if k == durable {
			t.onWritten(func() { s.fresh.postponed(again) })
			t.onCommit(s.fresh.settle)
		}
		t.onCommit(func() { s.announceWaiting(records) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return lost, nil
}

// recordAs answers how records are written, and when the first delivery with another attempt to come is
// due. An attempt is on disk before the next one can be made. Where none is to come, a crash of the
// machine may undo the record for a moment and leaves what one before the record leaves. What was only
// moved is claimed and moved again then.
func recordAs(records []integrations.Record) (again int64, k kind) {
	again, k = math.MaxInt64, urgent
	for _, r := range records {
		switch attempted := !r.At.IsZero() || r.Progress != nil; {
		case attempted && r.State == integrations.Waiting:
			again, k = min(again, millis(r.Due)), durable
		case attempted && k == urgent:
			k = light
		}
	}
	return again, k
}

// announceWaiting lets the listener know that something waits for another attempt.
func (s *Store) announceWaiting(records []integrations.Record) {
	if slices.ContainsFunc(records, func(r integrations.Record) bool { return r.State == integrations.Waiting }) {
		s.signal()
	}
}

func millisOrNull(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return millis(at)
}

func textOrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// endLeases lets every claim end that is not over. Whoever opens a folder has it alone: those who
// claimed are no more.
const endLeases = "UPDATE deliveries SET lease_until = 0 WHERE state = 'waiting' AND lease_until IS NOT NULL AND lease_until > 0"

// nextLane is the first lane after a name in which something is parked, found without looking at what
// else is parked in the one before.
const nextLane = "SELECT min(lane) FROM deliveries WHERE state = 'parked' AND lane > "

const lanes = `WITH RECURSIVE lanes (lane) AS (
		SELECT * FROM (` + nextLane + `?1) UNION ALL SELECT (` + nextLane + `lanes.lane) FROM lanes WHERE lanes.lane IS NOT NULL LIMIT ?2)
	SELECT lane FROM lanes WHERE lane IS NOT NULL`

// Lanes implements integrations.Queue.
func (s *Store) Lanes(ctx context.Context, after string, limit int) ([]string, error) {
	found, err := s.texts(ctx, lanes, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read lanes: %w", err)
	}
	return found, nil
}

const nextHeldKey = "SELECT min(key) FROM deliveries WHERE state = 'held' AND key > "

const heldKeys = `WITH RECURSIVE keys (key) AS (
		SELECT * FROM (` + nextHeldKey + `'') UNION ALL SELECT (` + nextHeldKey + `keys.key) FROM keys WHERE keys.key IS NOT NULL)
	SELECT key FROM keys WHERE key IS NOT NULL`

// HeldKeys implements integrations.Queue.
func (s *Store) HeldKeys(ctx context.Context) ([]string, error) {
	found, err := s.texts(ctx, heldKeys)
	if err != nil {
		return nil, fmt.Errorf("read keys of what is held: %w", err)
	}
	return found, nil
}

func (s *Store) texts(ctx context.Context, query string, args ...any) (found []string, err error) {
	err = s.reads.all(ctx, query, args, func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		found = append(found, text)
		return err
	})
	return found, err
}

const releaseHeld = `UPDATE deliveries SET state = 'parked' WHERE seq IN (
		SELECT seq FROM deliveries WHERE state = 'held' AND key = ? ORDER BY seq LIMIT ?)
	RETURNING lane`

// Release implements integrations.Queue.
func (s *Store) Release(ctx context.Context, key string, limit int) (released int, err error) {
	err = s.write(ctx, "release deliveries", func(t *tx) error {
		released = 0
		rows, err := t.returning(releaseHeld, key, limit)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // the error is that of rows.Err
		for rows.Next() {
			var lane string
			if err := rows.Scan(&lane); err != nil {
				return err
			}
			released++
			t.onCommit(func() { s.filled.add(lane) })
		}
		t.onCommit(s.signal)
		return rows.Err()
	})
	if err != nil {
		return 0, err
	}
	return released, nil
}

// Backlog implements integrations.Queue.
func (s *Store) Backlog(ctx context.Context, key string) (n int, err error) {
	err = s.reads.one(ctx, "SELECT count(*) FROM deliveries WHERE key = ? AND state IN ('waiting', 'parked', 'held')", []any{key}, &n)
	if err != nil {
		return 0, fmt.Errorf("count deliveries: %w", err)
	}
	return n, nil
}

const counts = `SELECT
		(SELECT count(*) FROM deliveries WHERE state = 'waiting' AND lease_until IS NULL) +
		(SELECT count(*) FROM deliveries WHERE state = 'waiting' AND lease_until IS NOT NULL),
		(SELECT count(*) FROM deliveries WHERE state = 'parked'),
		(SELECT count(*) FROM deliveries WHERE state = 'held'),
		(SELECT count(*) FROM deliveries WHERE state = 'dead')`

// Counts implements integrations.Queue. Each count is that of an index.
func (s *Store) Counts(ctx context.Context) (map[integrations.State]int, error) {
	var waiting, parked, held, dead int
	if err := s.reads.one(ctx, counts, nil, &waiting, &parked, &held, &dead); err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	return map[integrations.State]int{
		integrations.Waiting: waiting, integrations.Parked: parked, integrations.Held: held, integrations.Dead: dead,
	}, nil
}

const nextDue = `SELECT
		(SELECT min(due) FROM deliveries WHERE state = 'waiting' AND lease_until IS NULL AND seq < ?),
		(SELECT min(lease_until) FROM deliveries WHERE state = 'waiting' AND lease_until IS NOT NULL)`

// NextDue implements integrations.Queue.
func (s *Store) NextDue(ctx context.Context) (time.Time, error) {
	var due, leased sql.NullInt64
	err := s.reads.one(ctx, nextDue, []any{s.fresh.seq.Load()}, &due, &leased)
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

const laneDue = "SELECT due FROM deliveries WHERE state = 'parked' AND lane = ? ORDER BY seq LIMIT 1"

// LaneDue implements integrations.Queue.
func (s *Store) LaneDue(ctx context.Context, lane string) (time.Time, error) {
	var due int64
	err := s.reads.one(ctx, laneDue, []any{lane}, &due)
	switch {
	case errors.Is(err, workspace.ErrNotFound):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, fmt.Errorf("read due time of a lane: %w", err)
	default:
		return moment(due), nil
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
		_, err := t.exec("DELETE FROM deliveries WHERE key = ? AND state IN ('done', 'dead')", key)
		return err
	})
}

const removeEnded = `DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries
	WHERE state IN ('done', 'dead') AND updated_at < ?1 ORDER BY updated_at, seq LIMIT ?2)`

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
	newestEnded = `SELECT updated_at, seq FROM deliveries WHERE key = ? AND state IN ('done', 'dead')
		ORDER BY updated_at DESC, seq DESC LIMIT 1 OFFSET ?`
	removeEndedBeyond = `DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries
		WHERE key = ?1 AND state IN ('done', 'dead') AND (updated_at, seq) <= (?2, ?3) ORDER BY updated_at, seq LIMIT ?4)`
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
