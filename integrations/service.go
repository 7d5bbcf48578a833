package integrations

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Chat is what integrations need of a workspace.
type Chat interface {
	Can(u workspace.User, permission string) bool
	User(ctx context.Context, id string) (workspace.User, error)
	UserByUsername(ctx context.Context, username string) (workspace.User, error)
	Administrators(ctx context.Context) ([]workspace.User, error)
	UserByIDOrName(ctx context.Context, ref string) (workspace.User, error)
	RoomByIDOrName(ctx context.Context, ref string) (workspace.Room, error)
	Subscribed(ctx context.Context, u workspace.User, roomID string) (bool, error)
	GrantRole(ctx context.Context, u workspace.User, role string) error
	Post(ctx context.Context, d workspace.Draft) ([]workspace.Posted, error)
}

// Freeze says which scripts may not be edited.
type Freeze int

// Scripts are editable, or frozen all together, or by the name of their engine.
const (
	NotFrozen Freeze = iota
	AllFrozen
	EngineFrozen
)

// Config is what a Service stands on.
type Config struct {
	Store   Store
	Queue   Queue
	Index   *Index
	Chat    Chat
	Scripts Scripts
	Guard   Guard // nil: any URL may be called
	Logger  *slog.Logger
	// SigningKey is what the secrets are made from that deliveries are signed with. Without it they go
	// unsigned.
	SigningKey []byte
	// Impersonation asks that whoever an incoming integration posts as holds message-impersonate.
	Impersonation bool
	// ScriptsOff runs no script, as if there were none.
	ScriptsOff bool
	Freeze     Freeze
	// Lists answers deliveries to people.
	Lists DeliveryStore
	// ScriptSize is the largest source of a script, in bytes; zero: any.
	ScriptSize int64
	// Journal writes the log; nil: nothing is logged.
	Journal *Journal
}

// Service creates and manages integrations and receives what is posted to their hooks.
type Service struct {
	Config

	changes sync.Mutex // one change of a record at a time: each reads it, then replaces it
	recent  *recentRuns
	gates   gates
	outages *outages
	misses  misses
}

// New makes a service.
func New(cfg Config) *Service {
	return &Service{Config: cfg, recent: newRecentRuns(), outages: newOutages()}
}

// reach is how far a caller may manage integrations of a kind.
func (s *Service) reach(u workspace.User, kind Kind) permissions.Scope {
	all, own := managers(kind)
	switch {
	case s.Chat.Can(u, all):
		return permissions.All
	case s.Chat.Can(u, own):
		return permissions.Own
	default:
		return permissions.None
	}
}

// managers are the two permissions to manage integrations of a kind.
func managers(kind Kind) (all, own string) {
	if kind == Incoming {
		return permissions.ManageIncoming, permissions.ManageOwnIncoming
	}
	return permissions.ManageOutgoing, permissions.ManageOwnOutgoing
}

// within reports whether the record lies within the caller's reach.
func within(scope permissions.Scope, u workspace.User, i Integration) bool {
	return scope == permissions.All || scope == permissions.Own && i.CreatedBy.ID == u.ID
}

// now is the time as stores keep it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
