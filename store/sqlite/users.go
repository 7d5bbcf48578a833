package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// userDoc is a user as a document. Its members are those of workspace.User.
type userDoc struct {
	ID           string    `json:"_id,omitzero"`
	Username     string    `json:"username,omitzero"`
	Name         string    `json:"name,omitzero"`
	Email        string    `json:"email,omitzero"`
	Verified     bool      `json:"verified,omitzero"`
	PasswordHash []byte    `json:"passwordHash,omitzero"`
	Roles        []string  `json:"roles,omitzero"`
	Bot          bool      `json:"bot,omitzero"`
	Active       bool      `json:"active,omitzero"`
	Bio          string    `json:"bio,omitzero"`
	Nickname     string    `json:"nickname,omitzero"`
	StatusText   string    `json:"statusText,omitzero"`
	CustomFields []byte    `json:"customFields,omitzero"`
	MustChange   bool      `json:"mustChange,omitzero"`
	CreatedAt    time.Time `json:"_createdAt,omitzero"`
	UpdatedAt    time.Time `json:"_updatedAt,omitzero"`
}

// AddUser implements workspace.UserStore.
func (s *Store) AddUser(ctx context.Context, u workspace.User, in []workspace.Subscription, effects []workspace.Effect, notices ...workspace.Message) error {
	return s.write(ctx, "add user", func(t *tx) error {
		t.onCommit(s.records.forgetUsers)
		if err := insertUser(t, u); err != nil {
			return err
		}
		if err := s.subscribe(t, in); err != nil {
			return err
		}
		if err := addNotices(t, notices); err != nil {
			return err
		}
		return s.addEffects(t, effects)
	})
}

func insertUser(t *tx, u workspace.User) error {
	doc, err := encode(userDoc(u))
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO users (id, username, username_key, name_key, email_key, created_at, updated_at, doc)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		u.ID, u.Username, fold(u.Username), fold(u.Name), emailKey(u.Email), millis(u.CreatedAt), millis(u.UpdatedAt), doc)
	return err
}

// emailKey is nil for users without an address, of whom there may be many.
func emailKey(email string) any {
	if email == "" {
		return nil
	}
	return fold(email)
}

// User implements workspace.UserStore.
func (s *Store) User(ctx context.Context, id string) (workspace.User, error) {
	return s.records.users.find(id, func() (workspace.User, error) {
		return s.readUser(ctx, "SELECT doc FROM users WHERE id = ?", id)
	})
}

// UserByUsername implements workspace.UserStore.
func (s *Store) UserByUsername(ctx context.Context, username string) (workspace.User, error) {
	key := fold(username)
	return s.records.usernames.find(key, func() (workspace.User, error) {
		return s.readUser(ctx, "SELECT doc FROM users WHERE username_key = ?", key)
	})
}

// UserByEmail implements workspace.UserStore.
func (s *Store) UserByEmail(ctx context.Context, email string) (workspace.User, error) {
	return s.readUser(ctx, "SELECT doc FROM users WHERE email_key = ?", fold(email))
}

func (s *Store) readUser(ctx context.Context, query, key string) (workspace.User, error) {
	var text []byte
	if err := s.reads.one(ctx, query, []any{key}, &text); err != nil {
		return workspace.User{}, fmt.Errorf("read user: %w", err)
	}
	return decodeUser(text)
}

func decodeUser(text []byte) (workspace.User, error) {
	var doc userDoc
	if err := decode(text, &doc); err != nil {
		return workspace.User{}, fmt.Errorf("decode user: %w", err)
	}
	return workspace.User(doc), nil
}

var userFields = map[string]field{
	"_id":        {column: "id"},
	"username":   {column: "username"},
	"name":       {column: "name_key"},
	"createdAt":  {column: "created_at", time: true},
	"_createdAt": {column: "created_at", time: true},
	"_updatedAt": {column: "updated_at", time: true},
}

// Users implements workspace.UserStore.
func (s *Store) Users(ctx context.Context, filter workspace.UserFilter, page workspace.Page) ([]workspace.User, int, error) {
	l := list{columns: "doc", from: "FROM users WHERE TRUE", fields: userFields, seq: "seq"}
	if filter.Text != "" {
		l.andUser(filter.Text)
	}
	return s.userPage(ctx, l, page)
}

// andUser narrows a list of users to those that are known by the text.
func (l *list) andUser(text string) {
	part := fold(text)
	l.and("(instr(username_key, ?) OR instr(name_key, ?) OR instr(email_key, ?))", part, part, part)
}

