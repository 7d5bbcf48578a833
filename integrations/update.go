package integrations

import (
	"context"
	"errors"
	"fmt"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// Update changes an integration and answers the record as it stands then.
func (s *Service) Update(ctx context.Context, caller workspace.User, f Fields) (Integration, error) {
	s.changes.Lock()
	defer s.changes.Unlock()
	switch Kind(f.Type) {
	case Incoming:
		i, err := s.find(ctx, f.ID, "")
		if err != nil {
			return Integration{}, err
		}
		return s.updateIncoming(ctx, caller, i, f)
	case Outgoing:
		i, err := s.find(ctx, f.ID, f.TargetURL)
		if err != nil {
			return Integration{}, err
		}
		return s.updateOutgoing(ctx, caller, i, f)
	default:
		return Integration{}, ErrType
	}
}

// find answers a record by the URL it calls, where one is given, or by id.
func (s *Service) find(ctx context.Context, id, targetURL string) (i Integration, err error) {
	if targetURL != "" {
		i, err = s.Store.IntegrationByURL(ctx, targetURL)
	} else {
		i, err = s.Store.Integration(ctx, id)
	}
	if err != nil && !errors.Is(err, workspace.ErrNotFound) {
		return i, fmt.Errorf("read integration: %w", err)
	}
	return i, missing(err, ErrUnknown)
}

func (s *Service) updateIncoming(ctx context.Context, caller workspace.User, i Integration, f Fields) (Integration, error) {
	if err := checkIncomingChannel(UpdateIncoming, f); err != nil {
		return i, err
	}
	switch scope := s.reach(caller, Incoming); {
	case scope == permissions.None:
		return i, refuse(UpdateIncoming, ErrNotAuthorized)
	case !within(scope, caller, i):
		return i, refuse(UpdateIncoming, ErrNotYours)
	}
	if err := s.checkFrozenChange(UpdateIncoming, i, f); err != nil {
		return i, err
	}
	if err := s.checkSize(i.Script, f); err != nil {
		return i, err
	}
	if err := s.updateScriptAtOnce(ctx, &i, f); err != nil {
		return i, err
	}
	if err := s.checkRooms(ctx, UpdateIncoming, caller, Incoming, f.channels()); err != nil {
		return i, err
	}
	poster, err := s.posterAfterUpdate(ctx, i, f)
	if err != nil {
		return i, err
	}
	if f.Username.Value != nil {
		i.Username, i.UserID = poster.Username, poster.ID
	}
	i.Channels = f.channels()
	if f.OverrideChannel.Sent {
		i.OverrideChannel = yes(f.OverrideChannel.Value)
	}
	applyCommon(&i, f)
	f.SkipTranspile.Sent = true // left out means false here
	s.applyScript(&i, f)
	return s.save(ctx, caller, i)
}

// updateScriptAtOnce stores what the new script compiles to before the rules that follow can
// refuse the rest of the update, as upstream does.
func (s *Service) updateScriptAtOnce(ctx context.Context, i *Integration, f Fields) error {
	next := *i
	next.Script, next.ScriptEnabled, next.SkipTranspile = f.Script.or(i.Script), f.ScriptEnabled, yes(f.SkipTranspile.Value)
	if !next.ScriptEnabled || blank(text(next.Script)) || s.Freeze != NotFrozen {
		return nil
	}
	if err := s.compile(ctx, &next); err != nil {
		return err
	}
	i.ScriptCompiled, i.ScriptError, i.SkipTranspile = next.ScriptCompiled, next.ScriptError, next.SkipTranspile
	return s.store(ctx, *i)
}

// posterAfterUpdate answers whom the integration posts as once the update is made.
func (s *Service) posterAfterUpdate(ctx context.Context, i Integration, f Fields) (u workspace.User, err error) {
	if f.Username.Value != nil {
		u, err = s.Chat.UserByUsername(ctx, *f.Username.Value)
	} else {
		u, err = s.Chat.User(ctx, i.UserID)
	}
	switch {
	case errors.Is(err, workspace.ErrNotFound):
		return u, refuse(UpdateIncoming, ErrUnknownUser)
	case err != nil:
		return u, fmt.Errorf("read user to post as: %w", err)
	default:
		return u, s.checkImpersonation(UpdateIncoming, u)
	}
}

func (s *Service) updateOutgoing(ctx context.Context, caller workspace.User, i Integration, f Fields) (Integration, error) {
	checked, err := s.checkOutgoing(ctx, caller, f)
	if err != nil {
		return i, err
	}
	if err := checkToken(f); err != nil {
		return i, err
	}
	switch scope := s.reach(caller, Outgoing); {
	case scope == permissions.None:
		return i, refuse(UpdateOutgoing, ErrNotAuthorized)
	case !within(scope, caller, i):
		return i, refuse(UpdateOutgoing, ErrNotYours)
	}
	if err := s.checkFrozenChange(UpdateOutgoing, i, f); err != nil {
		return i, err
	}
	if err := s.checkSize(i.Script, f); err != nil {
		return i, err
	}
	if err := s.checkTargets(ctx, checked.urls, i.URLs); err != nil {
		return i, err
	}
	checked.apply(&i)
	applyCommon(&i, f)
	applyOutgoing(&i, f)
	s.applyScript(&i, f)
	if s.Freeze == NotFrozen {
		i.ScriptCompiled = nil // it does not outlive turning the script off, as it does for incoming ones
	}
	if err := s.compile(ctx, &i); err != nil {
		return i, err
	}
	return s.save(ctx, caller, i)
}

// checkFrozenChange refuses another script text or engine while scripts are frozen.
func (s *Service) checkFrozenChange(op Operation, i Integration, f Fields) error {
	if s.Freeze == NotFrozen {
		return nil
	}
	otherText := f.Script.Sent && text(f.Script.Value) != text(i.Script)
	otherEngine := f.ScriptEngine.Value != nil && *f.ScriptEngine.Value != i.ScriptEngine
	if otherText || otherEngine {
		return refuse(op, s.frozen())
	}
	return nil
}

// applyCommon sets the members that both kinds have. What was not sent stays as it is.
func applyCommon(i *Integration, f Fields) {
	i.Name, i.Enabled = f.Name, f.Enabled
	i.Alias, i.Avatar, i.Emoji = f.Alias.or(i.Alias), f.Avatar.or(i.Avatar), f.Emoji.or(i.Emoji)
}

// applyScript sets what belongs to the script, unless scripts are frozen.
func (s *Service) applyScript(i *Integration, f Fields) {
	if s.Freeze != NotFrozen {
		return
	}
	i.Script, i.ScriptEnabled = f.Script.or(i.Script), f.ScriptEnabled
	if engine := text(f.ScriptEngine.Value); engine != "" {
		i.ScriptEngine = engine
	}
	if f.SkipTranspile.Sent {
		i.SkipTranspile = yes(f.SkipTranspile.Value)
	}
}

// save stores a record that the caller changed.
func (s *Service) save(ctx context.Context, caller workspace.User, i Integration) (Integration, error) {
	i.UpdatedAt = now()
	i.UpdatedBy = &Actor{ID: caller.ID, Username: caller.Username}
	return i, s.store(ctx, i)
}

func (s *Service) store(ctx context.Context, i Integration) error {
	if err := s.Store.SaveIntegration(ctx, i); err != nil {
		return fmt.Errorf("save integration: %w", err)
	}
	s.Index.Put(i)
	return nil
}

// Disable turns an integration off on the server's own account.
func (s *Service) Disable(ctx context.Context, id string) error {
	s.changes.Lock()
	defer s.changes.Unlock()
	i, err := s.Store.Integration(ctx, id)
	if err != nil || !i.Enabled {
		return missing(err, nil)
	}
	i.Enabled = false
	i.UpdatedAt = now()
	return s.store(ctx, i)
}
