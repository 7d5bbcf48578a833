package api

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
	"github.com/grapnel-chat/grapnel/permissions"
	"github.com/grapnel-chat/grapnel/schema"
	"github.com/grapnel-chat/grapnel/workspace"
)

// failure is the body of an error answer.
type failure struct {
	Success   bool   `json:"success"`
	Error     string `json:"error"`
	Stack     string `json:"stack,omitzero"`
	ErrorType string `json:"errorType,omitzero"`
	Details   any    `json:"details,omitzero"`
}

// wording is how an error is told to a person.
type wording struct {
	status  int    // zero: 400
	code    string // upstream's error code, which hooks answer bare; empty: there is none
	reason  string
	plain   bool // the reason stands alone, without the code behind it
	details any
}

// failure words the error for an API client: "reason [code]".
func (w wording) failure() failure {
	f := failure{Error: w.reason}
	if w.details != nil {
		f.Details = w.details
	}
	f.ErrorType = w.code
	if w.plain || w.code == "" {
		return f
	}
	f.Error = "[" + w.code + "]"
	if w.reason != "" {
		f.Error = w.reason + " " + f.Error
	}
	return f
}

// bare is what a hook answers: the code, else the reason.
func (w wording) bare() string {
	if w.code != "" {
		return w.code
	}
	return w.reason
}

// fail answers an error. Those that nobody has words for are the server's own: they are logged
// and answered as such.
func (a *API) fail(c *gin.Context, err error) {
	w, ok := a.word(err)
	if !ok {
		_ = c.Error(err)
		noStore(c)
		write(c, http.StatusInternalServerError, failure{Error: "Internal server error"})
		return
	}
	a.announce(c, err)
	f := w.failure()
	if a.Stacks {
		f.Stack = string(debug.Stack())
	}
	noStore(c)
	write(c, statusOf(w), f)
}

func statusOf(w wording) int {
	if w.status == 0 {
		return http.StatusBadRequest
	}
	return w.status
}

// announce sets the headers that an error brings along.
func (a *API) announce(c *gin.Context, err error) {
	if busy, ok := errors.AsType[*workspace.TooManyAttempts](err); ok {
		c.Header("Retry-After", strconv.Itoa(busy.Seconds()))
	}
	if errors.Is(err, workspace.ErrFull) || errors.Is(err, integrations.ErrScriptsBusy) {
		c.Header("Retry-After", "30")
	}
	if limited, ok := errors.AsType[*integrations.LimitError](err); ok {
		c.Header("Retry-After", strconv.Itoa(secondsOf(limited.Wait)))
	}
	if errors.Is(err, workspace.ErrUnavailable) {
		c.Header("Retry-After", "5")
	}
	if throttled, ok := errors.AsType[*integrations.ScriptThrottledError](err); ok {
		c.Header("Retry-After", strconv.Itoa(secondsUntil(throttled.Until)))
	}
	if _, ok := errors.AsType[*tooLarge](err); ok {
		c.Header("Connection", "close")
	}
}

// secondsUntil is rounded up, and at least one.
func secondsUntil(at time.Time) int { return secondsOf(time.Until(at)) }

func secondsOf(wait time.Duration) int { return max(1, int(math.Ceil(wait.Seconds()))) }

// word finds the words for an error.
func (a *API) word(err error) (wording, bool) {
	if t, ok := errors.AsType[*thrown](err); ok {
		return t.wording, true
	}
	if r, ok := errors.AsType[*integrations.Refusal](err); ok {
		w, known := refusals[refusal{r.Operation, r.Err}]
		if !known {
			w, known = refusals[refusal{"", r.Err}]
		}
		return w, known
	}
	if w, ok := wordData(err); ok {
		return w, true
	}
	for _, known := range sentences {
		if errors.Is(err, known.err) {
			return known.wording, true
		}
	}
	return wording{}, false
}

