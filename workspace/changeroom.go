package workspace

import (
	"context"
	"errors"
	"fmt"

	"github.com/grapnel-chat/grapnel/permissions"
)

// Archive closes a channel or group: nobody posts in it or joins it any more. The actor needs
// archive-room.
func (s *Service) Archive(ctx context.Context, actor User, room Room) error {
	if err := s.needIn(ctx, actor, room, permissions.ArchiveRoom); err != nil {
		return err
	}
	s.roomChanges.Lock()
	defer s.roomChanges.Unlock()
	room, err := s.roomNow(ctx, room)
	if err != nil {
		return err
	}
	if room.Archived {
		return ErrArchived
	}
	was := room
	room.Archived, room.UpdatedAt = true, now()
	stats, err := s.store.RoomStats(ctx, room.ID)
	if err != nil {
		return fmt.Errorf("count members: %w", err)
	}
	effects, err := s.dispatcher.Plan(ctx, Event{Kind: RoomArchived, At: room.UpdatedAt, User: actor, Room: room, Stats: stats})
	if err != nil {
		return fmt.Errorf("plan effects: %w", err)
	}
	return s.alter(ctx, actor, was, room, effects)
}

// Unarchive opens a room again. The actor needs unarchive-room.
func (s *Service) Unarchive(ctx context.Context, actor User, room Room) error {
	if err := s.needIn(ctx, actor, room, permissions.UnarchiveRoom); err != nil {
		return err
	}
	s.roomChanges.Lock()
	defer s.roomChanges.Unlock()
	room, err := s.roomNow(ctx, room)
	if err != nil {
		return err
	}
	if !room.Archived {
		return ErrNotArchived
	}
	was := room
	room.Archived, room.UpdatedAt = false, now()
	return s.alter(ctx, actor, was, room, nil)
}

// RoomChange is what is to be different about a channel or group; nil members stay as they are.
type RoomChange struct {
	Name        *string
	Topic       *string
	Description *string
	ReadOnly    *bool
	Type        *RoomType
}

// ChangeRoom changes a room and answers it as it is then. The actor needs edit-room, and
// set-readonly for that. A name, type or restriction that the room has already is ErrSame.
func (s *Service) ChangeRoom(ctx context.Context, actor User, room Room, change RoomChange) (Room, error) {
	need := permissions.EditRoom
	if change.ReadOnly != nil {
		need = permissions.SetReadOnly
	}
	if err := s.needIn(ctx, actor, room, need); err != nil {
		return Room{}, err
	}
	s.roomChanges.Lock()
	defer s.roomChanges.Unlock()
	room, err := s.roomNow(ctx, room)
	if err != nil {
		return Room{}, err
	}
	if room.Archived {
		return Room{}, ErrArchived
	}
	changed, err := change.of(room)
	if err != nil {
		return Room{}, err
	}
	changed.UpdatedAt = now()
	if err := s.alter(ctx, actor, room, changed, nil); err != nil {
		return Room{}, err
	}
	if changed.Name != room.Name {
		if err := s.follower.RoomRenamed(context.WithoutCancel(ctx), room.Name, changed.Name); err != nil {
			return Room{}, fmt.Errorf("follow the room's new name: %w", err)
		}
	}
	return changed, nil
}

func (c RoomChange) of(room Room) (Room, error) {
	if c.Name != nil {
		if *c.Name == room.Name {
			return room, ErrSame
		}
		if !namePattern.MatchString(*c.Name) {
			return room, &ValueError{Err: ErrInvalidName, Value: *c.Name}
		}
		room.Name, room.DisplayName = *c.Name, *c.Name
	}
	if c.ReadOnly != nil {
		if *c.ReadOnly == room.ReadOnly {
			return room, ErrSame
		}
		room.ReadOnly = *c.ReadOnly
	}
	if c.Type != nil {
		if *c.Type == room.Type {
			return room, ErrSame
		}
		room.Type = *c.Type
	}
	if c.Topic != nil {
		room.Topic = *c.Topic
	}
	if c.Description != nil {
		room.Description = *c.Description
	}
	return room, nil
}

// RemoveRoom removes a channel or group with its messages. The actor needs delete-c or delete-p. A
// team's main room goes with the team only.
func (s *Service) RemoveRoom(ctx context.Context, actor User, room Room) error {
	if err := s.needIn(ctx, actor, room, byType(room, permissions.DeleteChannel, permissions.DeleteGroup)); err != nil {
		return err
	}
	if room.TeamMain {
		return ErrTeamMain
	}
	if err := s.store.RemoveRoom(ctx, room.ID); err != nil {
		return fmt.Errorf("remove room: %w", roomGone(err))
	}
	return nil
}

// needIn is ErrNotAllowed unless the actor holds the permission everywhere or in that room.
func (s *Service) needIn(ctx context.Context, actor User, room Room, permission string) error {
	sub, err := s.access(ctx, actor, room)
	if err != nil {
		return err
	}
	if !s.canIn(actor, sub, permission) {
		return ErrNotAllowed
	}
	return nil
}

// roomNow is the room as it is now: it may have changed since the request found it.
func (s *Service) roomNow(ctx context.Context, room Room) (Room, error) {
	room, err := s.store.Room(ctx, room.ID)
	if err != nil {
		return Room{}, fmt.Errorf("read room: %w", roomGone(err))
	}
	return room, nil
}

// alter stores a room that has changed, and tells there what is different.
func (s *Service) alter(ctx context.Context, actor User, was, is Room, effects []Effect) error {
	err := s.store.SaveRoom(ctx, is, effects, alterations(actor, was, is)...)
	switch {
	case errors.Is(err, ErrConflict):
		return &ValueError{Err: ErrRoomNameTaken, Value: is.Name}
	case err != nil:
		return fmt.Errorf("save room: %w", roomGone(err))
	default:
		return nil
	}
}

// roomGone words a room that somebody else has removed since it was read.
func roomGone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return ErrUnknownRoom
	}
	return err
}
