package confine

import (
	"os"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/sys/unix"
)

// calls are the system calls that a worker may make: what Go's runtime needs to run, with and
// without cgo, and no more; for some of them there are rules below. Names that an architecture does
// not know are passed over.
var calls = []string{
	// The pipes, and waiting for them. Nothing new can be opened.
	"read", "write", "readv", "writev", "pread64", "lseek", "close", "fcntl", "fstat",
	"epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd2", "pipe2", "poll", "ppoll",
	// Memory.
	"mmap", "mmap2", "munmap", "mprotect", "madvise", "mremap", "mincore", "brk",
	// Threads.
	"clone", "setpriority", "futex", "futex_time64", "futex_waitv", "sched_yield", "sched_getaffinity", "set_robust_list", "rseq", "membarrier",
	"gettid", "getpid", "set_tid_address", "getcpu", "arch_prctl", "restart_syscall", "exit", "exit_group",
	// Signals, which the collector and the scheduler send to threads.
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "sigaltstack", "sigreturn",
	"tgkill", "kill",
	// Time and chance.
	"clock_gettime", "clock_gettime64", "clock_getres", "clock_getres_time64", "clock_nanosleep", "clock_nanosleep_time64",
	"nanosleep", "gettimeofday", "time", "getrandom", "setitimer", "timer_create", "timer_settime", "timer_delete",
	// What it has used, and may use.
	"getrusage", "getrlimit", "ugetrlimit", "prlimit64", "prctl",
	// Who it is, which libraries ask for no purpose.
	"getuid", "geteuid", "getgid", "getegid", "getppid",
}

// refused are calls that libraries try and can do without, such as looking for a time zone's file
// before taking the one built in. They fail; all others that are not allowed end the process.
var refused = []string{
	"open", "openat", "stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "readlink", "readlinkat",
	"getcwd", "getdents64", "uname", "sysinfo", "ioctl", "setrlimit", "sched_setaffinity",
}

// unknown are calls that the C library tries before one that can be judged: the flags of clone3
// lie in memory, where a filter does not see them.
var unknown = []string{"clone3", "openat2"}

// rules are for calls that could reach beyond this process, or change what it may use: each says
// with what arguments a call that stands above is not allowed after all.
func rules() []seccomp.SyscallGroup {
	const (
		setMemoryName = 0x53564d41 // PR_SET_VMA, by which Go's runtime tells what a piece of memory is for
		lowest        = 19
	)
	self := uint64(os.Getpid()) //nolint:gosec // positive
	return []seccomp.SyscallGroup{
		// A thread may be made, a process not.
		rule(seccomp.ActionKillProcess, "clone", is(0, seccomp.BitsNotSet, unix.CLONE_THREAD)),
		rule(seccomp.ActionKillProcess, "tgkill", is(0, seccomp.NotEqual, self)),
		rule(seccomp.ActionKillProcess, "kill", is(0, seccomp.NotEqual, self)),
		// Who is told of what comes over a pipe can be any process, and told by any signal.
		rule(seccomp.ActionErrno, "fcntl",
			is(1, seccomp.Equal, unix.F_SETOWN), is(1, seccomp.Equal, unix.F_SETOWN_EX), is(1, seccomp.Equal, unix.F_SETSIG)),
		rule(seccomp.ActionErrno, "prctl", is(0, seccomp.NotEqual, setMemoryName)),
		// The caller's own priority, and not above the usual one: any other thread can be the server's.
		rule(seccomp.ActionErrno, "setpriority", is(0, seccomp.NotEqual, unix.PRIO_PROCESS), is(1, seccomp.NotEqual, 0), is(2, seccomp.GreaterThan, lowest)),
		// Its own limits can be read; the one that moves is that of processor time.
		rule(seccomp.ActionErrno, "prlimit64", is(0, seccomp.NotEqual, 0),
			append(is(1, seccomp.NotEqual, unix.RLIMIT_CPU), is(2, seccomp.NotEqual, 0)...)),
	}
}

// rule holds where any one of the cases does.
func rule(a seccomp.Action, call string, cases ...seccomp.ArgumentConditions) seccomp.SyscallGroup {
	group := seccomp.SyscallGroup{Action: a}
	for _, c := range cases {
		group.NamesWithCondtions = append(group.NamesWithCondtions, seccomp.NameWithConditions{Name: call, Conditions: c})
	}
	return group
}

func is(argument uint32, operation seccomp.Operation, value uint64) seccomp.ArgumentConditions {
	return seccomp.ArgumentConditions{{Argument: argument, Operation: operation, Value: value}}
}

// filterCalls lets the kernel end this process at the first system call that is not one of a
// worker's. It comes last: its own calls are none of them.
//
// Each rule is a filter of its own, and the kernel takes the strictest answer. Within one filter a
// rule that does not hold would leave an argument where the library then looks for the call.
func filterCalls() error {
	machine, err := arch.GetInfo("")
	if err != nil {
		return err
	}
	for _, r := range rules() {
		if err := filter(seccomp.ActionAllow, r); err != nil {
			return err
		}
	}
	return filter(seccomp.ActionKillProcess,
		seccomp.SyscallGroup{Action: seccomp.ActionAllow, Names: known(machine, calls)},
		seccomp.SyscallGroup{Action: seccomp.ActionErrno, Names: known(machine, refused)},
		seccomp.SyscallGroup{Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS), Names: known(machine, unknown)})
}

func filter(otherwise seccomp.Action, groups ...seccomp.SyscallGroup) error {
	return seccomp.LoadFilter(seccomp.Filter{
		Flag:   seccomp.FilterFlagTSync, // on all threads
		Policy: seccomp.Policy{DefaultAction: otherwise, Syscalls: groups},
	})
}

func known(machine *arch.Info, names []string) []string {
	var known []string
	for _, name := range names {
		if _, ok := machine.SyscallNames[name]; ok {
			known = append(known, name)
		}
	}
	return known
}
