package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Options implements integrations.Store.
func (s *Store) Options(ctx context.Context, integrationID string) (integrations.Options, error) {
	var text []byte
	err := s.reads.one(ctx, "SELECT doc FROM integration_options WHERE integration_id = ?", []any{integrationID}, &text)
	switch {
	case errors.Is(err, workspace.ErrNotFound):
		return integrations.Options{IntegrationID: integrationID}, nil
	case err != nil:
		return integrations.Options{}, fmt.Errorf("read options: %w", err)
	default:
		return decodeOptions(text)
	}
}

// AllOptions implements integrations.Store.
func (s *Store) AllOptions(ctx context.Context) ([]integrations.Options, error) {
	var all []integrations.Options
	err := s.reads.all(ctx, "SELECT doc FROM integration_options", nil, func(rows *sql.Rows) error {
		var text sql.RawBytes
		if err := rows.Scan(&text); err != nil {
			return err
		}
		o, err := decodeOptions(text)
		all = append(all, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read options: %w", err)
	}
	return all, nil
}

// SaveOptions implements integrations.Store.
func (s *Store) SaveOptions(ctx context.Context, o integrations.Options) error {
	doc, err := encodeOptions(o)
	if err != nil {
		return fmt.Errorf("encode options: %w", err)
	}
	return s.writeHeld(ctx, "save options", func(t *tx) error {
		n, err := t.exec(`INSERT INTO integration_options (integration_id, doc) SELECT id, ? FROM integrations WHERE id = ?
			ON CONFLICT (integration_id) DO UPDATE SET doc = excluded.doc`, doc, o.IntegrationID)
		if err == nil && n == 0 {
			return workspace.ErrNotFound
		}
		return err
	})
}

// optionsDoc is an integration's options as a document. Durations are nanoseconds.
type optionsDoc struct {
	IntegrationID string     `json:"_id,omitzero"`
	UpdatedAt     time.Time  `json:"_updatedAt,omitzero"`
	Policy        string     `json:"policy,omitzero"`
	Retry         *retryDoc  `json:"retry,omitzero"`
	Ordered       bool       `json:"ordered,omitzero"`
	Signing       signingDoc `json:"signing,omitzero"`
	TLS           tlsDoc     `json:"tls,omitzero"`
	Limits        limitsDoc  `json:"limits,omitzero"`
	Log           logDoc     `json:"log,omitzero"`
}

type retryDoc struct {
	Attempts int           `json:"attempts,omitzero"`
	First    time.Duration `json:"first,omitzero"`
	Longest  time.Duration `json:"longest,omitzero"`
}

type signingDoc struct {
	Generation int       `json:"generation,omitzero"`
	OldUntil   time.Time `json:"oldUntil,omitzero"`
}

type tlsDoc struct {
	Insecure bool   `json:"insecure,omitzero"`
	CA       string `json:"ca,omitzero"`
}

type limitsDoc struct {
	Rate        float64 `json:"rate,omitzero"`
	Burst       int     `json:"burst,omitzero"`
	Concurrency int     `json:"concurrency,omitzero"`
	Body        int64   `json:"body,omitzero"`
}

type logDoc struct {
	MetadataOnly bool          `json:"metadataOnly,omitzero"`
	Age          time.Duration `json:"age,omitzero"`
	Entries      int           `json:"entries,omitzero"`
	Bytes        int64         `json:"bytes,omitzero"`
}

func encodeOptions(o integrations.Options) (string, error) {
	return encode(optionsDoc{
		IntegrationID: o.IntegrationID, UpdatedAt: o.UpdatedAt, Policy: string(o.Policy), Retry: (*retryDoc)(o.Retry), Ordered: o.Ordered,
		Signing: signingDoc(o.Signing), TLS: tlsDoc(o.TLS), Limits: limitsDoc(o.Limits), Log: logDoc(o.Log),
	})
}

func decodeOptions(text []byte) (integrations.Options, error) {
	var d optionsDoc
	if err := decode(text, &d); err != nil {
		return integrations.Options{}, fmt.Errorf("decode options: %w", err)
	}
	return integrations.Options{
		IntegrationID: d.IntegrationID, UpdatedAt: d.UpdatedAt, Policy: integrations.Policy(d.Policy), Retry: (*integrations.Retry)(d.Retry), Ordered: d.Ordered,
		Signing: integrations.Signing(d.Signing), TLS: integrations.TLS(d.TLS), Limits: integrations.Limits(d.Limits), Log: integrations.LogRules(d.Log),
	}, nil
}
