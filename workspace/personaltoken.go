package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/grapnel-chat/grapnel/permissions"
)

// endingLength is how much of a personal access token its list shows.
const endingLength = 6

// NewPersonalToken makes a token that does not expire, for the user's own programs. The user needs
// create-personal-access-tokens.
func (s *Service) NewPersonalToken(ctx context.Context, u User, name string, bypass bool) (string, error) {
	if !s.Can(u, permissions.CreatePersonalTokens) {
		return "", ErrNotAllowed
	}
	if name == "" {
		return "", ErrTokenUnnamed
	}
	// No login token either is made of these letters alone, so that nobody takes it for one.
	token := RandomText(43)
	err := s.store.AddSession(ctx, Session{
		Hash: hashToken(token), UserID: u.ID, CreatedAt: now(), Name: name, Ending: token[len(token)-endingLength:], Bypass: bypass,
	})
	if errors.Is(err, ErrConflict) {
		return "", ErrTokenNameTaken
	}
	if err != nil {
		return "", fmt.Errorf("add personal access token: %w", err)
	}
	return token, nil
}

// RenewPersonalToken ends a token and answers another one of the same name.
func (s *Service) RenewPersonalToken(ctx context.Context, u User, name string) (string, error) {
	if !s.Can(u, permissions.CreatePersonalTokens) {
		return "", ErrNotAllowed
	}
	old, err := s.personalToken(ctx, u, name)
	if err != nil {
		return "", err
	}
	if err := s.store.RemoveSession(ctx, old.Hash); err != nil {
		return "", fmt.Errorf("remove personal access token: %w", err)
	}
	return s.NewPersonalToken(ctx, u, name, old.Bypass)
}

// RemovePersonalToken ends a token.
func (s *Service) RemovePersonalToken(ctx context.Context, u User, name string) error {
	if !s.Can(u, permissions.CreatePersonalTokens) {
		return ErrNotAllowed
	}
	old, err := s.personalToken(ctx, u, name)
	if err != nil {
		return err
	}
	if err := s.store.RemoveSession(ctx, old.Hash); err != nil {
		return fmt.Errorf("remove personal access token: %w", err)
	}
	return nil
}

// PersonalTokens answers the user's tokens, the oldest first.
func (s *Service) PersonalTokens(ctx context.Context, u User) ([]Session, error) {
	if !s.Can(u, permissions.CreatePersonalTokens) {
		return nil, ErrNotAllowed
	}
	return s.sessions(ctx, u, func(session Session) bool { return session.Name != "" })
}

func (s *Service) personalToken(ctx context.Context, u User, name string) (Session, error) {
	tokens, err := s.PersonalTokens(ctx, u)
	if err != nil {
		return Session{}, err
	}
	place := slices.IndexFunc(tokens, func(t Session) bool { return t.Name == name })
	if place < 0 {
		return Session{}, ErrUnknownToken
	}
	return tokens[place], nil
}

// sessions answers those of a user's sessions that are wanted.
func (s *Service) sessions(ctx context.Context, u User, wanted func(Session) bool) ([]Session, error) {
	all, err := s.store.Sessions(ctx, u.ID)
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	return slices.DeleteFunc(all, func(session Session) bool { return !wanted(session) }), nil
}