// wordData words the errors that carry what they are about.
func wordData(err error) (wording, bool) {
	if e, ok := errors.AsType[*schema.Invalid](err); ok {
		return wording{code: "invalid-params", reason: e.Text}, true
	}
	if e, ok := errors.AsType[*workspace.TooMuchError](err); ok {
		return wording{reason: e.Error()}, true
	}
	if e, ok := errors.AsType[*outOfBounds](err); ok {
		return wording{reason: e.text}, true
	}
	if e, ok := errors.AsType[*integrations.TrialError](err); ok {
		return wording{reason: e.Text}, true
	}
	if e, ok := errors.AsType[*integrations.ScriptTooLargeError](err); ok {
		text := fmt.Sprintf("The member \"script\" has %d bytes, at most %d are allowed (SCRIPT_SOURCE_SIZE).", e.Size, e.Limit)
		return wording{code: "error-script-too-large", reason: text}, true
	}
	if e, ok := errors.AsType[*integrations.OptionError](err); ok {
		return wording{code: "error-invalid-options", reason: e.Error()}, true
	}
	if e, ok := errors.AsType[*outbound.RefusedError](err); ok {
		return wording{code: "error-url-not-permitted", reason: e.Error()}, true
	}
	if e, ok := errors.AsType[*badSort](err); ok {
		return wording{code: "error-invalid-sort", reason: `Invalid sort parameter provided: "` + e.raw + `"`}, true
	}
	if e, ok := errors.AsType[*tooLarge](err); ok {
		text := fmt.Sprintf("Request body is larger than the limit of %d bytes (%s).", e.limit, e.name())
		return wording{status: http.StatusRequestEntityTooLarge, reason: text}, true
	}
	if e, ok := errors.AsType[*integrations.ScriptThrottledError](err); ok {
		text := "Service Unavailable: the script was stopped several times in a row and is not run for now, nothing was done. Last cause: " + e.Cause
		return wording{status: http.StatusServiceUnavailable, reason: text}, true
	}
	if e, ok := errors.AsType[*workspace.FileTooLarge](err); ok {
		return wording{code: "error-file-too-large", reason: fmt.Sprintf("File exceeds allowed size of %d bytes (FileUpload_MaxFileSize).", e.Limit)}, true
	}
	if e, ok := errors.AsType[*unreadable](err); ok {
		return wording{reason: "The request body ended too early: " + e.err.Error()}, true
	}
	if e, ok := errors.AsType[*integrations.LimitError](err); ok {
		return wording{
			status: http.StatusTooManyRequests,
			reason: fmt.Sprintf("Error, too many requests for this integration (its option %s). You must wait %d seconds before trying again. [error-too-many-requests]", e.Member, secondsOf(e.Wait)),
		}, true
	}
	if e, ok := errors.AsType[*workspace.TooManyAttempts](err); ok {
		return wording{
			status: http.StatusTooManyRequests,
			reason: fmt.Sprintf("Error, too many requests. Please slow down. You must wait %d seconds before trying this endpoint again. [error-too-many-requests]", e.Seconds()),
		}, true
	}
	if e, ok := errors.AsType[*workspace.LastOwner](err); ok {
		return wording{code: "user-last-owner", details: map[string][]string{"shouldChangeOwner": names(e.Pass), "shouldBeRemoved": names(e.Remove)}}, true
	}
	if e, ok := errors.AsType[*workspace.ValueError](err); ok {
		if say, known := valueSentences[e.Err]; known {
			return say(e.Value), true
		}
	}
	return wording{}, false
}

func names(rooms []workspace.Room) []string {
	return each(rooms, func(r workspace.Room) string { return r.Name })
}

type sentence struct {
	err error
	wording
}

