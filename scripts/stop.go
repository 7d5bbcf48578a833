package scripts

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
)

// A worker that ends itself tells why by its exit code. Go's runtime uses 2 when it gives up.
const (
	exitTimeout  = 10
	exitMemory   = 11
	exitWallTime = 12
	exitGo       = 2
)

// errWallTime is what the monitor interrupts a script with that waited for too long.
var errWallTime = errors.New("wall time limit")

// ErrClosed is the answer to calls that reach a pool after its end.
var ErrClosed = errors.New("script workers are closed")

func stoppedByTime(phase integrations.ScriptPhase, l Limits) *integrations.ScriptError {
	return advised(&integrations.ScriptError{Phase: phase, Message: fmt.Sprintf("stopped after %v (SCRIPT_TIMEOUT)", l.Timeout)})
}

// stoppedByTimeAfter is stoppedByTime for a run of which it is known how long a processor worked for it.
// Who hardly had one is not sent to look for a loop.
func stoppedByTimeAfter(worked time.Duration, phase integrations.ScriptPhase, l Limits) *integrations.ScriptError {
	e := stoppedByTime(phase, l)
	if worked < l.Timeout/4 {
		e.Remedy = fmt.Sprintf("The machine is busy with other things: of this time the script had a processor for %v. A run that takes long has one only while nothing else needs it.",
			worked.Round(time.Millisecond))
	}
	return e
}

func stoppedByWallTime(phase integrations.ScriptPhase, l Limits) *integrations.ScriptError {
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

// stopped words what a script was interrupted for.
func (r *realm) stopped(phase integrations.ScriptPhase) *integrations.ScriptError {
	if r.monitor != nil && r.monitor.haltedBy() == errWallTime { //nolint:errorlint // never wrapped
		return stoppedByWallTime(phase, r.limits)
	}
	if r.monitor != nil {
		if worked, ok := r.monitor.worked(); ok {
			return stoppedByTimeAfter(worked, phase, r.limits)
		}
	}
	return stoppedByTime(phase, r.limits)
}

func stoppedByMemory(phase integrations.ScriptPhase, l Limits) *integrations.ScriptError {
	return advised(&integrations.ScriptError{Phase: phase, Message: fmt.Sprintf("used more than %s (SCRIPT_MEMORY)", size(l.Memory))})
}

func stoppedByFilter(phase integrations.ScriptPhase) *integrations.ScriptError {
	return &integrations.ScriptError{Phase: phase, Message: "the script's process did what it may not"}
}

func stoppedByRecursion(phase integrations.ScriptPhase) *integrations.ScriptError {
	return advised(&integrations.ScriptError{Phase: phase, Name: "RangeError", Message: "Maximum call stack size exceeded"})
}

func sourceTooLarge(l Limits) *integrations.ScriptError {
	return &integrations.ScriptError{
		Phase:   integrations.PhaseCompile,
		Message: fmt.Sprintf("the script is larger than %s (SCRIPT_SOURCE_SIZE)", size(l.SourceSize)),
	}
}

func resultTooLarge(l Limits) *integrations.ScriptError {
	return &integrations.ScriptError{
		Phase:   integrations.PhaseRun,
		Message: fmt.Sprintf("the result is larger than %s (SCRIPT_RESULT_SIZE)", size(l.ResultSize)),
	}
}

// ending says what ended a worker while a script ran in it, by its exit code or by what Go's runtime
// last said, and words it.
func ending(phase integrations.ScriptPhase, l Limits, code int, lastWords []byte) (KillReason, *integrations.ScriptError) {
	switch {
	case code == exitTimeout:
		return KilledByTime, stoppedByTime(phase, l)
	case code == exitWallTime:
		return KilledByTime, stoppedByWallTime(phase, l)
	case code == exitMemory:
		return KilledByMemory, stoppedByMemory(phase, l)
	// Where the kernel refuses memory, Go's collector may follow a pointer to what it did not get.
	case code == exitGo && says(lastWords, "out of memory", "cannot allocate memory", "SIGSEGV"):
		return KilledByMemory, stoppedByMemory(phase, l)
	case code == exitGo && says(lastWords, "stack exceeds", "stack overflow"):
		return KilledByCrash, stoppedByRecursion(phase)
	}
	return KilledByCrash, &integrations.ScriptError{Phase: phase, Message: "the script's process ended unexpectedly"}
}

func says(lastWords []byte, phrases ...string) bool {
	for _, phrase := range phrases {
		if bytes.Contains(lastWords, []byte(phrase)) {
			return true
		}
	}
	return false
}
