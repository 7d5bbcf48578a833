package integrations

import (
	"context"
	"errors"
	"fmt"
)

// runs reports whether the integration has a script, and scripts are run.
func (s *Service) runs(i Integration) bool {
	return !s.ScriptsOff && (i.runnable() || i.ScriptEnabled && s.Index.scripts().has(i.ID))
}

// program answers what to run: the record's own text, or the one that stands in the index for it.
func (s *Service) program(ctx context.Context, i Integration) (version, compiled string, err error) {
	if i.runnable() {
		return i.version(), *i.ScriptCompiled, nil
	}
	return s.Index.scripts().of(ctx, s.Store, i.ID)
}

// run calls a method of the integration's script. A failure is kept as the integration's last
// error and answered as ErrScriptRun or ErrScriptLoad, wrapped around the *ScriptError.
func (s *Service) run(ctx context.Context, i Integration, call ScriptCall) (ScriptResult, error) {
	var err error
	call.Owner = i.ID
	if call.Version, call.Compiled, err = s.program(ctx, i); err != nil {
		return ScriptResult{}, err
	}
	call.Kept = keeper{s.Store, i.ID, call.Version}
	result, err := s.Scripts.Run(ctx, call)
	fault, ok := errors.AsType[*ScriptError](err)
	if !ok && err != nil { // it did not get its turn
		return result, err
	}
	if fault != nil {
		result.Console = fault.Console
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
		"phase", string(fault.Phase), "error_name", fault.kind(), "line", fault.Line, "column", fault.Column)
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
		Line: fault.Line, Column: fault.Column, Stack: fault.Stack, Console: fault.Console, Remedy: fault.Remedy,
	})
	if err != nil { // the script's own failure is what the caller has to hear of
		s.Logger.ErrorContext(ctx, "last error of a script was not kept", "integration_id", i.ID, "error", err)
	}
}
