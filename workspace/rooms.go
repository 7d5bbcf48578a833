package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/grapnel-chat/grapnel/permissions"
)

// NewRoom is a channel or group to make.
type NewRoom struct {
	Type         RoomType
	Name         string
	Topic        string
	Members      []string // usernames; those who do not exist are left out
	ReadOnly     bool
	Broadcast    bool
	ExcludeSelf  bool // the creator does not join
	CustomFields []byte
	TeamID       string // of the team that the room is to belong to
	main         bool   // it is to be that team's main room
}

// CreateRoom makes a channel or group; its creator joins as owner. The actor needs create-c or
// create-p, for a room of a team create-team-channel or create-team-group there. A team is told of a new
// channel.
func (s *Service) CreateRoom(ctx context.Context, actor User, in NewRoom) (Room, error) {
	if err := s.mayMake(ctx, actor, in); err != nil {
		return Room{}, err
	}
	return s.makeRoom(ctx, actor, in)
}

func (s *Service) makeRoom(ctx context.Context, actor User, in NewRoom) (Room, error) {
	if !namePattern.MatchString(in.Name) {
		return Room{}, &ValueError{Err: ErrInvalidName, Value: in.Name}
	}
	at := now()
	room := Room{
		ID: NewID(), Type: in.Type, Name: in.Name, DisplayName: in.Name, Topic: in.Topic, Creator: actor.Ref(),
		ReadOnly: in.ReadOnly, Broadcast: in.Broadcast, CustomFields: in.CustomFields, TeamID: in.TeamID, TeamMain: in.main,
		CreatedAt: at, UpdatedAt: at,
	}
	var members []Subscription
	if !in.ExcludeSelf {
		members = append(members, newSubscription(room.ID, actor.ID, at, RoleOwner))
	}
	for _, username := range in.Members {
		u, err := s.UserByUsername(ctx, username)
		switch {
		case errors.Is(err, ErrNotFound) || u.ID == actor.ID:
		case err != nil:
			return Room{}, fmt.Errorf("read member: %w", err)
		default:
			members = append(members, newSubscription(room.ID, u.ID, at))
		}
	}
	stats := RoomStats{Members: len(members), Owners: 1}
	effects, err := s.dispatcher.Plan(ctx, Event{Kind: RoomCreated, At: at, User: actor, Room: room, Stats: stats})
	if err != nil {
		return Room{}, fmt.Errorf("plan effects: %w", err)
	}
	notices, err := s.teamNotices(ctx, actor, room)
	if err != nil {
		return Room{}, err
	}
	err = s.store.AddRoom(ctx, room, members, effects, notices...)
	if errors.Is(err, ErrConflict) {
		return Room{}, &ValueError{Err: ErrRoomNameTaken, Value: in.Name}
	}
	return room, err
}

// teamNotices tell the team of a new channel that belongs to it.
func (s *Service) teamNotices(ctx context.Context, actor User, room Room) ([]Message, error) {
	if room.TeamID == "" || room.TeamMain || room.Type != Channel {
		return nil, nil
	}
	main, err := s.mainRoom(ctx, TeamRef{ID: room.TeamID})
	if err != nil {
		return nil, err
	}
	return []Message{newNotice(main.ID, TeamGetsRoom, actor, room.Name)}, nil
}

// byType chooses between the permissions for channels and for groups.
func byType(room Room, channel, group string) string {
	if room.Type == Group {
		return group
	}
	return channel
}

// CreateDirect answers the direct room of the actor and the named users, which is made where it
// does not exist.
func (s *Service) CreateDirect(ctx context.Context, actor User, usernames []string, excludeSelf bool) (Room, error) {
	if !s.Can(actor, permissions.CreateDirect) {
		return Room{}, ErrNotAllowed
	}
	var members []User
	if !excludeSelf {
		members = append(members, actor)
	}
	for _, username := range usernames {
		u, err := s.UserByUsername(ctx, username)
		if errors.Is(err, ErrNotFound) {
			return Room{}, &ValueError{Err: ErrUnknownUser, Value: username}
		}
		if err != nil {
			return Room{}, err
		}
		if !slices.ContainsFunc(members, func(m User) bool { return m.ID == u.ID }) {
			members = append(members, u)
		}
	}
	if len(members) == 0 {
		return Room{}, ErrNoMembers
	}
	return s.direct(ctx, actor, members)
}

