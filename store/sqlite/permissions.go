package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/permissions"
)

// permissionDoc is a permission as a document. Its members are those of permissions.Permission.
type permissionDoc struct {
	ID        string    `json:"_id,omitzero"`
	Roles     []string  `json:"roles,omitzero"`
	UpdatedAt time.Time `json:"_updatedAt,omitzero"`
}

// Permissions implements permissions.Store.
func (s *Store) Permissions(ctx context.Context) ([]permissions.Permission, error) {
	var list []permissions.Permission
	err := s.reads.all(ctx, "SELECT doc FROM permissions ORDER BY id", nil, func(rows *sql.Rows) error {
		var text sql.RawBytes
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var doc permissionDoc
		err := decode(text, &doc)
		list = append(list, permissions.Permission(doc))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read permissions: %w", err)
	}
	return list, nil
}

// SavePermissions implements permissions.Store.
func (s *Store) SavePermissions(ctx context.Context, changed []permissions.Permission) error {
	return s.writeHeld(ctx, "save permissions", func(t *tx) error {
		for _, p := range changed {
			if err := savePermission(t, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func savePermission(t *tx, p permissions.Permission) error {
	doc, err := encode(permissionDoc(p))
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO permissions (id, doc) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc", p.ID, doc)
	return err
}
