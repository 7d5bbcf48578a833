//go:build !linux

package scripts

import (
	"os"
	"syscall"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

// attributes are nothing special here: a worker ends when its stdin does, and by its own monitor.
func attributes() *syscall.SysProcAttr { return nil }

// keepDescriptors leaves it at what Go does: files that it opens are not inherited.
func keepDescriptors() {}

// endingBySignal leaves it at the exit code: no signal here tells what a script did.
func endingBySignal(integrations.ScriptPhase, Limits, *os.ProcessState) (KillReason, *integrations.ScriptError) {
	return "", nil
}

// worked is not known.
func (p *process) worked() (time.Duration, bool) { return 0, false }

// sink leaves the priority as it is.
func (p *process) sink(int) {}

// drown does, too.
func (p *process) drown(int) {}
