package workspace

import (
	"context"
	"errors"
	"fmt"

	"github.com/grapnel-chat/grapnel/permissions"
)

// Messages answers one page of a room's messages, the newest first unless the page says otherwise.
func (s *Service) Messages(ctx context.Context, room Room, page Page) ([]Message, int, error) {
	return s.store.Messages(ctx, room.ID, page)
}

// Message answers a message of a room that the user may see.
func (s *Service) Message(ctx context.Context, u User, id string) (Message, error) {
	m, _, _, err := s.message(ctx, u, id)
	return m, err
}

// EditMessage changes a message's text: one's own, or anybody's with edit-message.
func (s *Service) EditMessage(ctx context.Context, u User, roomID, id, text string) (Message, error) {
	m, room, sub, err := s.message(ctx, u, id)
	switch {
	case err != nil:
		return Message{}, err
	case m.RoomID != roomID:
		return Message{}, ErrMessageMismatch
	case m.Author.ID != u.ID && !s.canIn(u, sub, permissions.EditMessage):
		return Message{}, ErrNotAllowed
	}
	if err := s.checkLength(text); err != nil {
		return Message{}, err
	}
	m.Text, m.EditedAt, m.EditedBy = text, now(), u.Ref()
	m.UpdatedAt = m.EditedAt
	effects, err := s.dispatcher.Plan(ctx, Event{Kind: SendMessage, At: m.EditedAt, User: u, Room: room, Message: m})
	if err != nil {
		return Message{}, fmt.Errorf("plan effects: %w", err)
	}
	if err := s.store.SaveMessage(ctx, m, effects); err != nil {
		return Message{}, fmt.Errorf("store message: %w", gone(err))
	}
	return m, nil
}

// DeleteMessage removes a message: one's own with delete-own-message, anybody's with
// delete-message or force-delete-message.
func (s *Service) DeleteMessage(ctx context.Context, u User, roomID, id string) (Message, error) {
	m, _, sub, err := s.message(ctx, u, id)
	if err != nil {
		return Message{}, err
	}
	if m.RoomID != roomID {
		return Message{}, ErrMessageMismatch
	}
	own := m.Author.ID == u.ID && s.canIn(u, sub, permissions.DeleteOwnMessage)
	if !own && !s.canIn(u, sub, permissions.DeleteMessage) && !s.canIn(u, sub, permissions.ForceDeleteMessage) {
		return Message{}, ErrNotAllowed
	}
	if err := s.store.RemoveMessage(ctx, id); err != nil {
		return Message{}, fmt.Errorf("remove message: %w", gone(err))
	}
	return m, nil
}

// gone words a message that somebody else has deleted since it was read.
func gone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return ErrUnknownMessage
	}
	return err
}

// message answers a message, its room and the user's subscription there. A message in a room
// that the user may not see is ErrNotAllowed.
func (s *Service) message(ctx context.Context, u User, id string) (Message, Room, Subscription, error) {
	m, err := s.store.Message(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return Message{}, Room{}, Subscription{}, ErrUnknownMessage
	}
	if err != nil {
		return Message{}, Room{}, Subscription{}, fmt.Errorf("read message: %w", err)
	}
	room, err := s.store.Room(ctx, m.RoomID)
	if err != nil {
		return Message{}, Room{}, Subscription{}, fmt.Errorf("read room: %w", err)
	}
	sub, err := s.access(ctx, u, room)
	return m, room, sub, err
}
