package scripts

import (
	"math"
	"os"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/grapnel-chat/grapnel/integrations"
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
		return KilledByCrash, stoppedByFilter(phase)
	case syscall.SIGXCPU:
		return KilledByTime, stoppedByTime(phase, l)
	default:
		return "", nil
	}
}

// sink lowers the priority of all threads of the process, its collector's too, for as long as it
// lives: only root could raise it again. Each worker is a process group of its own, and the kernel
// takes a group for all threads in it.
func (p *process) sink(nice int) { _ = unix.Setpriority(unix.PRIO_PGRP, p.pid(), nice) } // without it the worker goes on as before

// drown leaves the process what nobody else on the machine wants, for as long as it lives: all its
// threads, and those that they will start.
func (p *process) drown() {
	for done := map[int]bool{}; !p.hasEnded(); {
		before := len(done)
		for _, t := range p.threads() {
			if !done[t] {
				done[t] = true
				drown(t)
			}
		}
		if len(done) == before {
			return
		}
	}
}

// drownThread does so with one thread, as long as that lives. A worker can name any; only its own
// counts.
func (p *process) drownThread(t thread) {
	if slices.Contains(p.threads(), int(t)) {
		drown(int(t))
	}
}

func (p *process) threads() []int {
	entries, err := os.ReadDir("/proc/" + strconv.Itoa(p.pid()) + "/task")
	if err != nil {
		return nil
	}
	threads := make([]int, 0, len(entries))
	for _, e := range entries {
		if t, err := strconv.Atoi(e.Name()); err == nil {
			threads = append(threads, t)
		}
	}
	return threads
}

// drown does as much as the kernel grants. Beside the policy it sets the lowest priority, which is what
// counts where a kernel does without the policy.
func drown(thread int) {
	_ = unix.Setpriority(unix.PRIO_PROCESS, thread, nicest)
	_ = unix.SchedSetAttr(thread, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE, Nice: nicest}, 0)
}
