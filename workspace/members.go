package workspace

import (
	"context"
	"errors"
	"fmt"

	"github.com/grapnel-chat/grapnel/permissions"
)

// Subscribed reports whether the user is in the room with that id.
func (s *Service) Subscribed(ctx context.Context, u User, roomID string) (bool, error) {
	_, err := s.store.Subscription(ctx, roomID, u.ID)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Members answers one page of who is in a room, by username.
func (s *Service) Members(ctx context.Context, room Room, filter string, page Page) ([]User, int, error) {
	return s.store.Members(ctx, room.ID, filter, page)
}

// Join puts the user into a channel.
func (s *Service) Join(ctx context.Context, u User, room Room) error {
	if room.Type != Channel || !s.Can(u, permissions.ViewChannel) {
		return ErrNotAllowed
	}
	return s.subscribe(ctx, room, u)
}

// Invite puts other users into a room. The actor needs add-user-to-joined-room where they are a
// member, or the permission for any room of its type.
func (s *Service) Invite(ctx context.Context, actor User, room Room, users []User) error {
	sub, err := s.store.Subscription(ctx, room.ID, actor.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("read subscription: %w", err)
	}
	member := err == nil
	anyRoom := permissions.AddUserToAnyChannel
	if room.Type == Group {
		anyRoom = permissions.AddUserToAnyGroup
	}
	if !s.Can(actor, anyRoom) && (!member || !s.canIn(actor, sub, permissions.AddUserToJoinedRoom)) {
		return ErrNotAllowed
	}
	return s.subscribe(ctx, room, users...)
}

func (s *Service) subscribe(ctx context.Context, room Room, users ...User) error {
	at := now()
	var subs []Subscription
	for _, u := range users {
		subs = append(subs, newSubscription(room.ID, u.ID, at))
	}
	if err := s.store.Subscribe(ctx, subs); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	return nil
}
