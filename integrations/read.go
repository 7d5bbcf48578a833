package integrations

import (
	"context"
	"errors"
	"fmt"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Find answers one integration that the caller may manage; where createdBy is given, only one
// that this user made.
func (s *Service) Find(ctx context.Context, caller workspace.User, id, createdBy string) (Integration, error) {
	if id == "" {
		return Integration{}, ErrEmptyID
	}
	i, err := s.Store.Integration(ctx, id)
	switch {
	case errors.Is(err, workspace.ErrNotFound), err == nil && createdBy != "" && i.CreatedBy.ID != createdBy:
		return Integration{}, workspace.ErrNotFound
	case err != nil:
		return Integration{}, fmt.Errorf("read integration: %w", err)
	case !within(s.reach(caller, i.Kind), caller, i):
		return Integration{}, ErrUnreadable
	default:
		return i, nil
	}
}

// List answers one page of the integrations that the caller may manage, and how many there are.
// Name and Kind narrow it.
func (s *Service) List(ctx context.Context, caller workspace.User, name string, kind Kind, page workspace.Page) ([]Integration, int, error) {
	filter := s.listScope(caller)
	filter.CreatorID, filter.Name, filter.Kind = caller.ID, name, kind
	return s.Store.Integrations(ctx, filter, page)
}

// listScope has a quirk of upstream's: whoever holds both permissions for their own integrations
// sees only those, unless they hold both permissions for all.
func (s *Service) listScope(u workspace.User) Filter {
	allIn, allOut := s.Chat.Can(u, permissions.ManageIncoming), s.Chat.Can(u, permissions.ManageOutgoing)
	ownIn, ownOut := s.Chat.Can(u, permissions.ManageOwnIncoming), s.Chat.Can(u, permissions.ManageOwnOutgoing)
	if (!allIn || !allOut) && ownIn && ownOut {
		return Filter{Incoming: permissions.Own, Outgoing: permissions.Own}
	}
	return Filter{Incoming: s.reach(u, Incoming), Outgoing: s.reach(u, Outgoing)}
}

// Outgoing answers the outgoing integration with that id, as it is now.
func (s *Service) Outgoing(id string) (Integration, bool) { return s.Index.Outgoing(id) }

// OutgoingNow answers the outgoing integration with that id, also where another server has just made
// it and this one has not heard of it yet; ErrNotFound where it is gone.
func (s *Service) OutgoingNow(ctx context.Context, id string) (Integration, error) {
	if i, ok := s.Index.Outgoing(id); ok {
		return i, nil
	}
	i, err := s.Store.Integration(ctx, id)
	if err == nil && i.Kind != Outgoing {
		err = workspace.ErrNotFound
	}
	return i, err
}
