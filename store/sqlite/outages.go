package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// outageDoc is what columns do not hold of an outage.
type outageDoc struct {
	URL       string    `json:"url,omitzero"`
	LastError string    `json:"lastError,omitzero"`
	Told      time.Time `json:"told,omitzero"`
}

func encodeOutage(o integrations.Outage) (string, error) {
	doc, err := encode(outageDoc{URL: o.URL, LastError: o.LastError, Told: o.Told})
	if err != nil {
		return "", fmt.Errorf("encode outage: %w", err)
	}
	return doc, nil
}

const outageColumns = "lane, integration_id, since, doc"

func scanOutage(scan func(into ...any) error) (integrations.Outage, error) {
	var o integrations.Outage
	var since int64
	var text []byte
	if err := scan(&o.Lane, &o.IntegrationID, &since, &text); err != nil {
		return integrations.Outage{}, err
	}
	var doc outageDoc
	if err := decode(text, &doc); err != nil {
		return integrations.Outage{}, fmt.Errorf("decode outage: %w", err)
	}
	o.Since, o.URL, o.LastError, o.Told = moment(since), doc.URL, doc.LastError, doc.Told
	return o, nil
}

// AddOutage implements integrations.Store.
func (s *Store) AddOutage(ctx context.Context, o integrations.Outage) (kept integrations.Outage, err error) {
	doc, err := encodeOutage(o)
	if err != nil {
		return kept, err
	}
	err = s.write(ctx, "add outage", func(t *tx) error {
		_, err := t.exec(`INSERT INTO outages (lane, integration_id, since, doc) SELECT ?, id, ?, ? FROM integrations WHERE id = ?
			ON CONFLICT DO NOTHING`, o.Lane, millis(o.Since), doc, o.IntegrationID)
		if err != nil {
			return err
		}
		kept, err = scanOutage(func(into ...any) error {
			return t.one("SELECT "+outageColumns+" FROM outages WHERE lane = ?", []any{o.Lane}, into...)
		})
		return err
	})
	return kept, err
}

// SaveOutage implements integrations.Store.
func (s *Store) SaveOutage(ctx context.Context, o integrations.Outage) error {
	doc, err := encodeOutage(o)
	if err != nil {
		return err
	}
	return s.write(ctx, "save outage", func(t *tx) error {
		n, err := t.exec("UPDATE outages SET integration_id = ?, since = ?, doc = ? WHERE lane = ?", o.IntegrationID, millis(o.Since), doc, o.Lane)
		if err == nil && n == 0 {
			err = workspace.ErrNotFound
		}
		return err
	})
}

// RemoveOutage implements integrations.Store.
func (s *Store) RemoveOutage(ctx context.Context, lane string) error {
	return s.write(ctx, "remove outage", func(t *tx) error {
		_, err := t.exec("DELETE FROM outages WHERE lane = ?", lane)
		return err
	})
}

// Outages implements integrations.Store.
func (s *Store) Outages(ctx context.Context) (list []integrations.Outage, err error) {
	err = s.reads.all(ctx, "SELECT "+outageColumns+" FROM outages ORDER BY since, lane", nil, func(rows *sql.Rows) error {
		o, err := scanOutage(rows.Scan)
		list = append(list, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read outages: %w", err)
	}
	return list, nil
}
