package confine

import (
	"bytes"
	"os"
	"strconv"

	"github.com/landlock-lsm/go-landlock/landlock"
	landlocks "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// Enough for stdin, stdout, stderr and what Go's runtime opens to wait for them.
const maxFiles = 16

// limitProcess asks the kernel to hold what slips past the monitor and the engine: a single huge
// allocation above all, and whoever finds a way out of JavaScript. What cannot be had is left: the
// monitor and the parent's clock stand on their own. The order matters, as each step takes away
// what the ones before it need.
func limitProcess(l wire.Limits) (lacks []string) {
	limitMemory(l)
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

// limitMemory counts from what the process has by now: a server's whole binary begins with more than
// a small worker, one with cgo with more again.
//
// The limit of data alone would not do. Go's runtime reserves addresses first and makes them usable
// afterwards, in their place, and a kernel such as Linux 6.18 does not count what takes the place of
// something else before it grants it: one allocation may be as large as it likes.
func limitMemory(l wire.Limits) {
	data, size := sizeOfProcess("VmData"), sizeOfProcess("VmSize")
	budget := uint64(2*l.Memory) + l.Kept() //nolint:gosec // positive
	if data > 0 {
		_ = unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: data + budget, Max: data + budget})
	}
	if size > 0 {
		most := size + budget + spareAddresses
		_ = unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: most, Max: most})
	}
}

// sizeOfProcess reads a size from /proc/self/status, zero if it cannot be had. VmData is the private
// memory that can be written, which RLIMIT_DATA counts; VmSize all addresses that are taken.
func sizeOfProcess(name string) uint64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, line, _ := bytes.Cut(status, []byte("\n"+name+":"))
	fields := bytes.Fields(line)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, _ := strconv.ParseUint(string(fields[0]), 10, 64)
	return kilobytes << 10
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
