package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

// AddSession implements workspace.SessionStore.
func (s *Store) AddSession(ctx context.Context, session workspace.Session) error {
	return s.write(ctx, "add session", func(t *tx) error {
		t.onCommit(s.records.sessions.forget)
		_, err := t.exec("INSERT INTO sessions (hash, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)",
			session.Hash, session.UserID, millis(session.CreatedAt), millis(session.ExpiresAt))
		return err
	})
}

// SessionUser implements workspace.SessionStore.
func (s *Store) SessionUser(ctx context.Context, hash string) (workspace.Session, workspace.User, error) {
	l, err := s.records.sessions.find(hash, func() (login, error) { return s.readLogin(ctx, hash) })
	return l.session, l.user, err
}

const selectLogin = `SELECT users.id, sessions.created_at, sessions.expires_at, users.doc
	FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.hash = ?`

func (s *Store) readLogin(ctx context.Context, hash string) (login, error) {
	l := login{session: workspace.Session{Hash: hash}}
	var created, expires int64
	var text []byte
	err := s.reads.one(ctx, selectLogin, []any{hash},
		&l.session.UserID, &created, &expires, &text)
	if err != nil {
		return login{}, fmt.Errorf("read session: %w", err)
	}
	l.session.CreatedAt, l.session.ExpiresAt = moment(created), moment(expires)
	l.user, err = decodeUser(text)
	return l, err
}

// RemoveSession implements workspace.SessionStore.
func (s *Store) RemoveSession(ctx context.Context, hash string) error {
	return s.write(ctx, "remove session", func(t *tx) error {
		t.onCommit(s.records.sessions.forget)
		_, err := t.exec("DELETE FROM sessions WHERE hash = ?", hash)
		return err
	})
}

// removeExpired leaves the logins that never end, whose time is ?1.
const removeExpired = "DELETE FROM sessions WHERE expires_at > ?1 AND expires_at < ?2"

// RemoveExpired implements workspace.SessionStore.
func (s *Store) RemoveExpired(ctx context.Context, before time.Time) error {
	return s.write(ctx, "remove expired sessions", func(t *tx) error {
		t.onCommit(s.records.sessions.forget)
		_, err := t.exec(removeExpired, millis(time.Time{}), millis(before))
		return err
	})
}
