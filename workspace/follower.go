package workspace

import "context"

// Follower keeps what refers to rooms by name and to users, and follows their changes. The
// workspace tells it once the change is stored.
type Follower interface {
	// RoomRenamed is told when a channel or group has another name.
	RoomRenamed(ctx context.Context, from, to string) error
	// UserStopped is told when a user was deactivated or removed.
	UserStopped(ctx context.Context, userID string) error
}

// Follow names who is told. It is part of putting the server together, before anything is served.
func (s *Service) Follow(f Follower) { s.follower = f }

// noFollower stands there until somebody follows.
type noFollower struct{}

func (noFollower) RoomRenamed(context.Context, string, string) error { return nil }
func (noFollower) UserStopped(context.Context, string) error         { return nil }
