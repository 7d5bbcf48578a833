package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/workspace"
)

// ScriptValues implements integrations.Store.
func (s *Store) ScriptValues(ctx context.Context, integrationID, version string) ([]integrations.ScriptValue, error) {
	return s.records.scriptValues.find(scriptValuesKey(integrationID, version), func() ([]integrations.ScriptValue, error) {
		return s.readScriptValues(ctx, integrationID, version)
	})
}

// scriptValuesKey is the key of a version in memory.
func scriptValuesKey(integrationID, version string) string { return integrationID + "\x00" + version }

func (s *Store) readScriptValues(ctx context.Context, integrationID, version string) ([]integrations.ScriptValue, error) {
	var values []integrations.ScriptValue
	err := s.reads.all(ctx, "SELECT key, value FROM script_values WHERE integration_id = ? AND version = ? ORDER BY key",
		[]any{integrationID, version}, func(rows *sql.Rows) error {
			var v integrations.ScriptValue
			if err := rows.Scan(&v.Key, &v.Value); err != nil {
				return err
			}
			values = append(values, v)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("read script values: %w", err)
	}
	return values, nil
}

// SaveScriptValues implements integrations.Store.
func (s *Store) SaveScriptValues(ctx context.Context, integrationID, version string, values []integrations.ScriptValue) error {
	return s.write(ctx, "save script values", func(t *tx) error {
		t.onCommit(func() { s.records.scriptValues.forgetOne(scriptValuesKey(integrationID, version)) })
		var known int
		if err := t.one("SELECT count(*) FROM integrations WHERE id = ?", []any{integrationID}, &known); err != nil {
			return err
		}
		if known == 0 {
			return workspace.ErrNotFound
		}
		for _, v := range values {
			if err := saveScriptValue(t, integrationID, version, v); err != nil {
				return err
			}
		}
		return nil
	})
}

func saveScriptValue(t *tx, integrationID, version string, v integrations.ScriptValue) error {
	if v.Value == nil {
		_, err := t.exec("DELETE FROM script_values WHERE integration_id = ? AND version = ? AND key = ?", integrationID, version, v.Key)
		return err
	}
	_, err := t.exec(`INSERT INTO script_values (integration_id, version, key, value) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET value = excluded.value`, integrationID, version, v.Key, v.Value)
	return err
}

func (s *Store) deleteScriptValues(t *tx, integrationID string) error {
	t.onCommit(s.records.scriptValues.forget)
	_, err := t.exec("DELETE FROM script_values WHERE integration_id = ?", integrationID)
	return err
}
