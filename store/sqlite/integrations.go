package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// AddIntegration implements integrations.Store.
func (s *Store) AddIntegration(ctx context.Context, i integrations.Integration) error {
	doc, err := encodeIntegration(i)
	if err != nil {
		return fmt.Errorf("encode integration: %w", err)
	}
	return s.writeHeld(ctx, "add integration", func(t *tx) error {
		_, err := t.exec(`INSERT INTO integrations
			(id, kind, creator_id, name, name_key, username, enabled, created_at, updated_at, doc)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			i.ID, string(i.Kind), i.CreatedBy.ID, i.Name, fold(i.Name), i.Username, i.Enabled,
			millis(i.CreatedAt), millis(i.UpdatedAt), doc)
		if err != nil {
			return err
		}
		return insertURLs(t, i)
	})
}

func insertURLs(t *tx, i integrations.Integration) error {
	if i.Kind != integrations.Outgoing {
		return nil
	}
	for _, u := range i.URLs {
		_, err := t.exec(`INSERT INTO integration_urls (url, integration_seq)
			SELECT ?, seq FROM integrations WHERE id = ? ON CONFLICT DO NOTHING`, u, i.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// Integration implements integrations.Store.
func (s *Store) Integration(ctx context.Context, id string) (integrations.Integration, error) {
	return s.readIntegration(ctx, "SELECT doc FROM integrations WHERE id = ?", id)
}

const selectByURL = `SELECT doc FROM integrations
	WHERE seq = (SELECT min(integration_seq) FROM integration_urls WHERE url = ?)`

// IntegrationByURL implements integrations.Store.
func (s *Store) IntegrationByURL(ctx context.Context, url string) (integrations.Integration, error) {
	return s.readIntegration(ctx, selectByURL, url)
}

func (s *Store) readIntegration(ctx context.Context, query, key string) (integrations.Integration, error) {
	var text []byte
	if err := s.reads.one(ctx, query, []any{key}, &text); err != nil {
		return integrations.Integration{}, fmt.Errorf("read integration: %w", err)
	}
	return decodeIntegration(text)
}

var integrationFields = map[string]field{
	"_id":        {column: "id"},
	"type":       {column: "kind"},
	"name":       {column: "name"},
	"username":   {column: "username"},
	"enabled":    {column: "enabled"},
	"_createdAt": {column: "created_at", time: true},
	"_updatedAt": {column: "updated_at", time: true},
}

// Integrations implements integrations.Store.
func (s *Store) Integrations(ctx context.Context, filter integrations.Filter, page workspace.Page) ([]integrations.Integration, int, error) {
	l := list{columns: "doc", from: "FROM integrations WHERE TRUE", fields: integrationFields, seq: "seq"}
	l.andScope(integrations.Incoming, filter.Incoming, filter.CreatorID)
	l.andScope(integrations.Outgoing, filter.Outgoing, filter.CreatorID)
	if filter.Kind != "" {
		l.and("kind = ?", string(filter.Kind))
	}
	if filter.Name != "" {
		l.and("instr(name_key, ?)", fold(filter.Name))
	}
	list, total, err := readPage(ctx, s.reads, l, page, func(rows *sql.Rows) (integrations.Integration, error) {
		var text sql.RawBytes
		if err := rows.Scan(&text); err != nil {
			return integrations.Integration{}, err
		}
		return decodeIntegration(text)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read integrations: %w", err)
	}
	return list, total, nil
}

// andScope leaves out what the scope does not let through of one kind.
func (l *list) andScope(kind integrations.Kind, scope permissions.Scope, creatorID string) {
	switch scope {
	case permissions.All:
	case permissions.Own:
		l.and("(kind <> ? OR creator_id = ?)", string(kind), creatorID)
	default:
		l.and("kind <> ?", string(kind))
	}
}

// SaveIntegration implements integrations.Store.
func (s *Store) SaveIntegration(ctx context.Context, i integrations.Integration) error {
	doc, err := encodeIntegration(i)
	if err != nil {
		return fmt.Errorf("encode integration: %w", err)
	}
	return s.writeHeld(ctx, "save integration", func(t *tx) error {
		n, err := t.exec(`UPDATE integrations SET kind = ?, creator_id = ?, name = ?, name_key = ?, username = ?,
			enabled = ?, created_at = ?, updated_at = ?, doc = ? WHERE id = ?`,
			string(i.Kind), i.CreatedBy.ID, i.Name, fold(i.Name), i.Username, i.Enabled,
			millis(i.CreatedAt), millis(i.UpdatedAt), doc, i.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return workspace.ErrNotFound
		}
		if err := s.deleteScriptValues(t, i.ID); err != nil {
			return err
		}
		if err := deleteURLs(t, i.ID); err != nil {
			return err
		}
		return insertURLs(t, i)
	})
}

func deleteURLs(t *tx, id string) error {
	_, err := t.exec("DELETE FROM integration_urls WHERE integration_seq = (SELECT seq FROM integrations WHERE id = ?)", id)
	return err
}

// RemoveIntegration implements integrations.Store.
func (s *Store) RemoveIntegration(ctx context.Context, id string, withDeliveries bool) error {
	return s.writeHeld(ctx, "remove integration", func(t *tx) error {
		if err := deleteURLs(t, id); err != nil {
			return err
		}
		n, err := t.exec("DELETE FROM integrations WHERE id = ?", id)
		if err == nil && n == 0 {
			err = workspace.ErrNotFound
		}
		if err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM last_errors WHERE integration_id = ?", id); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM integration_options WHERE integration_id = ?", id); err != nil {
			return err
		}
		if err := s.deleteScriptValues(t, id); err != nil {
			return err
		}
		if _, err := t.exec("DELETE FROM outages WHERE integration_id = ?", id); err != nil {
			return err
		}
		if withDeliveries {
			_, err = t.exec("DELETE FROM deliveries WHERE key = ?", id)
		}
		return err
	})
}

// SaveLastError implements integrations.Store.
func (s *Store) SaveLastError(ctx context.Context, e integrations.LastError) error {
	doc, err := encodeLastError(e)
	if err != nil {
		return fmt.Errorf("encode last error: %w", err)
	}
	return s.write(ctx, "save last error", func(t *tx) error {
		n, err := t.exec(`INSERT INTO last_errors (integration_id, doc) SELECT id, ? FROM integrations WHERE id = ?
			ON CONFLICT (integration_id) DO UPDATE SET doc = excluded.doc`, doc, e.IntegrationID)
		if err == nil && n == 0 {
			return workspace.ErrNotFound
		}
		return err
	})
}

// LastError implements integrations.Store.
func (s *Store) LastError(ctx context.Context, integrationID string) (integrations.LastError, error) {
	var text []byte
	if err := s.reads.one(ctx, "SELECT doc FROM last_errors WHERE integration_id = ?", []any{integrationID}, &text); err != nil {
		return integrations.LastError{}, fmt.Errorf("read last error: %w", err)
	}
	return decodeLastError(text)
}
