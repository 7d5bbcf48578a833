package workspace

import (
	"context"
	"fmt"
	"slices"
)

// LastOwner refuses to stop a user who is the last owner of rooms.
type LastOwner struct {
	Pass   []Room // those that another member can own
	Remove []Room // those that have no other member
}

// Error counts the rooms.
func (e *LastOwner) Error() string {
	return fmt.Sprintf("the user is the last owner of %d rooms", len(e.Pass)+len(e.Remove))
}

// relinquish makes the member of longest standing an owner of each room that only this user owns,
// and removes the rooms in which nobody else is. Without consent it refuses where there is such a
// room. It answers the rooms that are gone.
func (s *Service) relinquish(ctx context.Context, u User, consent bool) (removed []string, err error) {
	rooms, _, err := s.store.Rooms(ctx, RoomFilter{Member: u.ID}, Page{})
	if err != nil {
		return nil, fmt.Errorf("read rooms: %w", err)
	}
	var last LastOwner
	for _, room := range rooms {
		switch alone, others, err := s.ownsAlone(ctx, u, room); {
		case err != nil:
			return nil, err
		case alone && others:
			last.Pass = append(last.Pass, room)
		case alone && room.ID != GeneralID:
			last.Remove = append(last.Remove, room)
		}
	}
	if len(last.Pass)+len(last.Remove) == 0 {
		return nil, nil
	}
	if !consent {
		return nil, &last
	}
	for _, room := range last.Remove {
		removed = append(removed, room.ID)
	}
	return removed, s.passOn(ctx, u, last)
}

// ownsAlone reports whether nobody else owns the room, and whether anybody else is in it.
func (s *Service) ownsAlone(ctx context.Context, u User, room Room) (alone, others bool, err error) {
	if room.Type == Direct {
		return false, false, nil
	}
	sub, err := s.store.Subscription(ctx, room.ID, u.ID)
	if err != nil {
		return false, false, fmt.Errorf("read subscription: %w", err)
	}
	if !slices.Contains(sub.Roles, RoleOwner) {
		return false, false, nil
	}
	stats, err := s.store.RoomStats(ctx, room.ID)
	if err != nil {
		return false, false, fmt.Errorf("count owners: %w", err)
	}
	return stats.Owners == 1, stats.Members > 1, nil
}

func (s *Service) passOn(ctx context.Context, u User, last LastOwner) error {
	for _, room := range last.Pass {
		heir, err := s.heir(ctx, u, room.ID)
		if err != nil {
			return err
		}
		if err := s.store.AddRoomRole(ctx, room.ID, heir.UserID, RoleOwner); err != nil {
			return fmt.Errorf("pass on a room: %w", err)
		}
		if err := s.store.RemoveRoomRole(ctx, room.ID, u.ID, RoleOwner); err != nil {
			return fmt.Errorf("pass on a room: %w", err)
		}
	}
	for _, room := range last.Remove {
		if err := s.store.RemoveRoom(ctx, room.ID); err != nil {
			return fmt.Errorf("remove a room: %w", err)
		}
	}
	return nil
}

// heir is who has been in the room longest besides the user.
func (s *Service) heir(ctx context.Context, u User, roomID string) (heir Subscription, err error) {
	members, _, err := s.store.Members(ctx, roomID, "", Page{})
	if err != nil {
		return heir, fmt.Errorf("read members: %w", err)
	}
	for _, m := range members {
		if m.ID == u.ID {
			continue
		}
		sub, err := s.store.Subscription(ctx, roomID, m.ID)
		if err != nil {
			return heir, fmt.Errorf("read subscription: %w", err)
		}
		if heir.ID == "" || sub.CreatedAt.Before(heir.CreatedAt) {
			heir = sub
		}
	}
	return heir, nil
}
