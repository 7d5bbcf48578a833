package scripts

import (
	"math"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// attributes let a worker die with its parent, and keep a terminal's Ctrl-C from it: the parent
// ends its workers itself, after the calls that are under way. The kernel ties the first to the
// thread that started the worker, see Pool.keepSpare.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// keepDescriptors sees to it that a worker inherits nothing but what it is given. Go opens all
// files so; whoever started this process may have left others.
func keepDescriptors() {
	_ = unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) // kernels before 5.11 do not know it
}

// endingBySignal words what the kernel ended a worker for, nil if it was not the kernel.
func endingBySignal(phase integrations.ScriptPhase, l Limits, ended *os.ProcessState) (KillReason, *integrations.ScriptError) {
	status, ok := ended.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return "", nil
	}
	switch status.Signal() {
	case syscall.SIGSYS:
		return KilledByCrash, wire.StoppedByFilter(phase)
	case syscall.SIGXCPU:
		return KilledByTime, wire.StoppedByTime(phase, l)
	default:
		return "", nil
	}
}

// worked is how long processors have worked for the process so far.
func (p *process) worked() (time.Duration, bool) {
	// How the kernel names a process's clock: bits of the complement of its id, then "scheduler's count".
	const processClock = 2
	var at unix.Timespec
	if unix.ClockGettime(int32(^p.pid()<<3|processClock), &at) != nil { //nolint:gosec // a process's id is small
		return 0, false
	}
	return time.Duration(at.Nano()), true
}

// sink lowers the priority of all threads of the process, its collector's too, for as long as it
// lives: only root could raise it again. Each worker is a process group of its own, and the kernel
// takes a group for all threads in it.
func (p *process) sink(nice int) { _ = unix.Setpriority(unix.PRIO_PGRP, p.pid(), nice) } // without it the worker goes on as before

// drown leaves a thread of the process what nobody else on the machine wants, for as long as it lives.
// A worker can name any; only its own counts. It does as much as the kernel grants: where a kernel does
// without the policy, the lowest priority counts.
//
// It goes by the number that the worker gave, and never reads what /proc has of a worker's threads. Each
// entry that somebody has read there is cleaned up when its thread ends, and by a thread of this policy
// that takes as long as nobody leaves it a processor. Meanwhile who waits for the process turns around in
// the kernel, at full speed and with a processor's whole time: two of them, and the machine stands still.
func (p *process) drown(thread int) {
	if unix.Tgkill(p.pid(), thread, 0) != nil {
		return
	}
	_ = unix.Setpriority(unix.PRIO_PROCESS, thread, nicest)
	_ = unix.SchedSetAttr(thread, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE, Nice: nicest}, 0)
}