func (s *Store) userPage(ctx context.Context, l list, page workspace.Page) ([]workspace.User, int, error) {
	users, total, err := readPage(ctx, s.reads, l, page, func(rows *sql.Rows) (workspace.User, error) {
		var text sql.RawBytes
		if err := rows.Scan(&text); err != nil {
			return workspace.User{}, err
		}
		return decodeUser(text)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read users: %w", err)
	}
	return users, total, nil
}

// AddUserRole implements workspace.UserStore.
func (s *Store) AddUserRole(ctx context.Context, userID, role string, at time.Time) error {
	return s.write(ctx, "add role to user", func(t *tx) error {
		return s.changeUser(t, userID, func(u *workspace.User) {
			if !u.HasRole(role) {
				u.Roles, u.UpdatedAt = append(u.Roles, role), at
			}
		})
	})
}

// RemoveUserRole implements workspace.UserStore.
func (s *Store) RemoveUserRole(ctx context.Context, userID, role string, at time.Time) error {
	return s.write(ctx, "remove role from user", func(t *tx) error {
		return s.changeUser(t, userID, func(u *workspace.User) {
			if i := slices.Index(u.Roles, role); i >= 0 {
				u.Roles, u.UpdatedAt = slices.Delete(u.Roles, i, i+1), at
			}
		})
	})
}

// SetPassword implements workspace.UserStore.
func (s *Store) SetPassword(ctx context.Context, userID string, hash []byte, at time.Time, keep string) error {
	return s.write(ctx, "set password", func(t *tx) error {
		err := s.changeUser(t, userID, func(u *workspace.User) {
			u.PasswordHash, u.UpdatedAt = hash, at
		})
		if err != nil {
			return err
		}
		return s.removeLogins(t, userID, keep)
	})
}

// SaveUser implements workspace.UserStore.
func (s *Store) SaveUser(ctx context.Context, u workspace.User) error {
	return s.write(ctx, "save user", func(t *tx) error { return s.replaceUser(t, u) })
}

// SaveUserAndEndLogins implements workspace.UserStore.
func (s *Store) SaveUserAndEndLogins(ctx context.Context, u workspace.User, keep string) error {
	return s.write(ctx, "save user and end logins", func(t *tx) error {
		if err := s.replaceUser(t, u); err != nil {
			return err
		}
		return s.removeLogins(t, u.ID, keep)
	})
}

func (s *Store) replaceUser(t *tx, u workspace.User) error {
	t.onCommit(s.records.forgetUsers)
	doc, err := encode(userDoc(u))
	if err != nil {
		return err
	}
	var text []byte
	if err := t.one("SELECT doc FROM users WHERE id = ?", []any{u.ID}, &text); err != nil {
		return err
	}
	old, err := decodeUser(text)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE users SET username = ?, username_key = ?, name_key = ?, email_key = ?, created_at = ?, updated_at = ?,
		doc = ? WHERE id = ?`,
		u.Username, fold(u.Username), fold(u.Name), emailKey(u.Email), millis(u.CreatedAt), millis(u.UpdatedAt), doc, u.ID)
	if err != nil || old.Ref() == u.Ref() {
		return err
	}
	return s.renameInRooms(t, old, u)
}

// RemoveUser implements workspace.UserStore.
func (s *Store) RemoveUser(ctx context.Context, userID string) error {
	return s.writeAndClear(ctx, "remove user", func(t *tx) error {
		t.onCommit(s.records.forgetUsers)
		t.onCommit(s.records.forgetRooms)
		t.onCommit(s.records.subscriptions.forget)
		n, err := t.exec("DELETE FROM users WHERE id = ?", userID)
		if err != nil {
			return err
		}
		if n == 0 {
			return workspace.ErrNotFound
		}
		const direct = "(SELECT id FROM rooms JOIN subscriptions ON room_id = id WHERE type = 'd' AND user_id = ?1)"
		for _, statement := range []string{
			"DELETE FROM sessions WHERE user_id = ?1",
			"DELETE FROM messages WHERE doc ->> '$.author._id' = ?1",
			"DELETE FROM messages WHERE room_id IN " + direct,
			"UPDATE files SET state = '" + dropped + "' WHERE state <> '" + arriving + "' AND (user_id = ?1 OR room_id IN " + direct + ")",
			"DELETE FROM subscriptions WHERE user_id <> ?1 AND room_id IN " + direct,
			"DELETE FROM rooms WHERE id IN " + direct,
			"DELETE FROM subscriptions WHERE user_id = ?1",
		} {
			if _, err := t.exec(statement, userID); err != nil {
				return err
			}
		}
		return nil
	})
}

// changeUser changes what no query looks for: neither names nor the e-mail address.
func (s *Store) changeUser(t *tx, id string, change func(*workspace.User)) error {
	t.onCommit(s.records.forgetUsers)
	var text []byte
	if err := t.one("SELECT doc FROM users WHERE id = ?", []any{id}, &text); err != nil {
		return err
	}
	u, err := decodeUser(text)
	if err != nil {
		return err
	}
	change(&u)
	doc, err := encode(userDoc(u))
	if err != nil {
		return err
	}
	_, err = t.exec("UPDATE users SET updated_at = ?, doc = ? WHERE id = ?", millis(u.UpdatedAt), doc, id)
	return err
}