// sentences word the errors that need no more than themselves.
var sentences = []sentence{
	{integrations.ErrType, wording{reason: "Invalid integration type."}},
	{integrations.ErrUnknown, wording{reason: "No integration found."}},
	{integrations.ErrUnreadable, wording{reason: "not-authorized"}},
	{integrations.ErrNotOutgoing, wording{reason: "integration-type-must-be-outgoing"}},
	{integrations.ErrNoHistoryData, wording{reason: "history-data-must-be-defined"}},

	{integrations.ErrUnknownRequest, wording{status: http.StatusNotFound, code: "error-invalid-request", reason: "The log has no such request: it never had, or has forgotten it"}},

	{integrations.ErrUnknownDelivery, wording{status: http.StatusNotFound, code: "error-invalid-delivery", reason: "There is no such delivery, or it is forgotten"}},
	{integrations.ErrEnded, wording{code: "error-delivery-ended", reason: "The delivery has ended, so there is nothing to cancel"}},
	{integrations.ErrMoved, wording{status: http.StatusServiceUnavailable, reason: "The delivery is being worked on; try again."}},
	{integrations.ErrMetadataOnly, wording{code: "error-not-replayable", reason: "The request was logged without its headers and body (log.metadataOnly or REQUEST_LOG), so it cannot be replayed"}},
	{integrations.ErrBodyCut, wording{code: "error-not-replayable", reason: "The request's body was longer than what the log keeps (REQUEST_LOG_BODY), so it cannot be replayed"}},
	{integrations.ErrNotLogged, wording{status: http.StatusServiceUnavailable, reason: "The request was received once more, but the log could not take it, so what became of it is not known."}},
	{integrations.ErrSealed, wording{code: "error-not-replayable", reason: "The request's secret headers were encrypted by a server with another key, so it cannot be replayed"}},

	{integrations.ErrDisabled, wording{status: http.StatusServiceUnavailable, reason: "Service Unavailable"}},
	{integrations.ErrPayload, wording{reason: "Integration payload must be a JSON object, not an array or primitive"}},
	{integrations.ErrOverride, wording{reason: "overriding destination channel is disabled for this integration"}},
	{integrations.ErrImpersonation, wording{code: "error-user-lacks-message-impersonate-permission"}},
	{integrations.ErrScriptsOff, wording{reason: "Scripts are turned off (DISABLE_INTEGRATION_SCRIPTS)."}},
	{integrations.ErrScriptBlank, wording{reason: "There is no script to try: send one, or the id of an integration that has one."}},
	{integrations.ErrScriptRun, wording{reason: "error-running-script"}},
	{integrations.ErrScriptLoad, wording{reason: "error-evaluating-script"}},
	{integrations.ErrScriptsBusy, wording{status: http.StatusServiceUnavailable, reason: "Service Unavailable: scripts are busy, nothing was done."}},
	{integrations.ErrNothingPosted, wording{reason: "unknown-error"}},

	{workspace.ErrFull, wording{status: http.StatusServiceUnavailable, reason: "Service Unavailable: the server's disk is full, nothing was stored."}},
	{workspace.ErrUnavailable, wording{status: http.StatusServiceUnavailable, reason: "Service Unavailable: the database cannot be reached."}},
	{workspace.ErrNotAllowed, wording{code: "error-not-allowed", reason: "Not allowed"}},
	{workspace.ErrUnknownChannel, wording{code: "invalid-channel"}},
	{workspace.ErrArchived, wording{reason: "room_is_archived"}},
	{workspace.ErrNotInRoom, wording{code: "error-user-not-in-room", reason: "User is not in this room"}},
	{workspace.ErrLastOwner, wording{code: "error-you-are-last-owner", reason: "You are the last owner. Please set new owner before leaving the room."}},
	{workspace.ErrBlocked, wording{reason: "room_is_blocked"}},
	{workspace.ErrReadOnly, wording{reason: "You can't send messages because the room is readonly."}},
	{workspace.ErrMuted, wording{reason: "You_have_been_muted"}},
	{workspace.ErrMessageTooLong, wording{code: "error-message-size-exceeded", reason: "Message size exceeds Message_MaxAllowedSize"}},
	{workspace.ErrCannotImpersonate, wording{reason: "Not enough permission"}},
	{workspace.ErrEmptyPassword, wording{code: "error-the-field-is-required", reason: "The field Password is required"}},
	{workspace.ErrMessageMismatch, wording{reason: "The room id provided does not match where the message is from."}},
	{workspace.ErrUnknownMessage, wording{code: "error-invalid-message", reason: "Invalid message"}},
	{workspace.ErrAdminOnly, wording{code: "error-action-not-allowed", reason: "Assigning admin is not allowed"}},
	{workspace.ErrRoleHeld, wording{code: "error-user-already-in-role", reason: "User already in role"}},
	{workspace.ErrRoleMissing, wording{code: "error-user-not-in-role", reason: "User is not in this role"}},
	{workspace.ErrLastAdmin, wording{code: "error-admin-required", reason: "Leaving the app without admins is not allowed"}},
	{workspace.ErrUnknownRoom, wording{code: "error-room-not-found", reason: `The required "roomId" or "roomName" param provided does not match any room`}},
	{workspace.ErrNoMembers, wording{code: "error-invalid-arguments", reason: "Invalid arguments: name at least one user"}},
	{workspace.ErrUnknownSetting, wording{code: "error-invalid-setting", reason: "There is no setting of that id"}},
	{workspace.ErrFixedSetting, wording{code: "error-action-not-allowed", reason: "This setting follows ROOT_URL, an option of the server"}},
	{workspace.ErrTokenUnnamed, wording{code: "error-token-name-required", reason: "A personal access token needs a name"}},
	{workspace.ErrTokenNameTaken, wording{code: "error-token-already-exists", reason: "A token with this name already exists"}},
	{workspace.ErrUnknownToken, wording{code: "error-token-does-not-exists", reason: "Token does not exist"}},
	{workspace.ErrWrongPassword, wording{code: "error-invalid-password", reason: "Invalid password"}},
	{workspace.ErrInactive, wording{code: "error-user-is-not-activated", reason: "User is not activated."}},
	{workspace.ErrUnknownTeam, wording{reason: "team-does-not-exist"}},
	{workspace.ErrTeamMain, wording{code: "error-cannot-delete-team-channel", reason: "Cannot delete a team channel"}},
	{workspace.ErrFilesOff, wording{code: "error-file-upload-disabled", reason: "File uploads are disabled (FileUpload_Enabled)."}},
	{workspace.ErrUnknownFile, wording{code: "invalid-file"}},
	{workspace.ErrUnknownUser, wording{code: "error-invalid-user", reason: "Invalid user"}},

	{permissions.ErrUnknownPermission, wording{code: "error-invalid-permission", reason: "Invalid permission", plain: true}},
	{permissions.ErrUnknownRole, wording{code: "error-invalid-role", reason: "Invalid role", plain: true}},

	{context.Canceled, wording{status: 499, reason: "The caller went away before the answer."}},
}

