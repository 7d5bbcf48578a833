package scripts

import (
	"bytes"
	"os"
	"strconv"

	"github.com/landlock-lsm/go-landlock/landlock"
	landlocks "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// Enough for stdin, stdout, stderr and what Go's runtime opens to wait for them.
const maxFiles = 16

// limitProcess asks the kernel to hold what slips past the monitor and the engine: a single huge
// allocation above all, and whoever finds a way out of JavaScript. What cannot be had is left: the
// monitor and the parent's clock stand on their own. The order matters, as each step takes away
// what the ones before it need.
func limitProcess(l Limits) (lacks []string) {
	limitData(l)
	version, files := denyFiles()
	_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: maxFiles, Max: maxFiles})
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	_ = unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{})
	letProcessorTimeKill()
	return lacking(version, files, filterCalls())
}

// lacking names what the kernel did not grant. Rules for TCP came to Landlock later, and matter
// where no filter forbids sockets.
func lacking(landlockVersion int, files, filter error) (lacks []string) {
	const withTCP = 4
	switch {
	case files != nil || landlockVersion < 1:
		lacks = append(lacks, "Landlock")
	case landlockVersion < withTCP && filter != nil:
		lacks = append(lacks, "Landlock for TCP")
	}
	if filter != nil {
		lacks = append(lacks, "seccomp")
	}
	return lacks
}

// limitData counts from what the process has by now: a server's whole binary begins with more than
// a small worker, one with cgo with more again.
func limitData(l Limits) {
	size, ok := dataSize()
	if !ok {
		return
	}
	most := size + uint64(2*l.Memory) + l.kept() //nolint:gosec // positive
	_ = unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: most, Max: most})
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

// denyFiles takes the file system and TCP away with Landlock, as far as the kernel's version of it
// goes, and says which one that is.
//
// It forbids new privileges as well, on all threads, also those that cgo keeps from Go.
func denyFiles() (version int, err error) {
	version, err = landlocks.LandlockGetABIVersion()
	if err == nil {
		err = landlock.V11.BestEffort().Restrict()
	}
	if err != nil {
		_ = landlocks.AllThreadsPrctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) // without, there is no filter either
	}
	return version, err
}
