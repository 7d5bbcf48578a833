package workspace

import (
	"context"
	"fmt"
	"time"
)

// Membership is a room with a user's subscription to it.
type Membership struct {
	Room         Room
	Subscription Subscription
}

// UpdatedAt is when either changed last.
func (m Membership) UpdatedAt() time.Time {
	if m.Room.UpdatedAt.After(m.Subscription.CreatedAt) {
		return m.Room.UpdatedAt
	}
	return m.Subscription.CreatedAt
}

// OwnRooms answers one page of the rooms that the user is in, of one type or, where that is empty, of
// all. They stand by name, unless the page says otherwise.
func (s *Service) OwnRooms(ctx context.Context, u User, kind RoomType, page Page) ([]Room, int, error) {
	return s.store.Rooms(ctx, RoomFilter{Type: kind, Member: u.ID}, page.by("name"))
}

// Memberships answers the rooms that the user is in.
func (s *Service) Memberships(ctx context.Context, u User) ([]Membership, error) {
	rooms, _, err := s.store.Rooms(ctx, RoomFilter{Member: u.ID}, Page{})
	if err != nil {
		return nil, fmt.Errorf("read rooms: %w", err)
	}
	list := make([]Membership, 0, len(rooms))
	for _, room := range rooms {
		sub, err := s.store.Subscription(ctx, room.ID, u.ID)
		if err != nil {
			return nil, fmt.Errorf("read subscription: %w", err)
		}
		list = append(list, Membership{room, sub})
	}
	return list, nil
}
