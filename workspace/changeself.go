package workspace

import (
	"context"
	"fmt"
)

// OwnChange is what users change about themselves.
type OwnChange struct {
	UserChange

	Present Password // needed for another password or e-mail address
	Token   string   // of the login that stays when the password changes
}

// ChangeSelf changes what users may change about themselves: not their roles, nor whether they are
// active. A new password or e-mail address needs the present password: ErrWrongPassword. A new
// password ends their other logins.
func (s *Service) ChangeSelf(ctx context.Context, u User, change OwnChange) (User, error) {
	change.Roles, change.Active, change.Verified, change.MustChange = nil, nil, nil, nil
	secret := change.Password != nil || change.Email != nil && *change.Email != u.Email
	if secret {
		if err := s.confirm(ctx, u, change.Present); err != nil {
			return User{}, err
		}
	}
	s.userChanges.Lock()
	defer s.userChanges.Unlock()
	u, err := s.store.User(ctx, u.ID)
	if err != nil {
		return User{}, fmt.Errorf("read user: %w", userGone(err))
	}
	changed, err := s.checkChange(ctx, u, u, change.UserChange)
	if err != nil {
		return User{}, err
	}
	if changed.Email != u.Email {
		changed.Verified = false
	}
	if change.Password != nil {
		changed.MustChange = false
	}
	err = s.saveUser(ctx, changed, change.Password != nil, hashToken(change.Token))
	if err != nil {
		return User{}, err
	}
	return changed, nil
}

// confirm is ErrWrongPassword unless it is the user's. Wrong ones are slowed as failed logins are.
func (s *Service) confirm(ctx context.Context, u User, present Password) error {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	account := "account " + u.ID
	if err := s.brake.check(now(), account); err != nil {
		return err
	}
	err := checkPassword(u.PasswordHash, present)
	if err != nil {
		s.brake.failed(now(), account)
	}
	return err
}
