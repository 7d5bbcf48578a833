package workspace

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/grapnel-chat/grapnel/permissions"
)

// Seed is what a new workspace starts with.
type Seed struct {
	Roles         []Role
	Permissions   []permissions.Permission
	Settings      []Setting
	Users         []User
	Rooms         []Room
	Subscriptions []Subscription
	Secrets       map[string][]byte
}

// Admin is the first administrator.
type Admin struct {
	Username string
	Name     string
	Email    string
	Password string
}

// Founding is what a new workspace is made from.
type Founding struct {
	Admin   Admin
	SiteURL string // where people reach the server
}

//go:embed permissions.json
var defaultPermissions []byte

// Found makes a new workspace, once. To one that has been made already it adds the permissions and
// settings that it does not know yet, and answers false.
func Found(ctx context.Context, store SeedStore, f Founding) (made bool, err error) {
	done, err := store.Seeded(ctx)
	if err != nil {
		return false, fmt.Errorf("look for a workspace: %w", err)
	}
	if done {
		return false, supplement(ctx, store)
	}
	seed, err := newSeed(f, now())
	if err != nil {
		return false, err
	}
	if err := store.Seed(ctx, seed); err != nil {
		return false, fmt.Errorf("make the workspace: %w", err)
	}
	kept, err := store.Secret(ctx, tokenKeyName)
	if err != nil {
		return false, fmt.Errorf("look whose workspace it is: %w", err)
	}
	// Of servers that start together, one makes the workspace, with its administrator's password.
	return bytes.Equal(kept, seed.Secrets[tokenKeyName]), nil
}

// supplement brings what later versions start with into a workspace that an earlier one made. What is
// there already was the administrator's to change, and stays.
func supplement(ctx context.Context, store SeedStore) error {
	at := now()
	granted, err := seedPermissions(at)
	if err != nil {
		return err
	}
	if err := store.Supplement(ctx, Seed{Roles: seedRoles(at), Permissions: granted, Settings: DefaultSettings()}); err != nil {
		return fmt.Errorf("supplement the workspace: %w", err)
	}
	return nil
}

// Adoption is what a workspace that another server has made needs to be served by this one. What of it
// is there already stays as it is.
func Adoption() (Seed, error) {
	at := now()
	granted, err := seedPermissions(at)
	if err != nil {
		return Seed{}, err
	}
	return Seed{
		Roles: seedRoles(at), Permissions: granted, Settings: DefaultSettings(), Users: []User{newBot(at)},
		Secrets: map[string][]byte{tokenKeyName: newTokenKey()},
	}, nil
}

// newBot is the user whom integrations post as.
func newBot(at time.Time) User {
	return User{ID: BotID, Username: BotID, Name: "Rocket.Cat", Roles: []string{RoleBot}, Bot: true, Active: true, CreatedAt: at, UpdatedAt: at}
}

// check refuses an administrator who could not be made later either.
func (a Admin) check() error {
	switch {
	case !namePattern.MatchString(a.Username), a.Username == BotID:
		return &ValueError{Err: ErrInvalidName, Value: a.Username}
	case a.Email != "" && !isEmail(a.Email):
		return &ValueError{Err: ErrInvalidEmail, Value: a.Email}
	default:
		return nil
	}
}

func newSeed(f Founding, at time.Time) (Seed, error) {
	admin := f.Admin
	if err := admin.check(); err != nil {
		return Seed{}, err
	}
	hash, err := HashPassword(Password{Plain: admin.Password})
	if err != nil {
		return Seed{}, err
	}
	granted, err := seedPermissions(at)
	if err != nil {
		return Seed{}, err
	}
	settings, err := seedSettings(f.SiteURL)
	if err != nil {
		return Seed{}, err
	}
	bot := newBot(at)
	person := User{
		ID: NewID(), Username: admin.Username, Name: admin.Name, Email: admin.Email, Verified: admin.Email != "",
		PasswordHash: hash, Roles: []string{RoleAdmin}, Active: true, CreatedAt: at, UpdatedAt: at,
	}
	general := Room{
		ID: GeneralID, Type: Channel, Name: GeneralName, DisplayName: GeneralName, Default: true,
		Creator: bot.Ref(), CreatedAt: at, UpdatedAt: at,
	}
	return Seed{
		Roles:         seedRoles(at),
		Permissions:   granted,
		Settings:      settings,
		Users:         []User{bot, person},
		Rooms:         []Room{general},
		Subscriptions: []Subscription{newSubscription(general.ID, bot.ID, at), newSubscription(general.ID, person.ID, at)},
		Secrets:       map[string][]byte{tokenKeyName: newTokenKey()},
	}, nil
}

// seedSettings are the default settings, with the site's URL.
func seedSettings(siteURL string) ([]Setting, error) {
	value, err := json.Marshal(siteURL)
	if err != nil {
		return nil, fmt.Errorf("site's URL: %w", err)
	}
	settings := DefaultSettings()
	for n := range settings {
		if settings[n].ID == "Site_Url" {
			settings[n].Value = value
		}
	}
	return settings, nil
}

func seedPermissions(at time.Time) ([]permissions.Permission, error) {
	var file struct {
		Permissions map[string][]string `json:"permissions"`
	}
	if err := json.Unmarshal(defaultPermissions, &file); err != nil {
		return nil, fmt.Errorf("default permissions: %w", err)
	}
	list := make([]permissions.Permission, 0, len(file.Permissions))
	for id, roles := range file.Permissions {
		list = append(list, permissions.Permission{ID: id, Roles: roles, UpdatedAt: at})
	}
	return list, nil
}

func seedRoles(at time.Time) []Role {
	room := map[string]bool{"owner": true, "moderator": true, "leader": true}
	var roles []Role
	for _, id := range []string{RoleAdmin, RoleUser, RoleBot, "app", "guest", "anonymous", "owner", "moderator", "leader"} {
		scope := ScopeUsers
		if room[id] {
			scope = ScopeSubscriptions
		}
		roles = append(roles, Role{ID: id, Name: id, Description: strings.ToUpper(id[:1]) + id[1:], Scope: scope, UpdatedAt: at})
	}
	return roles
}

func newSubscription(roomID, userID string, at time.Time, roles ...string) Subscription {
	return Subscription{ID: NewID(), RoomID: roomID, UserID: userID, Roles: roles, CreatedAt: at}
}
