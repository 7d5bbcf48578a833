package wire

import (
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// A worker that ends itself tells why by its exit code. Go's runtime uses 2 when it gives up.
const (
	ExitTimeout  = 10
	ExitMemory   = 11
	ExitWallTime = 12
	ExitGo       = 2
)

// StoppedByTime is the end of a run at Limits.Timeout.
func StoppedByTime(phase integrations.ScriptPhase, l Limits) *integrations.ScriptError {
	return advised(&integrations.ScriptError{Phase: phase, Message: fmt.Sprintf("stopped after %v (SCRIPT_TIMEOUT)", l.Timeout)})
}

// StoppedByTimeAfter is StoppedByTime for a run of which it is known how long a processor worked for it.
// Who hardly had one is not sent to look for a loop.
func StoppedByTimeAfter(worked time.Duration, phase integrations.ScriptPhase, l Limits) *integrations.ScriptError {
	e := StoppedByTime(phase, l)
	if worked < l.Timeout/4 {
		e.Remedy = fmt.Sprintf("The machine is busy with other things: of this time the script had a processor for %v. A run that takes long has one only while nothing else needs it.",
			worked.Round(time.Millisecond))
	}
	return e
}

// StoppedByWallTime is the end of a run at Limits.WallTime.
func StoppedByWallTime(phase integrations.ScriptPhase, l Limits) *integrations.ScriptError {
	return advised(&integrations.ScriptError{
		Phase:   phase,
		Message: fmt.Sprintf("stopped after %v, with what it waited for (SCRIPT_WALL_TIME)", l.WallTime),
	})
}

// advised adds what the author can do, for failures that the server words: nobody else would.
func advised(e *integrations.ScriptError) *integrations.ScriptError {
	e.Remedy = language.Remedy(e)
	return e
}

// StoppedByMemory is the end of a run, and of its process, at Limits.Memory.
func StoppedByMemory(phase integrations.ScriptPhase, l Limits) *integrations.ScriptError {
	return advised(&integrations.ScriptError{Phase: phase, Message: fmt.Sprintf("used more than %s (SCRIPT_MEMORY)", SizeText(l.Memory))})
}

// StoppedByFilter is the end of a process by the kernel: nothing that JavaScript can say leads there.
func StoppedByFilter(phase integrations.ScriptPhase) *integrations.ScriptError {
	return &integrations.ScriptError{Phase: phase, Message: "the script's process did what it may not"}
}

// StoppedByRecursion is the end of a run whose functions call each other too deep.
func StoppedByRecursion(phase integrations.ScriptPhase) *integrations.ScriptError {
	return advised(&integrations.ScriptError{Phase: phase, Name: "RangeError", Message: "Maximum call stack size exceeded"})
}

// SourceTooLarge refuses an author's text over Limits.SourceSize.
func SourceTooLarge(l Limits) *integrations.ScriptError {
	return &integrations.ScriptError{
		Phase:   integrations.PhaseCompile,
		Message: fmt.Sprintf("the script is larger than %s (SCRIPT_SOURCE_SIZE)", SizeText(l.SourceSize)),
	}
}

// ResultTooLarge refuses a result over Limits.ResultSize.
func ResultTooLarge(l Limits) *integrations.ScriptError {
	return &integrations.ScriptError{
		Phase:   integrations.PhaseRun,
		Message: fmt.Sprintf("the result is larger than %s (SCRIPT_RESULT_SIZE)", SizeText(l.ResultSize)),
	}
}
