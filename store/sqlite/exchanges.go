package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

const (
	blockEntries = 128 // in one block, at most
	blockBytes   = 1 << 20
	// blockShare bounds a block by what is kept, as blocks are forgotten whole.
	blockShare = 8
	// blockCost is what a block counts beside what is in it.
	blockCost = 128
)

// AddExchanges implements integrations.ExchangeStore.
func (l *Log) AddExchanges(ctx context.Context, batches []integrations.ExchangeBatch) error {
	return l.write(ctx, "add exchanges", func(c change) error {
		for _, b := range batches {
			if err := c.addAll(b); err != nil {
				return err
			}
			if err := c.trim(b.IntegrationID, b.Kept); err != nil {
				return err
			}
		}
		return nil
	})
}

// addAll puts a batch into blocks.
func (c change) addAll(b integrations.ExchangeBatch) error {
	most, mostBytes := blockEntries, blockBytes
	if b.Kept.Entries > 0 {
		most = max(1, min(most, b.Kept.Entries/blockShare))
	}
	if b.Kept.Bytes > 0 {
		mostBytes = int(min(int64(mostBytes), b.Kept.Bytes/blockShare))
	}
	c.block.begin(b.IntegrationID)
	for n := range b.Exchanges {
		c.block.add(&b.Exchanges[n])
		if c.block.entries < most && c.block.size() < mostBytes && n < len(b.Exchanges)-1 {
			continue
		}
		if err := c.add(c.block); err != nil {
			return err
		}
		c.block.begin(b.IntegrationID)
	}
	return nil
}

// write makes changes in one transaction, one caller at a time.
func (l *Log) write(ctx context.Context, action string, do func(change) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	tx, err := l.conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", action, refusal(err))
	}
	c := change{ctx: ctx, tx: tx, block: &l.block, before: l.totals, totals: map[string]logTotal{}}
	if err := do(c); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", action, refusal(err)), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: %w", action, refusal(err))
	}
	for id, total := range c.totals {
		if l.totals[id] = total; total.entries == 0 {
			delete(l.totals, id)
		}
	}
	return nil
}

// change is one transaction of the log.
type change struct {
	ctx    context.Context //nolint:containedctx // it lives as long as its transaction
	tx     *sql.Tx
	block  *block
	before map[string]logTotal
	totals map[string]logTotal // of integrations that it changed
}

func (c change) total(id string) logTotal {
	if total, ok := c.totals[id]; ok {
		return total
	}
	return c.before[id]
}

