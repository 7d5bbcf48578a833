package workspace

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Login is a request to log in: by password, or by a token of an earlier login.
type Login struct {
	Username string
	Email    string
	Password Password
	Resume   string
	Address  string // of the caller; failed logins are slowed per account and per address
}

// LoggedIn is a successful login.
type LoggedIn struct {
	User  User
	Token string // shown once; the store keeps only its hash
}

// Login answers a token for the user, or why not: ErrUnknownUser, ErrWrongPassword, ErrInactive,
// ErrNotLoggedIn for a token that is not valid, *TooManyAttempts.
func (s *Service) Login(ctx context.Context, in Login) (LoggedIn, error) {
	if in.Resume != "" {
		return s.resume(ctx, in.Resume)
	}
	// Hashing is slow on purpose: only a few tries are judged at once, which leaves the cores to other
	// requests and lets no burst of guesses slip past the brake.
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return LoggedIn{}, ctx.Err()
	}
	u, err := s.account(ctx, in)
	known := err == nil
	if !known && !errors.Is(err, ErrNotFound) {
		return LoggedIn{}, fmt.Errorf("read user: %w", err)
	}
	account, address := accountKey(in, u), "address "+in.Address
	if err := s.brake.check(now(), account, address); err != nil {
		return LoggedIn{}, err
	}
	err = judge(u, known, in.Password)
	if errors.Is(err, ErrUnknownUser) || errors.Is(err, ErrWrongPassword) {
		s.brake.failed(now(), account, address)
	}
	if err != nil {
		return LoggedIn{}, err
	}
	s.brake.succeeded(account)
	return s.startSession(ctx, u)
}

// accountKey is what failed logins of an account are counted under: one key however it is named,
// and one of bounded length where there is no such account.
func accountKey(in Login, u User) string {
	if u.ID != "" {
		return "account " + u.ID
	}
	return "nobody " + hashToken(strings.ToLower(in.Username+" "+in.Email))
}

// judge lets in whose password is right and whose account is active.
func judge(u User, known bool, p Password) error {
	err := checkPassword(u.PasswordHash, p)
	switch {
	case !known:
		return ErrUnknownUser
	case err != nil:
		return err
	case !u.Active:
		return ErrInactive
	default:
		return nil
	}
}

func (s *Service) account(ctx context.Context, in Login) (User, error) {
	if in.Email != "" {
		return s.store.UserByEmail(ctx, in.Email)
	}
	return s.store.UserByUsername(ctx, in.Username)
}

func (s *Service) resume(ctx context.Context, token string) (LoggedIn, error) {
	userID, err := s.tokens.subject(token)
	if err != nil {
		return LoggedIn{}, err
	}
	u, err := s.sessionUser(ctx, token)
	if err != nil {
		return LoggedIn{}, err
	}
	if userID != "" && userID != u.ID {
		return LoggedIn{}, ErrNotLoggedIn
	}
	return LoggedIn{User: u, Token: token}, nil
}

func (s *Service) startSession(ctx context.Context, u User) (LoggedIn, error) {
	token, session, err := s.tokens.issue(u.ID, now())
	if err != nil {
		return LoggedIn{}, err
	}
	if err := s.store.AddSession(ctx, session); err != nil {
		return LoggedIn{}, fmt.Errorf("add session: %w", err)
	}
	return LoggedIn{User: u, Token: token}, nil
}

// Authenticate answers the user behind a pair of user id and token, or ErrNotLoggedIn. A forged
// or expired token, or one of another user, is refused before the store is read.
func (s *Service) Authenticate(ctx context.Context, userID, token string) (User, error) {
	if userID == "" || token == "" {
		return User{}, ErrNotLoggedIn
	}
	subject, err := s.tokens.subject(token)
	if err != nil {
		return User{}, err
	}
	if subject != "" && subject != userID {
		return User{}, ErrNotLoggedIn
	}
	u, err := s.sessionUser(ctx, token)
	if err == nil && u.ID != userID {
		return User{}, ErrNotLoggedIn
	}
	return u, err
}

// sessionUser answers the active user whose session the token opens.
func (s *Service) sessionUser(ctx context.Context, token string) (User, error) {
	session, u, err := s.store.SessionUser(ctx, hashToken(token))
	switch {
	case errors.Is(err, ErrNotFound):
		return User{}, ErrNotLoggedIn
	case err != nil:
		return User{}, fmt.Errorf("read session: %w", err)
	case !u.Active, !session.ExpiresAt.IsZero() && !session.ExpiresAt.After(now()):
		return User{}, ErrNotLoggedIn
	default:
		return u, nil
	}
}

// Logout ends the login that the token opened.
func (s *Service) Logout(ctx context.Context, token string) error {
	if err := s.store.RemoveSession(ctx, hashToken(token)); err != nil {
		return fmt.Errorf("remove session: %w", err)
	}
	return nil
}
