package integrations

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// ErrUnknownRequest says that the log has no such request, or none that the caller may see.
var ErrUnknownRequest = errors.New("unknown request")

// flushFor is how long a reader waits for what was handed over just before.
const flushFor = 2 * time.Second

// Requests answers up to limit requests to hooks that the log has, the latest first: of the integrations
// that the caller may manage, and of the one that is named where one is.
func (s *Service) Requests(ctx context.Context, caller workspace.User, integrationID string, f ExchangeFilter, limit int) ([]Exchange, error) {
	ids, err := s.manageable(ctx, caller, Incoming, integrationID)
	if err != nil {
		return nil, err
	}
	f.Kind, f.IntegrationIDs = Incoming, ids
	return s.Journal.read(ctx, f, limit)
}

// Request answers one of them with all that is known of it.
func (s *Service) Request(ctx context.Context, caller workspace.User, id string) (Exchange, error) {
	x, err := s.Journal.one(ctx, id)
	if err != nil {
		return x, missing(err, ErrUnknownRequest)
	}
	i, known := s.Index.Incoming(x.IntegrationID)
	if x.Kind != Incoming || !known || !within(s.reach(caller, Incoming), caller, i) {
		return Exchange{}, ErrUnknownRequest
	}
	return x, nil
}

// manageable answers the ids of the integrations of a kind that the caller may manage; nil: all of
// them. Where one is named, it is that one alone, or a refusal.
func (s *Service) manageable(ctx context.Context, caller workspace.User, kind Kind, id string) ([]string, error) {
	if id != "" {
		i, err := s.Find(ctx, caller, id, "")
		switch {
		case err != nil:
			return nil, err
		case i.Kind != kind:
			return nil, ErrType
		default:
			return []string{id}, nil
		}
	}
	if s.reach(caller, kind) == permissions.All {
		return nil, nil
	}
	filter := Filter{Kind: kind, CreatorID: caller.ID, Incoming: s.reach(caller, Incoming), Outgoing: s.reach(caller, Outgoing)}
	own, _, err := s.Store.Integrations(ctx, filter, workspace.Page{})
	if err != nil {
		return nil, fmt.Errorf("read integrations: %w", err)
	}
	ids := make([]string, 0, len(own))
	for _, i := range own {
		ids = append(ids, i.ID)
	}
	return ids, nil
}