func (c change) add(b *block) error {
	_, err := c.tx.ExecContext(c.ctx, `INSERT INTO blocks (integration_id, first, last, began, ended, entries, bytes, heads, details)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, b.integrationID, b.first, b.last, b.began, b.ended, b.entries, b.size(), b.heads, b.packed())
	total := c.total(b.integrationID)
	if total.entries == 0 {
		total.oldest = b.began
	}
	c.totals[b.integrationID] = logTotal{total.entries + b.entries, total.bytes + int64(b.size()), min(total.oldest, b.began)}
	return err
}

// trim forgets blocks from the oldest on, until the others are no more than what is kept.
func (c change) trim(id string, kept integrations.ExchangesKept) error {
	total, last := c.total(id), int64(0)
	goesBeyond := func(began int64) bool {
		return kept.Entries > 0 && total.entries > kept.Entries || kept.Bytes > 0 && total.bytes > kept.Bytes ||
			!kept.Since.IsZero() && began < millis(kept.Since)
	}
	if total.entries == 0 || !goesBeyond(total.oldest) {
		return nil
	}
	rows, err := c.tx.QueryContext(c.ctx, "SELECT rowid, began, entries, bytes FROM blocks WHERE integration_id = ? ORDER BY last", id)
	if err != nil {
		return err
	}
	var gone []int64
	for rows.Next() {
		var began, bytes int64
		var entries int
		if err := rows.Scan(&last, &began, &entries, &bytes); err != nil {
			return errors.Join(err, rows.Close())
		}
		if total.oldest = began; !goesBeyond(began) {
			break
		}
		gone = append(gone, last)
		total.entries, total.bytes = total.entries-entries, total.bytes-bytes
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	if c.totals[id] = total; len(gone) == 0 {
		return nil
	}
	list, err := json.Marshal(gone)
	if err != nil {
		return err
	}
	_, err = c.tx.ExecContext(c.ctx, "DELETE FROM blocks WHERE seq IN (SELECT value FROM json_each(?))", string(list))
	return err
}

// TrimExchanges implements integrations.ExchangeStore.
func (l *Log) TrimExchanges(ctx context.Context, integrationID string, kept integrations.ExchangesKept) error {
	return l.write(ctx, "trim exchanges", func(c change) error { return c.trim(integrationID, kept) })
}

// RemoveExchanges implements integrations.ExchangeStore.
func (l *Log) RemoveExchanges(ctx context.Context, integrationID string) error {
	return l.write(ctx, "remove exchanges", func(c change) error {
		c.totals[integrationID] = logTotal{}
		_, err := c.tx.ExecContext(c.ctx, "DELETE FROM blocks WHERE integration_id = ?", integrationID)
		return err
	})
}

// Exchanged implements integrations.ExchangeStore.
func (l *Log) Exchanged(context.Context) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := make([]string, 0, len(l.totals))
	for id := range l.totals {
		ids = append(ids, id)
	}
	return ids, nil
}

const selectHeads = `SELECT integration_id, last, heads FROM blocks
	WHERE (?1 IS NULL OR integration_id IN (SELECT value FROM json_each(?1)))
		AND first < ?2 AND ended >= ?3 AND began < ?4 ORDER BY last DESC`

const selectHeadsOfOne = `SELECT integration_id, last, heads FROM blocks
	WHERE integration_id = ?1 AND first < ?2 AND ended >= ?3 AND began < ?4 ORDER BY last DESC`

// Exchanges implements integrations.ExchangeStore.
func (l *Log) Exchanges(ctx context.Context, filter integrations.ExchangeFilter, limit int) ([]integrations.Exchange, error) {
	query, args, err := headsQuery(filter)
	if err != nil {
		return nil, err
	}
	var found latest
	err = l.reads.all(ctx, query, args, func(rows *sql.Rows) error {
		var id, last string
		var heads sql.RawBytes
		if err := rows.Scan(&id, &last, &heads); err != nil {
			return err
		}
		if found.areBehind(last, limit) {
			return errEnough
		}
		return eachHead(heads, id, func(e integrations.Exchange, _ place) {
			if filter.Matches(e) {
				found = append(found, e)
			}
		})
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("read exchanges: %w", err)
	}
	found.sort()
	return found[:min(len(found), limit)], nil
}

// errEnough ends a list.
var errEnough = errors.New("enough")

func headsQuery(f integrations.ExchangeFilter) (query string, args []any, err error) {
	var ids any
	query = selectHeads
	switch len(f.IntegrationIDs) {
	case 1:
		query, ids = selectHeadsOfOne, f.IntegrationIDs[0]
	default:
		if f.IntegrationIDs != nil {
			list, err := json.Marshal(f.IntegrationIDs)
			if err != nil {
				return "", nil, err
			}
			ids = string(list)
		}
	}
	since, until := int64(0), int64(1<<62)
	if !f.Since.IsZero() {
		since = millis(f.Since)
	}
	if !f.Until.IsZero() {
		until = millis(f.Until)
	}
	return query, []any{ids, cmp.Or(f.Before, "~"), since, until}, nil
}

// latest are exchanges, of which only the latest count.
type latest []integrations.Exchange

// areBehind reports whether there are enough that are later than what ends with an id.
func (l *latest) areBehind(last string, limit int) bool {
	if len(*l) < limit {
		return false
	}
	l.sort()
	*l = (*l)[:limit]
	return (*l)[limit-1].ID > last
}

func (l *latest) sort() {
	slices.SortFunc(*l, func(a, b integrations.Exchange) int { return cmp.Compare(b.ID, a.ID) })
}

// Exchange implements integrations.ExchangeStore.
func (l *Log) Exchange(ctx context.Context, id string) (integrations.Exchange, error) {
	var found integrations.Exchange
	var seq int64
	var at place
	query := "SELECT seq, integration_id, heads FROM blocks WHERE last >= ? AND first <= ? ORDER BY last"
	err := l.reads.all(ctx, query, []any{id, id}, func(rows *sql.Rows) error {
		var owner string
		var heads sql.RawBytes
		if err := rows.Scan(&seq, &owner, &heads); err != nil {
			return err
		}
		err := eachHead(heads, owner, func(e integrations.Exchange, p place) {
			if e.ID == id {
				found, at = e, p
			}
		})
		if err == nil && found.ID != "" {
			return errEnough
		}
		return err
	})
	switch {
	case errors.Is(err, errEnough):
	case err != nil:
		return found, fmt.Errorf("read exchange: %w", err)
	default:
		return found, workspace.ErrNotFound
	}
	var details []byte
	if err := l.reads.one(ctx, "SELECT details FROM blocks WHERE seq = ?", []any{seq}, &details); err != nil {
		return found, fmt.Errorf("read exchange: %w", err)
	}
	if found.Detail, err = detailAt(details, at); err != nil {
		return found, fmt.Errorf("read exchange: %w", err)
	}
	return found, nil
}

func unixTime(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
