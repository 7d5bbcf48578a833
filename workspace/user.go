package workspace

import (
	"slices"
	"time"
)

// Names that every workspace has.
const (
	BotID       = "rocket.cat" // id and username of the bot that integrations post as by default
	GeneralID   = "GENERAL"
	GeneralName = "general"

	RoleAdmin = "admin"
	RoleUser  = "user"
	RoleBot   = "bot"
	RoleOwner = "owner"
)

// User is somebody who can be in rooms and post: a person or a bot.
type User struct {
	ID           string
	Username     string
	Name         string
	Email        string // empty: none known
	Verified     bool
	PasswordHash []byte // bcrypt over the hex SHA-256 digest; nil: no login by password
	Roles        []string
	Bot          bool
	Active       bool
	Bio          string
	Nickname     string
	StatusText   string
	CustomFields []byte // JSON object, or nil
	MustChange   bool   // the password is to be changed at the next login
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// HasRole reports whether the user holds the role everywhere, not only in one room.
func (u User) HasRole(role string) bool { return slices.Contains(u.Roles, role) }

// Ref is how records name a user.
func (u User) Ref() UserRef { return UserRef{ID: u.ID, Username: u.Username, Name: u.Name} }

// UserRef names a user as they were called when the record was made.
type UserRef struct{ ID, Username, Name string }

// Session is one login, or a personal access token: the token itself is not kept, only its hash.
type Session struct {
	Hash      string // standard base64 of the token's SHA-256
	UserID    string
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	Name      string    // of a personal access token; empty: a login
	Ending    string    // the last letters of a personal access token
	Bypass    bool      // a personal access token asks for no second factor
}

// Role is a name that permissions are given to.
type Role struct {
	ID          string
	Name        string
	Description string
	Scope       RoleScope
	UpdatedAt   time.Time
}

// RoleScope says where a role is held: everywhere, or in single rooms.
type RoleScope string

// The scopes of a role.
const (
	ScopeUsers         RoleScope = "Users"
	ScopeSubscriptions RoleScope = "Subscriptions"
)
