package integrations

import (
	"context"
	"errors"

	"github.com/grapnel-chat/grapnel/workspace"
)

// unexplained is what is shown of a failure of the server's own.
const unexplained = "the server's own failure; its log says more under the request's id"

// faultOutcomes are the outcomes of requests that were not posted, by why.
var faultOutcomes = []struct {
	err     error
	outcome ExchangeOutcome
}{
	{ErrDisabled, ExchangeDisabled},
	{ErrScriptRun, ExchangeScriptFailed},
	{ErrScriptLoad, ExchangeScriptFailed},
	{ErrScriptsBusy, ExchangeUnavailable},
	{workspace.ErrFull, ExchangeUnavailable},
	{ErrNoPoster, ExchangeRefused},
	{ErrImpersonation, ExchangeRefused},
	{ErrPayload, ExchangeRefused},
	{ErrOverride, ExchangeRefused},
	{ErrUnknownUser, ExchangeRefused},
	{ErrNothingPosted, ExchangeRefused},
	{workspace.ErrNotAllowed, ExchangeRefused},
	{workspace.ErrUnknownUser, ExchangeRefused},
	{workspace.ErrUnknownChannel, ExchangeRefused},
	{workspace.ErrUnknownRoom, ExchangeRefused},
	{workspace.ErrNotInRoom, ExchangeRefused},
	{workspace.ErrBlocked, ExchangeRefused},
	{workspace.ErrReadOnly, ExchangeRefused},
	{workspace.ErrArchived, ExchangeRefused},
	{workspace.ErrMuted, ExchangeRefused},
	{workspace.ErrMessageTooLong, ExchangeRefused},
	{workspace.ErrCannotImpersonate, ExchangeRefused},
	{workspace.ErrConflict, ExchangeRefused},
	{context.Canceled, ExchangeFailed},
}

// outcomeOfRequest words what became of a request, and says whether a script had a part in the words.
func outcomeOfRequest(e *entry) (outcome ExchangeOutcome, why string, scripted bool) {
	if e.fault == nil {
		return outcomeOfPosts(e.posted)
	}
	if rejected, ok := errors.AsType[*RejectedByScript](e.fault); ok {
		return ExchangeRejected, string(rejected.Detail), true
	}
	if fault, ok := errors.AsType[*ScriptError](e.fault); ok {
		return ExchangeScriptFailed, fault.Error(), true
	}
	if throttled, ok := errors.AsType[*ScriptThrottledError](e.fault); ok {
		return ExchangeUnavailable, throttled.Error(), false
	}
	if limited, ok := errors.AsType[*LimitError](e.fault); ok {
		return ExchangeLimited, limited.Error(), false
	}
	if large, ok := errors.AsType[*BodyLimitError](e.fault); ok {
		return ExchangeTooLarge, large.Error(), false
	}
	if tooMuch, ok := errors.AsType[*workspace.TooMuchError](e.fault); ok {
		return ExchangeRefused, tooMuch.Error(), false
	}
	for _, known := range faultOutcomes {
		if errors.Is(e.fault, known.err) {
			return known.outcome, known.err.Error(), false
		}
	}
	return ExchangeFailed, unexplained, false
}

// outcomeOfPosts is posted if one room has the message.
func outcomeOfPosts(posted []workspace.Posted) (outcome ExchangeOutcome, why string, scripted bool) {
	if len(posted) == 0 {
		return ExchangeNothing, "", false
	}
	outcome = ExchangeRefused
	for _, p := range posted {
		if p.Err == nil {
			outcome = ExchangePosted
		} else if why == "" {
			why = p.Target + ": " + p.Err.Error()
		}
	}
	return outcome, why, false
}

// consoleOf answers what the script of a request printed, also where it failed.
func consoleOf(e *entry) []string {
	console := e.result.Console
	if fault, ok := errors.AsType[*ScriptError](e.fault); ok && len(console) == 0 {
		console = fault.Console
	}
	return cutLines(console, mostConsoleKept)
}
