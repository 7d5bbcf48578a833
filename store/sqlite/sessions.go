package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/workspace"
)

const sessionColumns = "hash, user_id, created_at, expires_at, name, ending, bypass"

func scanSession(scan func(into ...any) error, more ...any) (workspace.Session, error) {
	var session workspace.Session
	var created, expires int64
	into := []any{&session.Hash, &session.UserID, &created, &expires, &session.Name, &session.Ending, &session.Bypass}
	if err := scan(append(into, more...)...); err != nil {
		return workspace.Session{}, err
	}
	session.CreatedAt, session.ExpiresAt = moment(created), moment(expires)
	return session, nil
}

// AddSession implements workspace.SessionStore.
func (s *Store) AddSession(ctx context.Context, session workspace.Session) error {
	return s.write(ctx, "add session", func(t *tx) error {
		t.onCommit(s.records.sessions.forget)
		n, err := t.exec("INSERT INTO sessions ("+sessionColumns+") SELECT ?, id, ?, ?, ?, ?, ? FROM users WHERE id = ?",
			session.Hash, millis(session.CreatedAt), millis(session.ExpiresAt), session.Name, session.Ending, session.Bypass, session.UserID)
		if err == nil && n == 0 {
			return workspace.ErrNotFound
		}
		return err
	})
}

// SessionUser implements workspace.SessionStore.
func (s *Store) SessionUser(ctx context.Context, hash string) (workspace.Session, workspace.User, error) {
	l, err := s.records.sessions.find(hash, func() (login, error) { return s.readLogin(ctx, hash) })
	return l.session, l.user, err
}

const selectLogin = `SELECT hash, user_id, sessions.created_at, expires_at, name, ending, bypass, users.doc
	FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.hash = ?`

func (s *Store) readLogin(ctx context.Context, hash string) (login, error) {
	var text []byte
	session, err := scanSession(func(into ...any) error {
		return s.reads.one(ctx, selectLogin, []any{hash}, into...)
	}, &text)
	if err != nil {
		return login{}, fmt.Errorf("read session: %w", err)
	}
	u, err := decodeUser(text)
	return login{session, u}, err
}

// Sessions implements workspace.SessionStore.
func (s *Store) Sessions(ctx context.Context, userID string) ([]workspace.Session, error) {
	var sessions []workspace.Session
	err := s.reads.all(ctx, "SELECT "+sessionColumns+" FROM sessions WHERE user_id = ? ORDER BY created_at, hash", []any{userID},
		func(rows *sql.Rows) error {
			session, err := scanSession(rows.Scan)
			sessions = append(sessions, session)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	return sessions, nil
}

// RemoveSession implements workspace.SessionStore.
func (s *Store) RemoveSession(ctx context.Context, hash string) error {
	return s.write(ctx, "remove session", func(t *tx) error {
		t.onCommit(s.records.sessions.forget)
		_, err := t.exec("DELETE FROM sessions WHERE hash = ?", hash)
		return err
	})
}

// RemoveLogins implements workspace.SessionStore.
func (s *Store) RemoveLogins(ctx context.Context, userID, keep string) error {
	return s.write(ctx, "remove logins", func(t *tx) error { return s.removeLogins(t, userID, keep) })
}

func (s *Store) removeLogins(t *tx, userID, keep string) error {
	t.onCommit(s.records.sessions.forget)
	_, err := t.exec("DELETE FROM sessions WHERE user_id = ? AND name = '' AND hash <> ?", userID, keep)
	return err
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
