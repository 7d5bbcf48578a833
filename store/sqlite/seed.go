package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// The names of facts: that the workspace has been made, and its secrets.
const (
	seededFact   = "seeded"
	secretPrefix = "secret "
)

const selectFact = "SELECT value FROM facts WHERE name = ?"

// Seeded implements workspace.SeedStore.
func (s *Store) Seeded(ctx context.Context) (bool, error) {
	var seeded bool
	err := s.reads.one(ctx, "SELECT EXISTS (SELECT 1 FROM facts WHERE name = ?)", []any{seededFact}, &seeded)
	if err != nil {
		return false, fmt.Errorf("read seed mark: %w", err)
	}
	return seeded, nil
}

// Seed implements workspace.SeedStore. All of it is one transaction, so a crash leaves nothing.
func (s *Store) Seed(ctx context.Context, seed workspace.Seed) error {
	return s.write(ctx, "seed", func(t *tx) error {
		t.onCommit(s.records.forgetUsers)
		t.onCommit(s.records.forgetRooms)
		n, err := t.exec("INSERT INTO facts (name, value) VALUES (?, x'') ON CONFLICT DO NOTHING", seededFact)
		if err != nil || n == 0 {
			return err
		}
		for _, u := range seed.Users {
			if err := insertUser(t, u); err != nil {
				return fmt.Errorf("user %s: %w", u.ID, err)
			}
		}
		for _, r := range seed.Rooms {
			if err := insertRoom(t, r); err != nil {
				return fmt.Errorf("room %s: %w", r.ID, err)
			}
		}
		if err := s.subscribe(t, seed.Subscriptions); err != nil {
			return fmt.Errorf("subscriptions: %w", err)
		}
		return insertRules(t, seed)
	})
}

// insertRules adds what is not users and rooms.
func insertRules(t *tx, seed workspace.Seed) error {
	for _, r := range seed.Roles {
		if err := insertRole(t, r); err != nil {
			return fmt.Errorf("role %s: %w", r.ID, err)
		}
	}
	for _, p := range seed.Permissions {
		if err := savePermission(t, p); err != nil {
			return fmt.Errorf("permission %s: %w", p.ID, err)
		}
	}
	for _, setting := range seed.Settings {
		if err := saveSetting(t, setting); err != nil {
			return fmt.Errorf("setting %s: %w", setting.ID, err)
		}
	}
	for name, value := range seed.Secrets {
		if _, err := t.exec("INSERT INTO facts (name, value) VALUES (?, ?)", secretPrefix+name, value); err != nil {
			return fmt.Errorf("secret %s: %w", name, err)
		}
	}
	return nil
}

// Supplement implements workspace.SeedStore.
func (s *Store) Supplement(ctx context.Context, seed workspace.Seed) error {
	return s.writeHeld(ctx, "supplement", func(t *tx) error {
		for _, r := range seed.Roles {
			if err := insertRole(t, r); err != nil {
				return fmt.Errorf("role %s: %w", r.ID, err)
			}
		}
		for _, p := range seed.Permissions {
			doc, err := encode(permissionDoc(p))
			if err != nil {
				return err
			}
			if _, err := t.exec("INSERT INTO permissions (id, doc) VALUES (?, ?) ON CONFLICT DO NOTHING", p.ID, doc); err != nil {
				return fmt.Errorf("permission %s: %w", p.ID, err)
			}
		}
		for _, setting := range seed.Settings {
			_, err := t.exec("INSERT INTO settings (id, value) VALUES (?, ?) ON CONFLICT DO NOTHING", setting.ID, setting.Value)
			if err != nil {
				return fmt.Errorf("setting %s: %w", setting.ID, err)
			}
		}
		for name, value := range seed.Secrets {
			_, err := t.exec("INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", secretPrefix+name, value)
			if err != nil {
				return fmt.Errorf("secret %s: %w", name, err)
			}
		}
		return nil
	})
}

// Secret implements workspace.SeedStore.
func (s *Store) Secret(ctx context.Context, name string) ([]byte, error) {
	var value []byte
	if err := s.reads.one(ctx, selectFact, []any{secretPrefix + name}, &value); err != nil {
		return nil, fmt.Errorf("read secret: %w", err)
	}
	return value, nil
}

// SaveSetting implements workspace.SettingStore.
func (s *Store) SaveSetting(ctx context.Context, setting workspace.Setting) error {
	return s.writeHeld(ctx, "save setting", func(t *tx) error { return saveSetting(t, setting) })
}

func saveSetting(t *tx, setting workspace.Setting) error {
	_, err := t.exec("INSERT INTO settings (id, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", setting.ID, setting.Value)
	return err
}

// Settings implements workspace.SettingStore.
func (s *Store) Settings(ctx context.Context) ([]workspace.Setting, error) {
	var list []workspace.Setting
	err := s.reads.all(ctx, "SELECT id, value FROM settings ORDER BY id", nil, func(rows *sql.Rows) error {
		var setting workspace.Setting
		err := rows.Scan(&setting.ID, &setting.Value)
		list = append(list, setting)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	return list, nil
}

// roleDoc is a role as a document.
type roleDoc struct {
	ID          string    `json:"_id,omitzero"`
	Name        string    `json:"name,omitzero"`
	Description string    `json:"description,omitzero"`
	Scope       string    `json:"scope,omitzero"`
	UpdatedAt   time.Time `json:"_updatedAt,omitzero"`
}

func insertRole(t *tx, r workspace.Role) error {
	doc, err := encode(roleDoc{ID: r.ID, Name: r.Name, Description: r.Description, Scope: string(r.Scope), UpdatedAt: r.UpdatedAt})
	if err != nil {
		return err
	}
	_, err = t.exec("INSERT INTO roles (id, doc) VALUES (?, ?) ON CONFLICT DO NOTHING", r.ID, doc)
	return err
}

// Roles implements workspace.SeedStore.
func (s *Store) Roles(ctx context.Context) ([]workspace.Role, error) {
	var list []workspace.Role
	err := s.reads.all(ctx, "SELECT doc FROM roles ORDER BY seq", nil, func(rows *sql.Rows) error {
		var text sql.RawBytes
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var d roleDoc
		err := decode(text, &d)
		list = append(list, workspace.Role{
			ID: d.ID, Name: d.Name, Description: d.Description, Scope: workspace.RoleScope(d.Scope), UpdatedAt: d.UpdatedAt,
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read roles: %w", err)
	}
	return list, nil
}
