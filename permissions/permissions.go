// Package permissions decides who may do what. A permission lists the roles that hold it; a user
// holds what one of their roles holds, and nobody holds a permission whose list is empty.
package permissions

import (
	"slices"
	"time"
)

// The permissions that this server checks, by their upstream names.
const (
	ManageIncoming    = "manage-incoming-integrations"
	ManageOwnIncoming = "manage-own-incoming-integrations"
	ManageOutgoing    = "manage-outgoing-integrations"
	ManageOwnOutgoing = "manage-own-outgoing-integrations"

	AccessPermissions     = "access-permissions"
	AssignAdminRole       = "assign-admin-role"
	AssignRoles           = "assign-roles"
	AddUserToJoinedRoom   = "add-user-to-joined-room"
	AddUserToAnyChannel   = "add-user-to-any-c-room"
	AddUserToAnyGroup     = "add-user-to-any-p-room"
	ArchiveRoom           = "archive-room"
	BypassRateLimit       = "api-bypass-rate-limit" //nolint:gosec // the name of a permission
	CreateChannel         = "create-c"
	CreateDirect          = "create-d"
	CreateGroup           = "create-p"
	CreateTeam            = "create-team"
	CreateTeamChannel     = "create-team-channel"
	CreateTeamGroup       = "create-team-group"
	CreateUser            = "create-user"
	CreatePersonalTokens  = "create-personal-access-tokens"
	DeleteChannel         = "delete-c"
	DeleteGroup           = "delete-p"
	DeleteMessage         = "delete-message"
	DeleteTeam            = "delete-team"
	DeleteUser            = "delete-user"
	EditOtherUserActive   = "edit-other-user-active-status"
	EditOtherUserInfo     = "edit-other-user-info"
	EditOtherUserPassword = "edit-other-user-password"
	GenerateAccessToken   = "user-generate-access-token"
	DeleteOwnMessage      = "delete-own-message"
	EditMessage           = "edit-message"
	EditRoom              = "edit-room"
	ForceDeleteMessage    = "force-delete-message"
	LeaveChannel          = "leave-c"
	LeaveGroup            = "leave-p"
	LogoutOtherUser       = "logout-other-user"
	MessageImpersonate    = "message-impersonate"
	PostReadOnly          = "post-readonly"
	RemoveUser            = "remove-user"
	SetReadOnly           = "set-readonly"
	UnarchiveRoom         = "unarchive-room"
	EditPrivilegedSetting = "edit-privileged-setting"
	GetServerInfo         = "get-server-info"
	ViewPrivilegedSetting = "view-privileged-setting"
	ViewAllTeams          = "view-all-teams"
	ViewChannel           = "view-c-room"
	ViewFullUserInfo      = "view-full-other-user-info"
	ViewOutsideRoom       = "view-outside-room"
)

// Permission is one permission and the roles that hold it.
type Permission struct {
	ID        string
	Roles     []string
	UpdatedAt time.Time
}

// Scope is how far a permission pair such as manage / manage-own reaches.
type Scope int

// The scopes, from nothing to everything.
const (
	None Scope = iota
	Own
	All
)

// String answers none, own or all.
func (s Scope) String() string {
	switch s {
	case All:
		return "all"
	case Own:
		return "own"
	default:
		return "none"
	}
}

// Grants says which roles hold which permission at one moment. It never changes; a change makes
// a new one.
type Grants struct {
	roles map[string][]string
}

// NewGrants builds the view from the permissions as they are stored.
func NewGrants(stored []Permission) *Grants {
	roles := make(map[string][]string, len(stored))
	for _, p := range stored {
		roles[p.ID] = p.Roles
	}
	return &Grants{roles: roles}
}

// Has reports whether one of the roles holds the permission.
func (g *Grants) Has(roles []string, permission string) bool {
	for _, holder := range g.roles[permission] {
		if slices.Contains(roles, holder) {
			return true
		}
	}
	return false
}

// HasAny reports whether the roles hold at least one permission; none asked for is allowed.
func (g *Grants) HasAny(roles []string, permissions ...string) bool {
	return len(permissions) == 0 || slices.ContainsFunc(permissions, func(p string) bool { return g.Has(roles, p) })
}
