package scripts

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/grapnel-chat/grapnel/integrations"
)

// A worker that ends itself tells why by its exit code. Go's runtime uses 2 when it gives up.
const (
	exitTimeout = 10
	exitMemory  = 11
	exitGo      = 2
)

// ErrClosed is the answer to calls that reach a pool after its end.
var ErrClosed = errors.New("script workers are closed")

func stoppedByTime(phase integrations.ScriptPhase, l Limits) *integrations.ScriptError {
	return &integrations.ScriptError{Phase: phase, Message: fmt.Sprintf("stopped after %v (SCRIPT_TIMEOUT)", l.Timeout)}
}

func stoppedByMemory(phase integrations.ScriptPhase, l Limits) *integrations.ScriptError {
	return &integrations.ScriptError{Phase: phase, Message: fmt.Sprintf("used more than %s (SCRIPT_MEMORY)", size(l.Memory))}
}

func stoppedByFilter(phase integrations.ScriptPhase) *integrations.ScriptError {
	return &integrations.ScriptError{Phase: phase, Message: "the script's process did what it may not"}
}

func stoppedByRecursion(phase integrations.ScriptPhase) *integrations.ScriptError {
	return &integrations.ScriptError{Phase: phase, Name: "RangeError", Message: "Maximum call stack size exceeded"}
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

// ending words what ended a worker while a script ran in it: its exit code, or what Go's runtime
// last said.
func ending(phase integrations.ScriptPhase, l Limits, code int, lastWords []byte) *integrations.ScriptError {
	switch {
	case code == exitTimeout:
		return stoppedByTime(phase, l)
	case code == exitMemory:
		return stoppedByMemory(phase, l)
	// Where the kernel refuses memory, Go's collector may follow a pointer to what it did not get.
	case code == exitGo && says(lastWords, "out of memory", "cannot allocate memory", "SIGSEGV"):
		return stoppedByMemory(phase, l)
	case code == exitGo && says(lastWords, "stack exceeds", "stack overflow"):
		return stoppedByRecursion(phase)
	}
	return &integrations.ScriptError{Phase: phase, Message: "the script's process ended unexpectedly"}
}

func says(lastWords []byte, phrases ...string) bool {
	for _, phrase := range phrases {
		if bytes.Contains(lastWords, []byte(phrase)) {
			return true
		}
	}
	return false
}
