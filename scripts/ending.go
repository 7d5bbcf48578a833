package scripts

import (
	"bytes"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// ending says what ended a worker while a script ran in it, by its exit code or by what Go's runtime
// last said, and words it.
func ending(phase integrations.ScriptPhase, l Limits, code int, lastWords []byte) (KillReason, *integrations.ScriptError) {
	switch {
	case code == wire.ExitTimeout:
		return KilledByTime, wire.StoppedByTime(phase, l)
	case code == wire.ExitWallTime:
		return KilledByTime, wire.StoppedByWallTime(phase, l)
	case code == wire.ExitMemory:
		return KilledByMemory, wire.StoppedByMemory(phase, l)
	// Where the kernel refuses memory, Go's collector may follow a pointer to what it did not get.
	case code == wire.ExitGo && says(lastWords, "out of memory", "cannot allocate memory", "SIGSEGV"):
		return KilledByMemory, wire.StoppedByMemory(phase, l)
	case code == wire.ExitGo && says(lastWords, "stack exceeds", "stack overflow"):
		return KilledByCrash, wire.StoppedByRecursion(phase)
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
