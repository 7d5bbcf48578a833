package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/grapnel-chat/grapnel/permissions"
)

// Messages answers one page of a room's messages, the newest first unless the page says otherwise.
func (s *Service) Messages(ctx context.Context, room Room, page Page) ([]Message, int, error) {
	return s.store.Messages(ctx, MessageFilter{RoomID: room.ID}, page)
}

// History answers one page of what was said in a room between two times, the newest first.
func (s *Service) History(ctx context.Context, room Room, between MessageFilter, page Page) ([]Message, int, error) {
	between.RoomID, between.ThreadID = room.ID, ""
	return s.store.Messages(ctx, between, page)
}

// Thread answers one page of the replies to a message that the user may see, the oldest first unless
// the page says otherwise. What was written in another room is no reply: not everybody who may see the
// message may see that.
func (s *Service) Thread(ctx context.Context, u User, id string, page Page) ([]Message, int, error) {
	m, _, _, err := s.message(ctx, u, id)
	if err != nil {
		return nil, 0, err
	}
	return s.store.Messages(ctx, MessageFilter{RoomID: m.RoomID, ThreadID: id}, page.by("ts"))
}

// React adds the user's reaction to a message or takes it back. Nil turns it round.
func (s *Service) React(ctx context.Context, u User, id, emoji string, on *bool) error {
	s.messageChanges.Lock()
	defer s.messageChanges.Unlock()
	m, room, sub, err := s.message(ctx, u, id)
	if err != nil {
		return err
	}
	if room.ReadOnly && !s.canIn(u, sub, permissions.PostReadOnly) {
		return ErrReadOnly
	}
	if slices.Contains(room.Muted, u.Username) {
		return ErrMuted
	}
	if !m.react(":"+strings.Trim(emoji, ":")+":", u.Username, on) {
		return nil
	}
	m.UpdatedAt = now()
	if err := s.store.SaveMessage(ctx, m, nil); err != nil {
		return fmt.Errorf("store message: %w", gone(err))
	}
	return nil
}

// react reports whether anything has changed.
func (m *Message) react(emoji, username string, on *bool) bool {
	m.Reactions = slices.Clone(m.Reactions)
	place := slices.IndexFunc(m.Reactions, func(r Reaction) bool { return r.Emoji == emoji })
	if place < 0 {
		if on != nil && !*on {
			return false
		}
		m.Reactions = append(m.Reactions, Reaction{Emoji: emoji, Usernames: []string{username}})
		return true
	}
	r := &m.Reactions[place]
	who := slices.Index(r.Usernames, username)
	if on != nil && *on == (who >= 0) {
		return false
	}
	if who < 0 {
		r.Usernames = append(slices.Clone(r.Usernames), username)
		return true
	}
	r.Usernames = slices.Delete(slices.Clone(r.Usernames), who, who+1)
	if len(r.Usernames) == 0 {
		m.Reactions = slices.Delete(m.Reactions, place, place+1)
	}
	return true
}

// Message answers a message of a room that the user may see.
func (s *Service) Message(ctx context.Context, u User, id string) (Message, error) {
	m, _, _, err := s.message(ctx, u, id)
	return m, err
}

// EditMessage changes a message's text: one's own, or anybody's with edit-message.
func (s *Service) EditMessage(ctx context.Context, u User, roomID, id, text string) (Message, error) {
	s.messageChanges.Lock()
	defer s.messageChanges.Unlock()
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
	effects, err := s.dispatcher.Plan(ctx, Event{Kind: SendMessage, At: m.EditedAt, User: u, Room: room, Message: m, Causes: m.Causes})
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
