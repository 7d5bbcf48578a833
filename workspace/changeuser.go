package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/grapnel-chat/grapnel/permissions"
)

// UserChange is what is to be different about a user; nil members stay as they are.
type UserChange struct {
	Username     *string
	Name         *string
	Email        *string
	Verified     *bool
	Password     *Password
	Roles        *[]string
	Active       *bool
	Bio          *string
	Nickname     *string
	StatusText   *string
	MustChange   *bool
	CustomFields []byte
	// Relinquish lets a user who is deactivated give up the rooms of which nobody else is an owner.
	// Otherwise such a room is a *LastOwner.
	Relinquish bool
}

// ChangeUser changes a user and answers them as they are then. The actor needs edit-other-user-info
// and, for what it says, edit-other-user-password, edit-other-user-active-status or assign-roles.
func (s *Service) ChangeUser(ctx context.Context, actor User, userID string, change UserChange) (User, error) {
	for _, need := range change.needs() {
		if !s.Can(actor, need) {
			return User{}, &ValueError{Err: ErrNotAllowed, Value: need}
		}
	}
	changed, stopped, err := s.changeUser(ctx, actor, userID, change)
	if err == nil && stopped {
		err = s.stopped(ctx, changed.ID)
	}
	return changed, err
}

// changeUser also reports whether the user was active until now.
func (s *Service) changeUser(ctx context.Context, actor User, userID string, change UserChange) (changed User, stopped bool, err error) {
	s.userChanges.Lock()
	defer s.userChanges.Unlock()
	u, err := s.store.User(ctx, userID)
	if err != nil {
		return User{}, false, fmt.Errorf("read user: %w", userGone(err))
	}
	if changed, err = s.checkChange(ctx, actor, u, change); err != nil {
		return User{}, false, err
	}
	stopped = u.Active && !changed.Active
	if stopped {
		if _, err := s.relinquish(ctx, u, change.Relinquish); err != nil {
			return User{}, false, err
		}
	}
	err = s.saveUser(ctx, changed, stopped || change.Password != nil, "")
	if err != nil {
		return User{}, false, err
	}
	return changed, stopped, nil
}

func (c UserChange) needs() []string {
	var needs []string
	only := c
	only.Active, only.Relinquish = nil, false
	if only.isSomething() {
		needs = append(needs, permissions.EditOtherUserInfo)
	}
	if c.Active != nil {
		needs = append(needs, permissions.EditOtherUserActive)
	}
	if c.Password != nil {
		needs = append(needs, permissions.EditOtherUserPassword)
	}
	if c.Roles != nil {
		needs = append(needs, permissions.AssignRoles)
	}
	return needs
}

func (c UserChange) isSomething() bool {
	return c.Username != nil || c.Name != nil || c.Email != nil || c.Verified != nil || c.Password != nil || c.Roles != nil ||
		c.Bio != nil || c.Nickname != nil || c.StatusText != nil || c.MustChange != nil || c.CustomFields != nil
}

// checkChange answers the user as changed, or why not.
func (s *Service) checkChange(ctx context.Context, actor, u User, change UserChange) (User, error) {
	changed := change.of(u)
	changed.UpdatedAt = now()
	if changed.Username != u.Username {
		if err := s.checkUsername(ctx, u, changed.Username); err != nil {
			return User{}, err
		}
	}
	if changed.Email != u.Email {
		if err := s.checkEmail(ctx, u, changed.Email); err != nil {
			return User{}, err
		}
	}
	if change.Roles != nil {
		if err := s.checkRoles(actor, u, changed.Roles); err != nil {
			return User{}, err
		}
	}
	if u.HasRole(RoleAdmin) && (!changed.HasRole(RoleAdmin) || !changed.Active) {
		if err := s.keepAnAdmin(ctx, u); err != nil {
			return User{}, err
		}
	}
	if change.Password != nil {
		hash, err := HashPassword(*change.Password)
		if err != nil {
			return User{}, err
		}
		changed.PasswordHash = hash
	}
	return changed, nil
}

func (c UserChange) of(u User) User {
	set(&u.Username, c.Username)
	set(&u.Name, c.Name)
	set(&u.Email, c.Email)
	set(&u.Verified, c.Verified)
	set(&u.Roles, c.Roles)
	set(&u.Active, c.Active)
	set(&u.Bio, c.Bio)
	set(&u.Nickname, c.Nickname)
	set(&u.StatusText, c.StatusText)
	set(&u.MustChange, c.MustChange)
	if c.CustomFields != nil {
		u.CustomFields = c.CustomFields
	}
	return u
}

