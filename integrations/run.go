package integrations

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/grapnel-chat/grapnel/workspace"
)

// run calls a method of the integration's script. A failure is kept as the integration's last
// error and answered as ErrScriptRun or ErrScriptLoad, wrapped around the *ScriptError.
func (s *Service) run(ctx context.Context, i Integration, call ScriptCall) (ScriptResult, error) {
	call.Owner, call.Version, call.Compiled = i.ID, i.version(), *i.ScriptCompiled
	result, err := s.Scripts.Run(ctx, call)
	fault, ok := errors.AsType[*ScriptError](err)
	if !ok && err != nil { // it did not get its turn
		return result, err
	}
	if fault != nil {
		return result, s.failed(ctx, i, call.Method, fault)
	}
	s.recent.put(Run{
		IntegrationID: i.ID, Method: call.Method, At: now(), Outcome: outcomeOf(result, nil),
		Took: result.Took, Memory: result.Memory, Console: result.Console,
	})
	return result, nil
}

// failed keeps a script's failure as the integration's last error and answers what callers act on.
func (s *Service) failed(ctx context.Context, i Integration, method ScriptMethod, fault *ScriptError) error {
	s.Logger.WarnContext(ctx, "script failed", "integration_id", i.ID, "method", string(method),
		"phase", string(fault.Phase), "error_name", fault.Name, "line", fault.Line, "column", fault.Column)
	s.keepLastError(ctx, i, method, fault)
	s.recent.put(Run{
		IntegrationID: i.ID, Method: method, At: now(), Outcome: OutcomeFailed, Console: fault.Console, Error: fault.Error(),
	})
	if fault.Phase == PhaseEvaluate {
		return fmt.Errorf("%w: %w", ErrScriptLoad, fault)
	}
	return fmt.Errorf("%w: %w", ErrScriptRun, fault)
}

// keepLastError writes the failure down. Its message is for those who may manage the integration, not
// for the log: a script may throw what it was given.
func (s *Service) keepLastError(ctx context.Context, i Integration, method ScriptMethod, fault *ScriptError) {
	err := s.Store.SaveLastError(ctx, LastError{
		IntegrationID: i.ID, At: now(), Method: method, Name: fault.Name, Message: fault.Message,
		Line: fault.Line, Column: fault.Column, Console: fault.Console, Remedy: fault.Remedy,
	})
	if err != nil { // the script's own failure is what the caller has to hear of
		s.Logger.ErrorContext(ctx, "last error of a script was not kept", "integration_id", i.ID, "error", err)
	}
}

// scriptUser is a user as scripts see them.
type scriptUser struct {
	ID       string `json:"_id"`
	Name     string `json:"name"`
	Username string `json:"username"`
}

type scriptURL struct {
	Hash     string            `json:"hash"`
	Search   string            `json:"search"`
	Query    map[string]string `json:"query"`
	Pathname string            `json:"pathname"`
	Path     string            `json:"path"`
}

type incomingRequest struct {
	URL       scriptURL         `json:"url"`
	RawURL    string            `json:"url_raw"`
	URLParams map[string]string `json:"url_params"`
	Headers   map[string]string `json:"headers"`
	User      scriptUser        `json:"user"`
}

// incomingArgument is the argument of process_incoming_request, without the contents.
func incomingArgument(poster workspace.User, r HookRequest) ([]byte, error) {
	address := r.Path
	search := ""
	if r.RawQuery != "" {
		search = "?" + r.RawQuery
	}
	params := map[string]string{"integrationId": r.IntegrationID, "token": r.Token}
	if r.UserID != "" {
		params["userId"] = r.UserID
	}
	argument, err := json.Marshal(map[string]incomingRequest{"request": {
		URL:       scriptURL{Search: search, Query: firstValues(r.RawQuery), Pathname: address, Path: address + search},
		RawURL:    address + search,
		URLParams: params,
		Headers:   r.Header,
		User:      scriptUser{ID: poster.ID, Name: poster.Name, Username: poster.Username},
	}}, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, fmt.Errorf("write script argument: %w", err)
	}
	return argument, nil
}

// firstValues reads a query string; of parameters that come twice the first one counts.
func firstValues(rawQuery string) map[string]string {
	values, _ := url.ParseQuery(rawQuery) // what could be read is enough
	first := make(map[string]string, len(values))
	for name := range values {
		first[name] = values.Get(name)
	}
	return first
}
