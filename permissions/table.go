package permissions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// ErrUnknownPermission and ErrUnknownRole refuse a change that names what does not exist.
var (
	ErrUnknownPermission = errors.New("unknown permission")
	ErrUnknownRole       = errors.New("unknown role")
)

// Store keeps the permissions.
type Store interface {
	Permissions(ctx context.Context) ([]Permission, error)
	SavePermissions(ctx context.Context, changed []Permission) error
}

// Table is the permissions in force. A change acts on the very next question asked.
type Table struct {
	store   Store
	changes sync.Mutex
	now     atomic.Pointer[Grants]
}

// Open reads the stored permissions.
func Open(ctx context.Context, store Store) (*Table, error) {
	t := &Table{store: store}
	return t, t.reload(ctx)
}

// Refresh reads the permissions again, which another server may have changed.
func (t *Table) Refresh(ctx context.Context) error {
	t.changes.Lock()
	defer t.changes.Unlock()
	return t.reload(ctx)
}

func (t *Table) reload(ctx context.Context) error {
	stored, err := t.store.Permissions(ctx)
	if err != nil {
		return fmt.Errorf("read permissions: %w", err)
	}
	t.now.Store(NewGrants(stored))
	return nil
}

// Grants answers the permissions as they are now.
func (t *Table) Grants() *Grants { return t.now.Load() }

// List answers every permission, those changed since the given time where it is not zero.
func (t *Table) List(ctx context.Context, since time.Time) ([]Permission, error) {
	all, err := t.store.Permissions(ctx)
	if err != nil {
		return nil, fmt.Errorf("read permissions: %w", err)
	}
	return slices.DeleteFunc(all, func(p Permission) bool { return !p.UpdatedAt.After(since) }), nil
}

// Update gives each named permission its new roles: all of them, or none when one is refused.
// The roles that exist are the caller's to tell.
func (t *Table) Update(ctx context.Context, changed []Permission, roleExists func(id string) bool) error {
	t.changes.Lock()
	defer t.changes.Unlock()
	grants := t.Grants()
	for _, p := range changed {
		if _, ok := grants.roles[p.ID]; !ok {
			return fmt.Errorf("%w: %s", ErrUnknownPermission, p.ID)
		}
	}
	for _, p := range changed {
		for _, role := range p.Roles {
			if !roleExists(role) {
				return fmt.Errorf("%w: %s", ErrUnknownRole, role)
			}
		}
	}
	at := time.Now().UTC().Truncate(time.Millisecond)
	for n := range changed {
		changed[n].UpdatedAt = at
	}
	if err := t.store.SavePermissions(ctx, changed); err != nil {
		return fmt.Errorf("save permissions: %w", err)
	}
	return t.reload(ctx)
}