// direct answers the direct room of those members, and makes it where it does not exist.
func (s *Service) direct(ctx context.Context, creator User, members []User) (Room, error) {
	slices.SortFunc(members, func(a, b User) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	room := Room{Type: Direct, Creator: creator.Ref()}
	for _, m := range members {
		room.ID += m.ID
		room.Members = append(room.Members, m.Ref())
	}
	if len(members) == 1 { // notes to oneself
		room.ID += members[0].ID
	}
	found, err := s.store.Room(ctx, room.ID)
	if !errors.Is(err, ErrNotFound) {
		return found, err
	}
	room.CreatedAt = now()
	room.UpdatedAt = room.CreatedAt
	var subs []Subscription
	for _, m := range members {
		subs = append(subs, newSubscription(room.ID, m.ID, room.CreatedAt))
	}
	err = s.store.AddRoom(ctx, room, subs, nil)
	if errors.Is(err, ErrConflict) { // made by another call in between
		return s.store.Room(ctx, room.ID)
	}
	return room, err
}

// Rooms answers one page of rooms: channels that the actor may see, or their own groups. They stand by
// name, unless the page says otherwise.
func (s *Service) Rooms(ctx context.Context, actor User, filter RoomFilter, page Page) ([]Room, int, error) {
	if filter.Type != Channel || !s.Can(actor, permissions.ViewChannel) {
		filter.Member = actor.ID
	}
	return s.store.Rooms(ctx, filter, page.by("name"))
}

// RoomRef names a room by id or by name.
type RoomRef struct{ ID, Name string }

// Room answers a room of one of the types that the actor may see. A room of another type is
// ErrUnknownRoom, one that the actor may not see ErrNotAllowed.
func (s *Service) Room(ctx context.Context, actor User, ref RoomRef, types ...RoomType) (Room, error) {
	room, err := s.findRoom(ctx, ref)
	if errors.Is(err, ErrNotFound) || err == nil && !slices.Contains(types, room.Type) {
		return Room{}, ErrUnknownRoom
	}
	if err != nil {
		return Room{}, err
	}
	_, err = s.access(ctx, actor, room)
	return room, err
}

func (s *Service) findRoom(ctx context.Context, ref RoomRef) (Room, error) {
	if ref.ID != "" {
		return s.store.Room(ctx, ref.ID)
	}
	return s.store.RoomByName(ctx, ref.Name)
}

// RoomByID answers a room, whoever asks.
func (s *Service) RoomByID(ctx context.Context, id string) (Room, error) {
	return s.store.Room(ctx, id)
}

// RoomByIDOrName answers the room whose id or name it is.
func (s *Service) RoomByIDOrName(ctx context.Context, ref string) (Room, error) {
	room, err := s.store.Room(ctx, ref)
	if errors.Is(err, ErrNotFound) {
		return s.store.RoomByName(ctx, ref)
	}
	return room, err
}

// RoomStats counts what stands in a room.
func (s *Service) RoomStats(ctx context.Context, room Room) (RoomStats, error) {
	return s.store.RoomStats(ctx, room.ID)
}

// access answers the user's subscription to the room, if any, or ErrNotAllowed where they may not
// see it: groups and direct rooms are for members, channels for holders of view-c-room.
func (s *Service) access(ctx context.Context, u User, room Room) (Subscription, error) {
	sub, err := s.store.Subscription(ctx, room.ID, u.ID)
	switch {
	case err == nil:
		return sub, nil
	case !errors.Is(err, ErrNotFound):
		return Subscription{}, fmt.Errorf("read subscription: %w", err)
	case room.Type == Channel && s.Can(u, permissions.ViewChannel):
		return Subscription{}, nil
	default:
		return Subscription{}, ErrNotAllowed
	}
}
