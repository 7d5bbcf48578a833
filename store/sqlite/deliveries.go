package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Deliveries implements integrations.DeliveryStore. The order is that in which deliveries were added.
// Each integration's are read on their own, by an index that has that order, so that a page costs the
// same however many there are. Of a state that few are in, all but dead, more is read.
func (s *Store) Deliveries(ctx context.Context, f integrations.DeliveryFilter, limit int) ([]integrations.Row, error) {
	where, args, err := s.deliveriesWhere(ctx, f)
	if errors.Is(err, workspace.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	var found []claimedRow
	if f.Keys == nil {
		found, err = s.listRows(ctx, where, f.Oldest, append(args, limit))
	}
	for _, key := range f.Keys {
		ofOne, failed := s.listRows(ctx, "key = ? AND "+where, f.Oldest, append(append([]any{key}, args...), limit))
		if err = failed; err != nil {
			break
		}
		found = firstOf(append(found, ofOne...), f.Oldest, limit)
	}
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return convert(found, func(c claimedRow) integrations.Row { return c.row }), nil
}

// firstOf answers the first rows in the order of a list.
func firstOf(rows []claimedRow, oldest bool, limit int) []claimedRow {
	slices.SortFunc(rows, func(a, b claimedRow) int {
		if oldest {
			return cmp.Compare(a.seq, b.seq)
		}
		return cmp.Compare(b.seq, a.seq)
	})
	return rows[:min(len(rows), limit)]
}

func (s *Store) listRows(ctx context.Context, where string, oldest bool, args []any) (found []claimedRow, err error) {
	err = s.reads.all(ctx, listDeliveries(where, oldest), args, func(rows *sql.Rows) error {
		var c claimedRow
		err := c.scan(rows)
		found = append(found, c)
		return err
	})
	return found, err
}

func listDeliveries(where string, oldest bool) string {
	order := "DESC"
	if oldest {
		order = "ASC"
	}
	return "SELECT seq, " + rowColumns + " FROM deliveries WHERE " + where + " ORDER BY seq " + order + " LIMIT ?"
}

// deliveriesWhere is what a filter asks for beside the integration.
func (s *Store) deliveriesWhere(ctx context.Context, f integrations.DeliveryFilter) (where string, args []any, err error) {
	terms := []string{"TRUE"}
	add := func(term string, arg any) { terms, args = append(terms, term), append(args, arg) }
	if len(f.States) > 0 {
		terms = append(terms, inStates(f.States))
	}
	if !f.Since.IsZero() {
		add("created_at >= ?", millis(f.Since))
	}
	if !f.Until.IsZero() {
		add("created_at < ?", millis(f.Until))
	}
	if f.Beyond != "" {
		var seq int64
		if err := s.reads.one(ctx, "SELECT seq FROM deliveries WHERE id = ?", []any{f.Beyond}, &seq); err != nil {
			return "", nil, err
		}
		if f.Oldest {
			add("seq > ?", seq)
		} else {
			add("seq < ?", seq)
		}
	}
	return strings.Join(terms, " AND "), args, nil
}

// inStates spells states out, so that the indexes of states are of use.
func inStates(states []integrations.State) string {
	quoted := convert(states, func(state integrations.State) string { return "'" + strings.ReplaceAll(string(state), "'", "") + "'" })
	if len(quoted) == 1 {
		return "state = " + quoted[0]
	}
	return "state IN (" + strings.Join(quoted, ", ") + ")"
}

// EndRow implements integrations.DeliveryStore.
func (s *Store) EndRow(ctx context.Context, r integrations.Record) error {
	return s.write(ctx, "end delivery", func(t *tx) error {
		n, err := t.exec(`UPDATE deliveries SET state = ?, updated_at = ?, progress = ?, lease_until = NULL, fence = fence + 1
			WHERE id = ? AND fence = ? AND state NOT IN ('done', 'dead')`, string(r.State), millis(r.At), r.Progress, r.ID, r.Fence)
		if err != nil || n > 0 {
			return err
		}
		var seq int64
		if err := t.one("SELECT seq FROM deliveries WHERE id = ?", []any{r.ID}, &seq); err != nil {
			return err
		}
		return integrations.ErrMoved
	})
}

var _ integrations.DeliveryStore = (*Store)(nil)
