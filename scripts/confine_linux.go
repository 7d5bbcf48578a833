package scripts

import (
	"bytes"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Enough for stdin, stdout, stderr and what Go's runtime opens to wait for them.
const maxFiles = 16

// limitProcess asks the kernel to stop what slips past the monitor: a single huge allocation, above
// all. What cannot be set is left: the monitor and the parent's clock stand on their own.
func limitProcess(l Limits) {
	if size, ok := dataSize(); ok {
		most := size + uint64(2*l.Memory) + l.kept() //nolint:gosec // positive
		_ = unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: most, Max: most})
	}
	_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: maxFiles, Max: maxFiles})
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	_ = unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{})
	_ = forbidPrivileges()
}

// forbidPrivileges sets no_new_privs on all threads, or on those to come where cgo keeps the others
// from Go.
func forbidPrivileges() error {
	_, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
	if errno == syscall.ENOTSUP {
		return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	}
	if errno != 0 {
		return errno
	}
	return nil
}

// dataSize is what RLIMIT_DATA counts: the private memory that can be written.
func dataSize() (uint64, bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	_, line, ok := bytes.Cut(status, []byte("\nVmData:"))
	if !ok {
		return 0, false
	}
	fields := bytes.Fields(line)
	kilobytes, err := strconv.ParseUint(string(fields[0]), 10, 64)
	return kilobytes << 10, err == nil
}
