package integrations

import (
	"context"
	"fmt"

	"github.com/grapnel-chat/grapnel/workspace"
)

// tokenLength is the number of characters of an incoming integration's token.
const tokenLength = 48

// Create adds an integration. The record as it was stored is answered.
func (s *Service) Create(ctx context.Context, caller workspace.User, f Fields) (Integration, error) {
	switch Kind(f.Type) {
	case Incoming:
		return s.createIncoming(ctx, caller, f)
	case Outgoing:
		return s.createOutgoing(ctx, caller, f)
	default:
		return Integration{}, ErrType
	}
}

func (s *Service) createIncoming(ctx context.Context, caller workspace.User, f Fields) (Integration, error) {
	poster, err := s.checkNewIncoming(ctx, caller, f)
	if err != nil {
		return Integration{}, err
	}
	i := newIntegration(Incoming, caller, poster, f)
	i.Channels = f.channels()
	i.OverrideChannel = yes(f.OverrideChannel.Value)
	token := workspace.RandomText(tokenLength)
	i.Token = &token
	if err := s.compile(ctx, &i); err != nil {
		return Integration{}, err
	}
	if err := s.Chat.GrantRole(ctx, poster, workspace.RoleBot); err != nil {
		return Integration{}, fmt.Errorf("make the user to post as a bot: %w", err)
	}
	return i, s.add(ctx, i)
}

func (s *Service) createOutgoing(ctx context.Context, caller workspace.User, f Fields) (Integration, error) {
	all, own := managers(Outgoing)
	if !s.Chat.Can(caller, all) && !s.Chat.Can(caller, own) {
		return Integration{}, refuse(AddOutgoing, ErrNotAuthorized)
	}
	if err := s.checkFreeze(AddOutgoing, f); err != nil {
		return Integration{}, err
	}
	if err := s.checkSize(nil, f); err != nil {
		return Integration{}, err
	}
	checked, err := s.checkOutgoing(ctx, caller, f)
	if err != nil {
		return Integration{}, err
	}
	if err := s.checkTargets(ctx, checked.urls, nil); err != nil {
		return Integration{}, err
	}
	i := newIntegration(Outgoing, caller, checked.poster, f)
	checked.apply(&i)
	applyOutgoing(&i, f)
	if err := s.compile(ctx, &i); err != nil {
		return Integration{}, err
	}
	return i, s.add(ctx, i)
}

// newIntegration is a record with the members that both kinds have.
func newIntegration(kind Kind, caller, poster workspace.User, f Fields) Integration {
	at := now()
	i := Integration{
		ID: workspace.NewHexID(), Kind: kind, Name: f.Name, Enabled: f.Enabled, Username: poster.Username, UserID: poster.ID,
		Alias: f.Alias.Value, Avatar: f.Avatar.Value, Emoji: f.Emoji.Value,
		Script: f.Script.Value, ScriptEnabled: f.ScriptEnabled, ScriptEngine: Engine, SkipTranspile: yes(f.SkipTranspile.Value),
		CreatedAt: at, UpdatedAt: at, CreatedBy: Actor{ID: caller.ID, Username: caller.Username},
	}
	if engine := text(f.ScriptEngine.Value); engine != "" {
		i.ScriptEngine = engine
	}
	return i
}

func (s *Service) add(ctx context.Context, i Integration) error {
	s.changes.Lock()
	defer s.changes.Unlock()
	if err := s.Store.AddIntegration(ctx, i); err != nil {
		return fmt.Errorf("add integration: %w", err)
	}
	s.Index.Put(i)
	return nil
}
