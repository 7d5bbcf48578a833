package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/grapnel-chat/grapnel/permissions"
)

// Team is a number of rooms around a main one. The main room is all that is kept of a team: it gives
// its name, its type and its founder, and whoever is in it is in the team.
type Team struct {
	Main    Room
	Rooms   int // the main one among them
	Members int
}

// ID is the team's own, by which its rooms name it.
func (t Team) ID() string { return t.Main.TeamID }

// TeamMember is somebody in a team.
type TeamMember struct {
	User     User
	Roles    []string // held in the main room only
	JoinedAt time.Time
}

// NewTeam is a team to make.
type NewTeam struct {
	Name      string
	Private   bool
	Owner     string   // id or username; empty: who makes it
	Members   []string // ids or usernames; those who do not exist are left out
	Topic     string
	ReadOnly  bool
	Broadcast bool
}

// CreateTeam makes a team with its main room, which its owner and its members join. The actor needs
// create-team. A name that is taken is ErrTeamNameTaken or ErrRoomNameTaken.
func (s *Service) CreateTeam(ctx context.Context, actor User, in NewTeam) (Team, error) {
	if !s.Can(actor, permissions.CreateTeam) {
		return Team{}, ErrNotAllowed
	}
	owner := actor
	if in.Owner != "" {
		var err error
		if owner, err = s.UserByIDOrName(ctx, in.Owner); errors.Is(err, ErrNotFound) {
			return Team{}, &ValueError{Err: ErrUnknownUser, Value: in.Owner}
		} else if err != nil {
			return Team{}, fmt.Errorf("read owner: %w", err)
		}
	}
	room := NewRoom{Type: Channel, Name: in.Name, Topic: in.Topic, ReadOnly: in.ReadOnly, Broadcast: in.Broadcast, TeamID: NewHexID(), main: true}
	if in.Private {
		room.Type = Group
	}
	var err error
	if room.Members, err = s.usernames(ctx, in.Members); err != nil {
		return Team{}, err
	}
	main, err := s.makeRoom(ctx, owner, room)
	if errors.Is(err, ErrRoomNameTaken) {
		if found, lookUp := s.store.RoomByName(ctx, in.Name); lookUp == nil && found.TeamMain {
			return Team{}, &ValueError{Err: ErrTeamNameTaken, Value: in.Name}
		}
	}
	if err != nil {
		return Team{}, err
	}
	return s.team(ctx, main)
}

// usernames are those of the users whom ids or usernames name.
func (s *Service) usernames(ctx context.Context, refs []string) ([]string, error) {
	var names []string
	for _, ref := range refs {
		u, err := s.UserByIDOrName(ctx, ref)
		switch {
		case errors.Is(err, ErrNotFound), err == nil && slices.Contains(names, u.Username):
		case err != nil:
			return nil, fmt.Errorf("read member: %w", err)
		default:
			names = append(names, u.Username)
		}
	}
	return names, nil
}

// team counts what is in the team of a main room.
func (s *Service) team(ctx context.Context, main Room) (Team, error) {
	stats, err := s.store.RoomStats(ctx, main.ID)
	if err != nil {
		return Team{}, fmt.Errorf("count members: %w", err)
	}
	_, rooms, err := s.store.Rooms(ctx, RoomFilter{TeamID: main.TeamID}, Page{Count: 1})
	if err != nil {
		return Team{}, fmt.Errorf("count rooms: %w", err)
	}
	return Team{Main: main, Rooms: rooms, Members: stats.Members}, nil
}

// OwnTeams answers one page of the teams that the user is in.
func (s *Service) OwnTeams(ctx context.Context, u User, page Page) ([]Team, int, error) {
	return s.teams(ctx, RoomFilter{Main: true, Member: u.ID}, page)
}

// AllTeams answers one page of all teams. The actor needs view-all-teams.
func (s *Service) AllTeams(ctx context.Context, actor User, page Page) ([]Team, int, error) {
	if !s.Can(actor, permissions.ViewAllTeams) {
		return nil, 0, ErrNotAllowed
	}
	return s.teams(ctx, RoomFilter{Main: true}, page)
}

func (s *Service) teams(ctx context.Context, filter RoomFilter, page Page) ([]Team, int, error) {
	rooms, total, err := s.store.Rooms(ctx, filter, page)
	if err != nil {
		return nil, 0, fmt.Errorf("read teams: %w", err)
	}
	teams := make([]Team, 0, len(rooms))
	for _, main := range rooms {
		t, err := s.team(ctx, main)
		if err != nil {
			return nil, 0, err
		}
		teams = append(teams, t)
	}
	return teams, total, nil
}

