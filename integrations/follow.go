package integrations

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

var _ workspace.Follower = (*Service)(nil)

// RoomRenamed lets the integrations that name a room by its old name follow it.
func (s *Service) RoomRenamed(ctx context.Context, from, to string) error {
	return s.changeEach(ctx, func(i *Integration) bool {
		place := slices.Index(i.Channels, "#"+from)
		if place < 0 {
			return false
		}
		i.Channels = slices.Clone(i.Channels)
		i.Channels[place] = "#" + to
		return true
	})
}

// UserStopped disables the integrations that post as that user.
func (s *Service) UserStopped(ctx context.Context, userID string) error {
	return s.changeEach(ctx, func(i *Integration) bool {
		concerned := i.Enabled && i.UserID == userID
		i.Enabled = i.Enabled && !concerned
		return concerned
	})
}

// changeEach stores what change alters. One record that cannot be stored does not keep the others
// from it.
func (s *Service) changeEach(ctx context.Context, change func(i *Integration) bool) error {
	s.changes.Lock()
	defer s.changes.Unlock()
	everything := Filter{Incoming: permissions.All, Outgoing: permissions.All}
	all, _, err := s.Store.Integrations(ctx, everything, workspace.Page{})
	if err != nil {
		return fmt.Errorf("read integrations: %w", err)
	}
	var failures []error
	for _, i := range all {
		if change(&i) {
			i.UpdatedAt = now()
			failures = append(failures, s.store(ctx, i))
		}
	}
	return errors.Join(failures...)
}
