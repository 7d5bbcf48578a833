package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/grapnel-chat/grapnel/permissions"
)

// Roles answers every role, by id.
func (s *Service) Roles() []Role {
	return slices.SortedFunc(maps.Values(*s.roles.Load()), func(a, b Role) int { return cmp.Compare(a.ID, b.ID) })
}

// RoleExists reports whether there is a role with that id.
func (s *Service) RoleExists(id string) bool {
	_, ok := (*s.roles.Load())[id]
	return ok
}

// RoleChange gives a role to a user or takes it away, in one room or, where RoomID is empty,
// everywhere.
type RoleChange struct {
	Username string
	Role     string
	RoomID   string
}

// AddUserToRole gives a role. The actor needs access-permissions, and assign-admin-role for admin.
func (s *Service) AddUserToRole(ctx context.Context, actor User, change RoleChange) (Role, error) {
	u, role, err := s.roleChange(ctx, actor, change)
	if err != nil {
		return Role{}, err
	}
	if s.inRoom(role, change) {
		return role, s.missing(s.store.AddRoomRole(ctx, change.RoomID, u.ID, role.ID))
	}
	s.userChanges.Lock()
	defer s.userChanges.Unlock()
	if u.HasRole(role.ID) {
		return Role{}, ErrRoleHeld
	}
	return role, s.store.AddUserRole(ctx, u.ID, role.ID, now())
}

// RemoveUserFromRole takes a role away, under the same permissions. One administrator stays.
func (s *Service) RemoveUserFromRole(ctx context.Context, actor User, change RoleChange) (Role, error) {
	u, role, err := s.roleChange(ctx, actor, change)
	if err != nil {
		return Role{}, err
	}
	if s.inRoom(role, change) {
		return role, s.missing(s.store.RemoveRoomRole(ctx, change.RoomID, u.ID, role.ID))
	}
	if !u.HasRole(role.ID) {
		return Role{}, ErrRoleMissing
	}
	s.userChanges.Lock()
	defer s.userChanges.Unlock()
	if role.ID == RoleAdmin {
		if err := s.keepAnAdmin(ctx, u); err != nil {
			return Role{}, err
		}
	}
	return role, s.store.RemoveUserRole(ctx, u.ID, role.ID, now())
}

// GrantRole gives a user a role on the server's own account; one who holds it already keeps it.
func (s *Service) GrantRole(ctx context.Context, u User, role string) error {
	if u.HasRole(role) {
		return nil
	}
	s.userChanges.Lock()
	defer s.userChanges.Unlock()
	return s.store.AddUserRole(ctx, u.ID, role, now())
}

func (s *Service) roleChange(ctx context.Context, actor User, change RoleChange) (User, Role, error) {
	if !s.Can(actor, permissions.AccessPermissions) {
		return User{}, Role{}, ErrNotAllowed
	}
	role, ok := s.role(change.Role)
	if !ok {
		return User{}, Role{}, &ValueError{Err: ErrUnknownRole, Value: change.Role}
	}
	if role.ID == RoleAdmin && !s.Can(actor, permissions.AssignAdminRole) {
		return User{}, Role{}, ErrAdminOnly
	}
	u, err := s.UserByUsername(ctx, change.Username)
	if errors.Is(err, ErrNotFound) {
		return User{}, Role{}, &ValueError{Err: ErrUnknownUser, Value: change.Username}
	}
	return u, role, err
}

// role finds a role by id or by name.
func (s *Service) role(ref string) (Role, bool) {
	roles := *s.roles.Load()
	if r, ok := roles[ref]; ok {
		return r, true
	}
	for _, r := range roles {
		if r.Name == ref {
			return r, true
		}
	}
	return Role{}, false
}

func (s *Service) inRoom(role Role, change RoleChange) bool {
	return role.Scope == ScopeSubscriptions && change.RoomID != ""
}

// missing words a change to a subscription that does not exist.
func (s *Service) missing(err error) error {
	if errors.Is(err, ErrNotFound) {
		return ErrUnknownRoom
	}
	return err
}

func (s *Service) keepAnAdmin(ctx context.Context, leaving User) error {
	admins, err := s.Administrators(ctx)
	if err != nil {
		return err
	}
	for _, u := range admins {
		if u.ID != leaving.ID {
			return nil
		}
	}
	return ErrLastAdmin
}

// Administrators answers the active users who hold the role.
func (s *Service) Administrators(ctx context.Context) ([]User, error) {
	users, _, err := s.store.Users(ctx, UserFilter{}, Page{})
	if err != nil {
		return nil, fmt.Errorf("read administrators: %w", err)
	}
	return slices.DeleteFunc(users, func(u User) bool { return !u.Active || !u.HasRole(RoleAdmin) }), nil
}
