package workspace

import (
	"context"
	"fmt"

	"github.com/grapnel-chat/grapnel/permissions"
)

// Logins answers the user's logins that have not expired, the oldest first.
func (s *Service) Logins(ctx context.Context, u User) ([]Session, error) {
	at := now()
	return s.sessions(ctx, u, func(session Session) bool { return session.Name == "" && session.ExpiresAt.After(at) })
}

// IsLogin reports whether the token opened that login.
func IsLogin(session Session, token string) bool { return session.Hash == hashToken(token) }

// EndLogin ends one of the user's own logins.
func (s *Service) EndLogin(ctx context.Context, u User, hash string) error {
	logins, err := s.Logins(ctx, u)
	if err != nil {
		return err
	}
	for _, login := range logins {
		if login.Hash == hash {
			return s.store.RemoveSession(ctx, hash)
		}
	}
	return ErrUnknownToken
}

// EndOtherLogins ends all of the user's logins but the one that the token opened.
func (s *Service) EndOtherLogins(ctx context.Context, u User, token string) error {
	if err := s.store.RemoveLogins(ctx, u.ID, hashToken(token)); err != nil {
		return fmt.Errorf("end other logins: %w", err)
	}
	return nil
}

// EndLogins ends all logins of another user, for holders of logout-other-user.
func (s *Service) EndLogins(ctx context.Context, actor, u User) error {
	if actor.ID != u.ID && !s.Can(actor, permissions.LogoutOtherUser) {
		return ErrNotAllowed
	}
	if err := s.store.RemoveLogins(ctx, u.ID, ""); err != nil {
		return fmt.Errorf("end logins: %w", err)
	}
	return nil
}

// LoginAs answers a token for another user, for holders of user-generate-access-token.
func (s *Service) LoginAs(ctx context.Context, actor, u User) (LoggedIn, error) {
	if !s.Can(actor, permissions.GenerateAccessToken) {
		return LoggedIn{}, ErrNotAllowed
	}
	if !u.Active {
		return LoggedIn{}, ErrInactive
	}
	return s.startSession(ctx, u)
}
