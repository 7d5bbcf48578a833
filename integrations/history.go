package integrations

import (
	"context"
	"errors"
	"fmt"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Entry is one delivery as history shows it: with the integration it belongs to.
type Entry struct {
	Delivery    Delivery
	Integration Integration
}

// History answers one page of an integration's deliveries, the latest change first, and how many
// there are. An unknown integration, or one of somebody else's for callers who may only manage
// their own, has none.
func (s *Service) History(ctx context.Context, caller workspace.User, id string, page workspace.Page) ([]Entry, int, error) {
	if blank(id) {
		return nil, 0, ErrEmptyID
	}
	i, err := s.Store.Integration(ctx, id)
	if errors.Is(err, workspace.ErrNotFound) || err == nil && !within(s.reach(caller, Outgoing), caller, i) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read integration: %w", err)
	}
	rows, total, err := s.Queue.Rows(ctx, id, page)
	if err != nil {
		return nil, 0, fmt.Errorf("read deliveries: %w", err)
	}
	entries := make([]Entry, 0, len(rows))
	for _, row := range rows {
		d, err := row.Delivery()
		if err != nil {
			return nil, 0, err
		}
		entries = append(entries, Entry{Delivery: d, Integration: i})
	}
	return entries, total, nil
}

// ClearHistory forgets the deliveries that have ended. Those that still wait are kept and made.
func (s *Service) ClearHistory(ctx context.Context, caller workspace.User, id string) error {
	if _, err := s.managed(ctx, ClearHistory, caller, id); err != nil {
		return err
	}
	if err := s.Queue.RemoveRows(ctx, id); err != nil {
		return fmt.Errorf("clear history: %w", err)
	}
	return nil
}

// Replay plans a delivery again, as a new one.
func (s *Service) Replay(ctx context.Context, caller workspace.User, id, historyID string) error {
	i, err := s.managed(ctx, ReplayOutgoing, caller, id)
	if err != nil {
		return err
	}
	row, err := s.Queue.Row(ctx, historyID)
	if err == nil && row.Key != i.ID {
		err = workspace.ErrNotFound
	}
	if err != nil {
		return missing(err, refuse(ReplayOutgoing, ErrUnknownHistory))
	}
	d, err := row.Delivery()
	switch {
	case err != nil:
		return err
	case i.Kind != Outgoing:
		return ErrNotOutgoing
	case d.Plan.Data.Kind() != '{':
		return ErrNoHistoryData
	}
	made, err := s.planAgain([]Row{row})
	if err != nil {
		return err
	}
	if err := s.Queue.AddEffects(ctx, made); err != nil {
		return fmt.Errorf("add delivery: %w", err)
	}
	return nil
}

// managed answers an integration that the caller may manage as an outgoing one.
func (s *Service) managed(ctx context.Context, op Operation, caller workspace.User, id string) (Integration, error) {
	scope := s.reach(caller, Outgoing)
	if scope == permissions.None {
		return Integration{}, refuse(op, ErrNotAuthorized)
	}
	i, err := s.Store.Integration(ctx, id)
	if err == nil && !within(scope, caller, i) {
		err = workspace.ErrNotFound
	}
	return i, missing(err, refuse(op, ErrNotYours))
}
