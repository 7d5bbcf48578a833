package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Deliveries implements integrations.DeliveryStore. The order is that in which deliveries were added.
// One integration's, or those in one state, are found by an index and sorted then, which takes as long
// as there are many.
func (s *Store) Deliveries(ctx context.Context, f integrations.DeliveryFilter, limit int) ([]integrations.Row, error) {
	where, args, err := s.deliveriesWhere(ctx, f)
	if errors.Is(err, workspace.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	order := " ORDER BY seq DESC LIMIT ?"
	if f.Oldest {
		order = " ORDER BY seq LIMIT ?"
	}
	var found []integrations.Row
	query := "SELECT " + rowColumns + " FROM deliveries" + where + order
	err = s.reads.all(ctx, query, append(args, limit), func(rows *sql.Rows) error {
		row, err := scanRow(rows.Scan)
		found = append(found, row)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return found, nil
}

func (s *Store) deliveriesWhere(ctx context.Context, f integrations.DeliveryFilter) (where string, args []any, err error) {
	var terms []string
	add := func(term string, arg any) { terms, args = append(terms, term), append(args, arg) }
	if f.Keys != nil {
		list, err := json.Marshal(f.Keys)
		if err != nil {
			return "", nil, err
		}
		add("key IN (SELECT value FROM json_each(?))", string(list))
	}
	if len(f.States) > 0 { // spelt out, so that the indexes of states are of use
		states := make([]string, len(f.States))
		for n, state := range f.States {
			states[n] = "'" + strings.ReplaceAll(string(state), "'", "") + "'"
		}
		terms = append(terms, "state IN ("+strings.Join(states, ", ")+")")
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
	if len(terms) == 0 {
		return "", nil, nil
	}
	return " WHERE " + strings.Join(terms, " AND "), args, nil
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
