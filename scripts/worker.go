package scripts

import (
	"io"

	"github.com/grapnel-chat/grapnel/scripts/internal/worker"
)

// WorkerMain runs scripts for the Pool at the other end of in and out, until in ends. It returns
// the exit code of the process, which it regards as its own: it limits memory, files and stack,
// and ends the process at once when a script exceeds them.
func WorkerMain(in io.Reader, out io.Writer) int { return worker.Main(in, out) }