func set[T any](member, change *T) {
	if change != nil {
		*member = *change
	}
}

// checkUsername refuses a name that is none or another user's.
func (s *Service) checkUsername(ctx context.Context, u User, username string) error {
	if !namePattern.MatchString(username) {
		return &ValueError{Err: ErrInvalidName, Value: username}
	}
	found, err := s.store.UserByUsername(ctx, username)
	if errors.Is(err, ErrNotFound) || err == nil && found.ID == u.ID {
		return nil
	}
	return taken(err, ErrUsernameTaken, username)
}

// checkEmail refuses an address that is none or another user's.
func (s *Service) checkEmail(ctx context.Context, u User, address string) error {
	if !isEmail(address) {
		return &ValueError{Err: ErrInvalidEmail, Value: address}
	}
	found, err := s.store.UserByEmail(ctx, address)
	if errors.Is(err, ErrNotFound) || err == nil && found.ID == u.ID {
		return nil
	}
	return taken(err, ErrEmailTaken, address)
}

// checkRoles refuses roles that do not exist, and the role admin from who may not give it.
func (s *Service) checkRoles(actor, u User, roles []string) error {
	for _, role := range roles {
		if !s.RoleExists(role) {
			return &ValueError{Err: ErrUnknownRole, Value: role}
		}
	}
	gains := slices.Contains(roles, RoleAdmin) && !u.HasRole(RoleAdmin)
	if gains && !s.Can(actor, permissions.AssignAdminRole) {
		return ErrAdminOnly
	}
	return nil
}

// RemoveUser removes a user with all that is theirs. The actor needs delete-user. A room of which
// the user is the last owner needs another one first, unless they relinquish it: it is removed where
// nobody else is in it.
func (s *Service) RemoveUser(ctx context.Context, actor User, userID string, relinquish bool) (removedRooms []string, err error) {
	if !s.Can(actor, permissions.DeleteUser) {
		return nil, ErrNotAllowed
	}
	removedRooms, err = s.removeUser(ctx, userID, relinquish)
	if err != nil {
		return nil, err
	}
	return removedRooms, s.stopped(ctx, userID)
}

func (s *Service) removeUser(ctx context.Context, userID string, relinquish bool) (removedRooms []string, err error) {
	s.userChanges.Lock()
	defer s.userChanges.Unlock()
	u, err := s.store.User(ctx, userID)
	if err != nil {
		return nil, fmt.Errorf("read user: %w", userGone(err))
	}
	if u.HasRole(RoleAdmin) {
		if err := s.keepAnAdmin(ctx, u); err != nil {
			return nil, err
		}
	}
	if removedRooms, err = s.relinquish(ctx, u, relinquish); err != nil {
		return nil, err
	}
	if err := s.store.RemoveUser(ctx, u.ID); err != nil {
		return nil, fmt.Errorf("remove user: %w", userGone(err))
	}
	return removedRooms, nil
}

// stopped tells who follows. No change of a user is under way then: followers change users, too.
func (s *Service) stopped(ctx context.Context, userID string) error {
	if err := s.follower.UserStopped(context.WithoutCancel(ctx), userID); err != nil {
		return fmt.Errorf("stop what posts as the user: %w", err)
	}
	return nil
}

// saveUser saves a user and, where that is asked for, ends their logins with the same write, all but the
// one with the hash keep: who was logged in with an old password is never in beside the new one.
func (s *Service) saveUser(ctx context.Context, u User, endLogins bool, keep string) error {
	var err error
	if endLogins {
		err = s.store.SaveUserAndEndLogins(ctx, u, keep)
	} else {
		err = s.store.SaveUser(ctx, u)
	}
	switch {
	case errors.Is(err, ErrConflict): // taken since it was checked
		return &ValueError{Err: ErrUsernameTaken, Value: u.Username}
	case err != nil:
		return fmt.Errorf("save user: %w", userGone(err))
	default:
		return nil
	}
}

// userGone words a user whom somebody else has removed since they were read.
func userGone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return ErrUnknownUser
	}
	return err
}
