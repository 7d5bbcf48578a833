package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
	if room.Archived {
		return ErrArchived
	}
	return s.join(ctx, entrance{room: room, by: u, users: []User{u}})
}

// Invite puts other users into a room. The actor needs add-user-to-joined-room where they are a
// member, or the permission for any room of its type.
func (s *Service) Invite(ctx context.Context, actor User, room Room, users []User) error {
	sub, err := s.store.Subscription(ctx, room.ID, actor.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("read subscription: %w", err)
	}
	member := err == nil
	anyRoom := byType(room, permissions.AddUserToAnyChannel, permissions.AddUserToAnyGroup)
	if !s.Can(actor, anyRoom) && (!member || !s.canIn(actor, sub, permissions.AddUserToJoinedRoom)) {
		return ErrNotAllowed
	}
	if room.Archived {
		return ErrArchived
	}
	return s.join(ctx, entrance{room: room, by: actor, users: users})
}

// entrance is users who come into a room, by their own doing or another's.
type entrance struct {
	room  Room
	by    User
	users []User
	// Of a message that brings its author in.
	causes  []string
	trace   string
	relayed bool
}

// join puts users into a room, each with the effects of that, and tells there who did it. It counts
// those who are new as if nobody else joined at the same time.
func (s *Service) join(ctx context.Context, e entrance) error {
	at, room := now(), e.room
	stats, err := s.store.RoomStats(ctx, room.ID)
	if err != nil {
		return fmt.Errorf("count members: %w", err)
	}
	var joins []Join
	for _, u := range e.users {
		in, err := s.Subscribed(ctx, u, room.ID)
		if err != nil {
			return err
		}
		if in {
			continue
		}
		stats.Members++
		effects, err := s.dispatcher.Plan(ctx, Event{
			Kind: RoomJoined, At: at, User: u, Room: room, Stats: stats, Causes: e.causes, Trace: e.trace, Relayed: e.relayed,
		})
		if err != nil {
			return fmt.Errorf("plan effects: %w", err)
		}
		joins = append(joins, Join{newSubscription(room.ID, u.ID, at), effects, []Message{arrival(room, e.by, u)}})
	}
	if err := s.store.Join(ctx, joins); err != nil {
		return fmt.Errorf("join: %w", err)
	}
	return nil
}

// Leave takes the user out of a room. The last owner of a channel or group stays.
func (s *Service) Leave(ctx context.Context, u User, room Room) error {
	if !s.Can(u, byType(room, permissions.LeaveChannel, permissions.LeaveGroup)) {
		return ErrNotAllowed
	}
	return s.leave(ctx, u, u, room)
}

// Kick takes another user out of a room. The actor needs remove-user there.
func (s *Service) Kick(ctx context.Context, actor User, room Room, u User) error {
	if err := s.needIn(ctx, actor, room, permissions.RemoveUser); err != nil {
		return err
	}
	return s.leave(ctx, actor, u, room)
}

// membership answers the subscription of a user who has to be in the room.
func (s *Service) membership(ctx context.Context, u User, room Room) (Subscription, error) {
	sub, err := s.store.Subscription(ctx, room.ID, u.ID)
	if errors.Is(err, ErrNotFound) {
		return sub, ErrNotInRoom
	}
	if err != nil {
		return sub, fmt.Errorf("read subscription: %w", err)
	}
	return sub, nil
}

// leave takes a user out of a room, by their own doing or another's.
func (s *Service) leave(ctx context.Context, by, u User, room Room) error {
	s.roomChanges.Lock()
	defer s.roomChanges.Unlock()
	sub, err := s.membership(ctx, u, room)
	if err != nil {
		return err
	}
	if room.Archived {
		return ErrArchived
	}
	stats, err := s.store.RoomStats(ctx, room.ID)
	if err != nil {
		return fmt.Errorf("count members: %w", err)
	}
	if slices.Contains(sub.Roles, RoleOwner) {
		if stats.Owners == 1 {
			return ErrLastOwner
		}
		stats.Owners--
	}
	stats.Members--
	effects, err := s.dispatcher.Plan(ctx, Event{Kind: RoomLeft, At: now(), User: u, Room: room, Stats: stats})
	if err != nil {
		return fmt.Errorf("plan effects: %w", err)
	}
	err = s.store.Leave(ctx, room.ID, u.ID, effects, departure(room, by, u))
	if errors.Is(err, ErrNotFound) {
		return ErrNotInRoom
	}
	if err != nil {
		return fmt.Errorf("leave: %w", err)
	}
	return nil
}
