package integrations

import (
	"context"
	"errors"
	"fmt"

	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/workspace"
)

// checkNewIncoming applies the rules for a new incoming integration, in upstream's order, and
// answers the user that it posts as.
func (s *Service) checkNewIncoming(ctx context.Context, caller workspace.User, f Fields) (poster workspace.User, err error) {
	if s.reach(caller, Incoming) == permissions.None {
		return poster, refuse(AddIncoming, ErrNotAuthorized)
	}
	if err := checkIncomingChannel(AddIncoming, f); err != nil {
		return poster, err
	}
	if blank(text(f.Username.Value)) {
		return poster, refuse(AddIncoming, ErrUsernameBlank)
	}
	if err := s.checkFreeze(AddIncoming, f); err != nil {
		return poster, err
	}
	if err := s.checkSize(nil, f); err != nil {
		return poster, err
	}
	poster, err = s.poster(ctx, AddIncoming, *f.Username.Value)
	if err != nil {
		return poster, err
	}
	if err := s.checkImpersonation(AddIncoming, poster); err != nil {
		return poster, err
	}
	return poster, s.checkRooms(ctx, AddIncoming, caller, Incoming, f.channels())
}

// checkIncomingChannel asks for channels that start with @ or #. Upstream words a wrong start as
// an update's error on create as well.
func checkIncomingChannel(op Operation, f Fields) error {
	if blank(f.Channel) {
		return refuse(op, ErrChannelBlank)
	}
	for _, channel := range f.channels() {
		if !startsAsRoom(channel) {
			return refuse(UpdateIncoming, ErrChannelStart)
		}
	}
	return nil
}

func startsAsRoom(channel string) bool {
	return channel != "" && (channel[0] == '#' || channel[0] == '@')
}

// checkFreeze refuses a script while scripts are frozen.
func (s *Service) checkFreeze(op Operation, f Fields) error {
	if s.Freeze == NotFrozen || blank(text(f.Script.Value)) {
		return nil
	}
	return refuse(op, s.frozen())
}

// checkSize refuses a script that is too large, unless it stands in the record already.
func (s *Service) checkSize(was *string, f Fields) error {
	source := text(f.Script.Value)
	if s.ScriptSize > 0 && int64(len(source)) > s.ScriptSize && source != text(was) {
		return &ScriptTooLargeError{Size: int64(len(source)), Limit: s.ScriptSize}
	}
	return nil
}

func (s *Service) frozen() error {
	if s.Freeze == EngineFrozen {
		return ErrEngineFrozen
	}
	return ErrScriptsFrozen
}

func (s *Service) poster(ctx context.Context, op Operation, username string) (workspace.User, error) {
	u, err := s.Chat.UserByUsername(ctx, username)
	if errors.Is(err, workspace.ErrNotFound) {
		return u, refuse(op, ErrUnknownUser)
	}
	return u, err
}

func (s *Service) checkImpersonation(op Operation, poster workspace.User) error {
	if s.Impersonation && !s.Chat.Can(poster, permissions.MessageImpersonate) {
		return refuse(op, ErrImpersonation)
	}
	return nil
}

// checkRooms asks that each #room and @user exists, and that the caller is in it unless they hold
// both permissions of the kind. For @user upstream looks for a subscription to the user's own id,
// which nobody has, so direct messages need both permissions.
func (s *Service) checkRooms(ctx context.Context, op Operation, caller workspace.User, kind Kind, channels []string) error {
	all, own := managers(kind)
	anywhere := s.Chat.Can(caller, all) && s.Chat.Can(caller, own)
	for _, channel := range channels {
		id, err := s.targetID(ctx, channel)
		if errors.Is(err, workspace.ErrNotFound) {
			return refuse(op, ErrUnknownRoom)
		}
		if err != nil {
			return fmt.Errorf("read room: %w", err)
		}
		if anywhere {
			continue
		}
		in, err := s.Chat.Subscribed(ctx, caller, id)
		if err != nil {
			return fmt.Errorf("read subscription: %w", err)
		}
		if !in {
			return refuse(op, ErrNotInRoom)
		}
	}
	return nil
}

// targetID answers the id of the user behind @ or of the room behind #. Nothing else names either.
func (s *Service) targetID(ctx context.Context, channel string) (string, error) {
	switch channel[0] {
	case '@':
		u, err := s.Chat.UserByIDOrName(ctx, channel[1:])
		return u.ID, err
	case '#':
		r, err := s.Chat.RoomByIDOrName(ctx, channel[1:])
		return r.ID, err
	default:
		return "", workspace.ErrNotFound
	}
}
