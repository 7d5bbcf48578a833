package workspace

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"regexp"

	"github.com/grapnel-chat/grapnel/permissions"
)

// namePattern is what usernames and room names are made of.
var namePattern = regexp.MustCompile(`^[0-9a-zA-Z._-]+$`)

// NewUser is a user to add.
type NewUser struct {
	Username     string
	Name         string
	Email        string
	Verified     bool
	Password     Password
	Roles        []string // empty: user
	Inactive     bool
	SkipDefaults bool // do not join the default rooms
	Bio          string
	Nickname     string
	StatusText   string
	CustomFields []byte
	MustChange   bool
}

// CreateUser adds a user, and their subscriptions to the default rooms. The actor needs
// create-user, and assign-roles to give other roles than user.
func (s *Service) CreateUser(ctx context.Context, actor User, in NewUser) (User, error) {
	if !s.Can(actor, permissions.CreateUser) {
		return User{}, ErrNotAllowed
	}
	if err := s.checkNewUser(ctx, actor, in); err != nil {
		return User{}, err
	}
	hash, err := HashPassword(in.Password)
	if err != nil {
		return User{}, err
	}
	at := now()
	u := User{
		ID: NewID(), Username: in.Username, Name: in.Name, Email: in.Email, Verified: in.Verified, PasswordHash: hash,
		Roles: in.Roles, Active: !in.Inactive, Bio: in.Bio, Nickname: in.Nickname, StatusText: in.StatusText,
		CustomFields: in.CustomFields, MustChange: in.MustChange, CreatedAt: at, UpdatedAt: at,
	}
	if len(u.Roles) == 0 {
		u.Roles = []string{RoleUser}
	}
	var joins []Subscription
	if !in.SkipDefaults {
		joins, err = s.defaultJoins(ctx, u)
		if err != nil {
			return User{}, err
		}
	}
	effects, err := s.dispatcher.Plan(ctx, Event{Kind: UserCreated, At: at, User: u})
	if err != nil {
		return User{}, fmt.Errorf("plan effects: %w", err)
	}
	var notices []Message
	for _, sub := range joins {
		notices = append(notices, newNotice(sub.RoomID, UserJoins, u, u.Username))
	}
	if err := s.store.AddUser(ctx, u, joins, effects, notices...); err != nil {
		if errors.Is(err, ErrConflict) { // taken since it was checked
			return User{}, &ValueError{Err: ErrUsernameTaken, Value: in.Username}
		}
		return User{}, fmt.Errorf("add user: %w", err)
	}
	return u, nil
}

func (s *Service) checkNewUser(ctx context.Context, actor User, in NewUser) error {
	if len(in.Roles) > 0 && !s.Can(actor, permissions.AssignRoles) {
		return &ValueError{Err: ErrNotAllowed, Value: permissions.AssignRoles}
	}
	if err := s.checkRoles(actor, User{}, in.Roles); err != nil {
		return err
	}
	if err := s.checkUsername(ctx, User{}, in.Username); err != nil {
		return err
	}
	return s.checkEmail(ctx, User{}, in.Email)
}

func isEmail(text string) bool {
	parsed, err := mail.ParseAddress(text)
	return err == nil && parsed.Address == text
}

// taken is the refusal when a look-up found somebody, and the look-up's own error otherwise.
func taken(err, reason error, value string) error {
	if err != nil {
		return fmt.Errorf("look for a taken name: %w", err)
	}
	return &ValueError{Err: reason, Value: value}
}

func (s *Service) defaultJoins(ctx context.Context, u User) ([]Subscription, error) {
	rooms, _, err := s.store.Rooms(ctx, RoomFilter{Type: Channel}, Page{})
	if err != nil {
		return nil, fmt.Errorf("read default rooms: %w", err)
	}
	var joins []Subscription
	for _, r := range rooms {
		if r.Default && !r.Archived {
			joins = append(joins, newSubscription(r.ID, u.ID, u.CreatedAt))
		}
	}
	return joins, nil
}

// User answers a user by id.
func (s *Service) User(ctx context.Context, id string) (User, error) { return s.store.User(ctx, id) }

// UserByUsername answers the user of exactly that username.
func (s *Service) UserByUsername(ctx context.Context, username string) (User, error) {
	u, err := s.store.UserByUsername(ctx, username)
	if err == nil && u.Username != username {
		return User{}, ErrNotFound
	}
	return u, err
}

// UserByIDOrName answers the user whose id or username it is.
func (s *Service) UserByIDOrName(ctx context.Context, ref string) (User, error) {
	u, err := s.store.User(ctx, ref)
	if errors.Is(err, ErrNotFound) {
		return s.UserByUsername(ctx, ref)
	}
	return u, err
}

// Users answers one page of users, for holders of view-outside-room.
func (s *Service) Users(ctx context.Context, actor User, filter UserFilter, page Page) ([]User, int, error) {
	if !s.Can(actor, permissions.ViewOutsideRoom) {
		return nil, 0, ErrNotAllowed
	}
	return s.store.Users(ctx, filter, page.by("username"))
}

// ResetPassword gives the user of that name a new password and ends all their logins.
func ResetPassword(ctx context.Context, store Store, username string, p Password) error {
	u, err := store.UserByUsername(ctx, username)
	if err != nil {
		return err
	}
	hash, err := HashPassword(p)
	if err != nil {
		return err
	}
	if err := store.SetPassword(ctx, u.ID, hash, now(), ""); err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return nil
}
