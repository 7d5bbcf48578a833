package integrations

import (
	"errors"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Why a request about an integration is refused. What a person reads of it is api's business.
var (
	ErrType            = errors.New("unknown integration type")
	ErrNotAuthorized   = errors.New("permission is missing")
	ErrUnknown         = errors.New("unknown integration")
	ErrNotYours        = errors.New("integration is somebody else's or gone")
	ErrUnreadable      = errors.New("integration may not be read")
	ErrEmptyID         = errors.New("integration id is empty")
	ErrChannelBlank    = errors.New("channel is blank")
	ErrChannelStart    = errors.New("channel starts with neither @ nor #")
	ErrChannelMissing  = errors.New("channel is missing")
	ErrScopedChannel   = errors.New("channel name stands for rooms that need manage-outgoing-integrations")
	ErrUsernameBlank   = errors.New("username is blank")
	ErrUnknownUser     = errors.New("unknown user to post as")
	ErrImpersonation   = errors.New("user to post as lacks message-impersonate")
	ErrUnknownRoom     = errors.New("unknown room")
	ErrNotInRoom       = errors.New("caller is not in the room")
	ErrScriptsFrozen   = errors.New("scripts may not be edited")
	ErrEngineFrozen    = errors.New("scripts of this engine may not be edited")
	ErrEvent           = errors.New("unknown event")
	ErrTargetRoom      = errors.New("target room is missing")
	ErrURLs            = errors.New("urls are missing")
	ErrEventPermission = errors.New("event needs manage-outgoing-integrations")
	ErrTokenBlank      = errors.New("token is blank")
	ErrUnknownHistory  = errors.New("unknown history entry")
	ErrNotOutgoing     = errors.New("integration is not outgoing")
	ErrNoHistoryData   = errors.New("history entry has no data")
	ErrScriptsOff      = errors.New("scripts are turned off")
	ErrScriptBlank     = errors.New("script is blank")
)

// Why a hook refuses a request.
var (
	ErrUnknownHook   = errors.New("unknown hook or wrong token")
	ErrNoPoster      = errors.New("the user to post as is gone")
	ErrDisabled      = errors.New("integration is disabled")
	ErrPayload       = errors.New("payload is not a JSON object")
	ErrOverride      = errors.New("the request may not name another channel")
	ErrScriptRun     = errors.New("script failed while it ran")
	ErrScriptLoad    = errors.New("script failed while it was evaluated")
	ErrNothingPosted = errors.New("nothing was posted")
	// ErrScriptsBusy says that a script did not get its turn: nothing of the call was done.
	ErrScriptsBusy = errors.New("scripts are busy")
)

// Operation names what was asked for when a rule refused it.
type Operation string

// The operations that have rules.
const (
	AddIncoming    Operation = "add incoming"
	UpdateIncoming Operation = "update incoming"
	RemoveIncoming Operation = "remove incoming"
	AddOutgoing    Operation = "add outgoing"
	CheckOutgoing  Operation = "check outgoing"
	UpdateOutgoing Operation = "update outgoing"
	RemoveOutgoing Operation = "remove outgoing"
	ClearHistory   Operation = "clear history"
	ReplayOutgoing Operation = "replay"
)

// Refusal is a rule that an operation broke.
type Refusal struct {
	Operation Operation
	Err       error
}

// Error names the operation and the rule.
func (r *Refusal) Error() string { return string(r.Operation) + ": " + r.Err.Error() }

// Unwrap answers the rule.
func (r *Refusal) Unwrap() error { return r.Err }

func refuse(op Operation, err error) error { return &Refusal{Operation: op, Err: err} }

// missing turns a record that is not there into the given refusal.
func missing(err, reason error) error {
	if errors.Is(err, workspace.ErrNotFound) {
		return reason
	}
	return err
}
