package integrations

import (
	"context"
	"fmt"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Removal says which integration to remove.
type Removal struct {
	Type      string
	ID        string
	TargetURL string // of outgoing ones, instead of the id
}

// Remove deletes an integration and answers it as it was. The declared type decides which
// permission is asked for; the record's own type is not compared with it. With an outgoing one
// its history goes.
func (s *Service) Remove(ctx context.Context, caller workspace.User, r Removal) (Integration, error) {
	s.changes.Lock()
	defer s.changes.Unlock()
	kind := Kind(r.Type)
	op := RemoveOutgoing
	switch kind {
	case Incoming:
		op, r.TargetURL = RemoveIncoming, ""
	case Outgoing:
	default:
		return Integration{}, ErrType
	}
	i, err := s.find(ctx, r.ID, r.TargetURL)
	if err != nil {
		return Integration{}, err
	}
	switch scope := s.reach(caller, kind); {
	case scope == permissions.None:
		return i, refuse(op, ErrNotAuthorized)
	case !within(scope, caller, i):
		return i, refuse(op, ErrNotYours)
	}
	if err := s.Store.RemoveIntegration(ctx, i.ID, kind == Outgoing); err != nil {
		return i, fmt.Errorf("remove integration: %w", err)
	}
	s.Index.Remove(i.ID)
	s.recent.forget(i.ID)
	s.gates.forget(i.ID)
	return i, nil
}