// TeamRef names a team by id or by name.
type TeamRef struct{ ID, Name string }

// Team answers a team whose main room the actor may see, and any team to holders of view-all-teams.
func (s *Service) Team(ctx context.Context, actor User, ref TeamRef) (Team, error) {
	main, err := s.mainRoom(ctx, ref)
	if err != nil {
		return Team{}, err
	}
	if _, err := s.access(ctx, actor, main); err != nil && (!errors.Is(err, ErrNotAllowed) || !s.Can(actor, permissions.ViewAllTeams)) {
		return Team{}, err
	}
	return s.team(ctx, main)
}

// mainRoom answers the main room of the team, or ErrUnknownTeam.
func (s *Service) mainRoom(ctx context.Context, ref TeamRef) (Room, error) {
	if ref.ID != "" {
		rooms, _, err := s.store.Rooms(ctx, RoomFilter{TeamID: ref.ID, Main: true}, Page{Count: 1})
		if err != nil {
			return Room{}, fmt.Errorf("read team: %w", err)
		}
		if len(rooms) == 0 {
			return Room{}, ErrUnknownTeam
		}
		return rooms[0], nil
	}
	room, err := s.store.RoomByName(ctx, ref.Name)
	if errors.Is(err, ErrNotFound) || err == nil && !room.TeamMain {
		return Room{}, ErrUnknownTeam
	}
	if err != nil {
		return Room{}, fmt.Errorf("read team: %w", err)
	}
	return room, nil
}

// TeamMembers answers one page of who is in a team, by username. It is empty for who is not in the
// team and does not hold view-all-teams.
func (s *Service) TeamMembers(ctx context.Context, actor User, ref TeamRef, filter string, page Page) ([]TeamMember, int, error) {
	main, err := s.mainRoom(ctx, ref)
	if err != nil {
		return nil, 0, err
	}
	in, err := s.Subscribed(ctx, actor, main.ID)
	if err != nil || !in && !s.Can(actor, permissions.ViewAllTeams) {
		return nil, 0, err
	}
	users, total, err := s.store.Members(ctx, main.ID, filter, page)
	if err != nil {
		return nil, 0, fmt.Errorf("read members: %w", err)
	}
	members := make([]TeamMember, 0, len(users))
	for _, u := range users {
		sub, err := s.store.Subscription(ctx, main.ID, u.ID)
		if errors.Is(err, ErrNotFound) { // has left in between
			continue
		}
		if err != nil {
			return nil, 0, fmt.Errorf("read subscription: %w", err)
		}
		members = append(members, TeamMember{User: u, Roles: sub.Roles, JoinedAt: sub.CreatedAt})
	}
	return members, total, nil
}

// RemoveTeam removes a team with its main room and those of its rooms that are named by their ids.
// The others stay, in no team. The actor needs delete-team.
func (s *Service) RemoveTeam(ctx context.Context, actor User, ref TeamRef, roomIDs []string) error {
	main, err := s.mainRoom(ctx, ref)
	if err != nil {
		return err
	}
	if err := s.needIn(ctx, actor, main, permissions.DeleteTeam); err != nil {
		return err
	}
	rooms, _, err := s.store.Rooms(ctx, RoomFilter{TeamID: main.TeamID}, Page{})
	if err != nil {
		return fmt.Errorf("read rooms: %w", err)
	}
	for _, room := range rooms {
		if room.TeamMain || !slices.Contains(roomIDs, room.ID) {
			continue
		}
		if err := s.store.RemoveRoom(ctx, room.ID); err != nil && !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("remove room: %w", err)
		}
	}
	if err := s.store.RemoveRoom(ctx, main.ID); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("remove main room: %w", err)
	}
	return nil
}

// mayMake refuses who may not make such a room; in a team that is decided by who they are in its main
// room.
func (s *Service) mayMake(ctx context.Context, actor User, in NewRoom) error {
	if in.TeamID == "" {
		if !s.Can(actor, byType(Room{Type: in.Type}, permissions.CreateChannel, permissions.CreateGroup)) {
			return ErrNotAllowed
		}
		return nil
	}
	main, err := s.mainRoom(ctx, TeamRef{ID: in.TeamID})
	if err != nil {
		return err
	}
	return s.needIn(ctx, actor, main, byType(Room{Type: in.Type}, permissions.CreateTeamChannel, permissions.CreateTeamGroup))
}