// valueSentences word the refusals that name a value.
var valueSentences = map[error]func(value string) wording{
	workspace.ErrInvalidName: func(v string) wording {
		return wording{code: "error-input-is-not-a-valid-field", reason: v + " is not a valid name: use digits, letters, dots, dashes and underscores"}
	},
	workspace.ErrInvalidEmail: func(v string) wording {
		return wording{code: "error-invalid-email", reason: "Invalid email " + v}
	},
	workspace.ErrUsernameTaken: taken,
	workspace.ErrEmailTaken:    taken,
	workspace.ErrRoomNameTaken: func(v string) wording {
		return wording{code: "error-duplicate-channel-name", reason: "A channel with name '" + v + "' exists"}
	},
	workspace.ErrTeamNameTaken: func(string) wording {
		return wording{reason: "team-name-already-exists"}
	},
	workspace.ErrUnknownRole: func(v string) wording {
		return wording{code: "error-invalid-role", reason: "Invalid role: " + v}
	},
	workspace.ErrNotAllowed: func(v string) wording {
		return wording{code: "error-action-not-allowed", reason: "This needs the permission " + v}
	},
	workspace.ErrSettingValue: func(v string) wording {
		return wording{code: "error-invalid-setting-value", reason: "The value of this setting has to be " + v}
	},
	workspace.ErrUnknownUser: func(v string) wording {
		return wording{code: "error-invalid-user", reason: "There is no user with the username " + v}
	},
}

func taken(v string) wording {
	return wording{code: "error-field-unavailable", reason: v + " is already in use :("}
}
