package workspace

import (
	"errors"
	"fmt"
	"time"
)

// What a store answers.
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("already taken")
	// ErrFull says that the disk holds no more: nothing of the refused write was kept.
	ErrFull = errors.New("no space left for data")
	// ErrUnavailable says that what keeps the data cannot be reached now. Of a write, it is not known
	// whether it was made.
	ErrUnavailable = errors.New("the database cannot be reached")
)

// Why an account or a token is refused.
var (
	ErrNotLoggedIn   = errors.New("not logged in")
	ErrUnknownUser   = errors.New("unknown user")
	ErrWrongPassword = errors.New("wrong password")
	ErrInactive      = errors.New("account is deactivated")
)

// Why a workspace request is refused.
var (
	ErrNotAllowed        = errors.New("not allowed")
	ErrUnknownChannel    = errors.New("unknown channel")
	ErrBlocked           = errors.New("room is blocked")
	ErrReadOnly          = errors.New("room is read-only")
	ErrArchived          = errors.New("room is archived")
	ErrNotArchived       = errors.New("room is not archived")
	ErrNotInRoom         = errors.New("user is not in the room")
	ErrLastOwner         = errors.New("the last owner stays in the room")
	ErrSame              = errors.New("room is so already")
	ErrMuted             = errors.New("user is muted in the room")
	ErrMessageTooLong    = errors.New("message is longer than the limit")
	ErrCannotImpersonate = errors.New("alias and avatar need message-impersonate")
	ErrInvalidName       = errors.New("name holds characters that are not allowed")
	ErrInvalidEmail      = errors.New("e-mail address is not valid")
	ErrEmptyPassword     = errors.New("password is empty")
	ErrUsernameTaken     = errors.New("username is taken")
	ErrEmailTaken        = errors.New("e-mail address is taken")
	ErrRoomNameTaken     = errors.New("room name is taken")
	ErrUnknownRole       = errors.New("unknown role")
	ErrUnknownMessage    = errors.New("unknown message")
	ErrMessageMismatch   = errors.New("message is not in that room")
	ErrLastAdmin         = errors.New("the last administrator keeps the role")
	ErrRoleMissing       = errors.New("user does not hold the role")
	ErrRoleHeld          = errors.New("user holds the role already")
	ErrUnknownRoom       = errors.New("unknown room")
	ErrAdminOnly         = errors.New("only some may give the role admin")
	ErrTokenUnnamed      = errors.New("a personal access token needs a name")
	ErrTokenNameTaken    = errors.New("a personal access token of that name exists")
	ErrUnknownToken      = errors.New("unknown token")
	ErrUnknownTeam       = errors.New("unknown team")
	ErrTeamNameTaken     = errors.New("team name is taken")
	ErrTeamMain          = errors.New("room is the main one of a team")
	ErrFilesOff          = errors.New("files are turned off")
	ErrUnknownFile       = errors.New("unknown file")
	ErrNoMembers         = errors.New("a direct room needs members")
)

// TooMuchError refuses what is larger than anybody means.
type TooMuchError struct {
	What string // such as "rooms"
	Most int
	Unit string // what is counted; empty: What itself
}

// Error names the limit.
func (e *TooMuchError) Error() string {
	if e.Unit == "" {
		return fmt.Sprintf("The message has more than %d %s.", e.Most, e.What)
	}
	return fmt.Sprintf("The message's %s is larger than %d %s.", e.What, e.Most, e.Unit)
}

// ValueError is a refusal that names the value which was refused.
type ValueError struct {
	Err   error
	Value string
}

// Error names the reason and the value.
func (e *ValueError) Error() string { return e.Err.Error() + ": " + e.Value }

// Unwrap answers the reason.
func (e *ValueError) Unwrap() error { return e.Err }

// TooManyAttempts refuses a login until Wait has passed.
type TooManyAttempts struct{ Wait time.Duration }

// Error names the wait in whole seconds.
func (e *TooManyAttempts) Error() string {
	return fmt.Sprintf("too many failed logins, wait %d seconds", e.Seconds())
}

// Seconds is the wait, rounded up.
func (e *TooManyAttempts) Seconds() int { return int((e.Wait + time.Second - 1) / time.Second) }
