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
	siteURL        *Setting // in place of the stored one, where it is not nil
	roles          atomic.Pointer[map[string]Role]
	tokens         *tokens
	brake          *brake
	hashing        chan struct{}
	settingChanges sync.Mutex
	messageChanges sync.Mutex // one at a time: each reads a message before it writes
	roomChanges    sync.Mutex // one at a time: each reads a room, and counts owners, before it writes
	userChanges    sync.Mutex // one at a time: each reads a user, and counts administrators, before it writes
}

// Open makes the service of a workspace that has been seeded.
func Open(ctx context.Context, cfg Config) (*Service, error) {
	key, err := cfg.Store.Secret(ctx, tokenKeyName)
	if err != nil {
		return nil, fmt.Errorf("read token key: %w", err)
	}
	s := &Service{
		store:       cfg.Store,
		permissions: cfg.Permissions,
		dispatcher:  cfg.Dispatcher,
		follower:    noFollower{},
		tokens:      newTokens(key),
		brake:       newBrake(),
		hashing:     make(chan struct{}, 2),
	}
	if cfg.SiteURL != "" {
		value, err := json.Marshal(cfg.SiteURL)
		if err != nil {
			return nil, fmt.Errorf("site's URL: %w", err)
		}
		s.siteURL = &Setting{ID: "Site_Url", Value: value}
	}
	return s, s.read(ctx)
}

// Refresh reads settings and roles again, which another server may have changed.
func (s *Service) Refresh(ctx context.Context) error {
	s.settingChanges.Lock()
	defer s.settingChanges.Unlock()
	return s.read(ctx)
}

func (s *Service) read(ctx context.Context) error {
	stored, err := s.store.Settings(ctx)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	roles, err := s.store.Roles(ctx)
	if err != nil {
		return fmt.Errorf("read roles: %w", err)
	}
	if s.siteURL != nil {
		stored = append(stored, *s.siteURL)
	}
	byID := make(map[string]Role, len(roles))
	for _, r := range roles {
		byID[r.ID] = r
	}
	s.settings.Store(newSettings(stored))
	s.roles.Store(&byID)
	return nil
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
