package workspace

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grapnel-chat/grapnel/permissions"
)

// Config is what a Service stands on.
type Config struct {
	Store       Store
	Permissions *permissions.Table
	Dispatcher  Dispatcher
	SiteURL     string // where people reach the server now; empty: as it was founded
}

// Service is the workspace: everything that changes it goes through here.
type Service struct {
	store          Store
	permissions    *permissions.Table
	dispatcher     Dispatcher
	follower       Follower
	settings       atomic.Pointer[Settings]
	roles          map[string]Role
	tokens         *tokens
	brake          *brake
	hashing        chan struct{}
	settingChanges sync.Mutex
	reactions      sync.Mutex // one at a time: each reads a message before it writes
	userChanges    sync.Mutex // one at a time: each reads a user, and counts administrators, before it writes
}

// Open makes the service of a workspace that has been seeded.
func Open(ctx context.Context, cfg Config) (*Service, error) {
	stored, err := cfg.Store.Settings(ctx)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	roles, err := cfg.Store.Roles(ctx)
	if err != nil {
		return nil, fmt.Errorf("read roles: %w", err)
	}
	key, err := cfg.Store.Secret(ctx, tokenKeyName)
	if err != nil {
		return nil, fmt.Errorf("read token key: %w", err)
	}
	s := &Service{
		store:       cfg.Store,
		permissions: cfg.Permissions,
		dispatcher:  cfg.Dispatcher,
		follower:    noFollower{},
		roles:       make(map[string]Role, len(roles)),
		tokens:      newTokens(key),
		brake:       newBrake(),
		hashing:     make(chan struct{}, 2),
	}
	if cfg.SiteURL != "" {
		value, err := json.Marshal(cfg.SiteURL)
		if err != nil {
			return nil, fmt.Errorf("site's URL: %w", err)
		}
		stored = append(stored, Setting{ID: "Site_Url", Value: value})
	}
	s.settings.Store(newSettings(stored))
	for _, r := range roles {
		s.roles[r.ID] = r
	}
	return s, nil
}

// Settings answers the settings in force.
func (s *Service) Settings() *Settings { return s.settings.Load() }

// Can reports whether the user holds the permission everywhere.
func (s *Service) Can(u User, permission string) bool {
	return s.permissions.Grants().Has(u.Roles, permission)
}

// canIn reports whether the user holds the permission, be it by a role held in that room only.
func (s *Service) canIn(u User, sub Subscription, permission string) bool {
	grants := s.permissions.Grants()
	return grants.Has(u.Roles, permission) || grants.Has(sub.Roles, permission)
}

// now is the time as stores keep it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
