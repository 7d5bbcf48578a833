package beside

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CPU is the processor time that a server, its worker processes and we ourselves have used.
type CPU struct {
	Server, Workers, Client time.Duration
}

// Since is what was used after an earlier look.
func (c CPU) Since(before CPU) CPU {
	return CPU{c.Server - before.Server, c.Workers - before.Workers, c.Client - before.Client}
}

// Memory is what they hold now, in bytes, shared pages divided among their holders.
type Memory struct {
	Server, Workers int64
}

// tick is the unit of CPU times in /proc: USER_HZ, which Linux fixes at 100 for programs.
const tick = 10 * time.Millisecond

// CPU adds up the times. Workers that have ended count too: their parent inherits them.
func (p *Process) CPU() (CPU, error) {
	client, err := readStat(os.Getpid())
	if err != nil {
		return CPU{}, err
	}
	server, err := readStat(p.cmd.Process.Pid)
	if err != nil {
		return CPU{}, err
	}
	children, err := p.Children()
	if err != nil {
		return CPU{}, err
	}
	used := CPU{Server: server.own, Workers: server.ended, Client: client.own}
	for _, pid := range children {
		if worker, err := readStat(pid); err == nil { // else it ended just now
			used.Workers += worker.own + worker.ended
		}
	}
	return used, nil
}

// Allocated reads the bytes allocated so far from the server's metrics; not a number if the
// server does not tell.
func (p *Process) Allocated(ctx context.Context) float64 {
	return p.Metric(ctx, "go_memstats_alloc_bytes_total")
}

// Metric reads one of the server's metrics, named with its labels; not a number if it does not tell.
func (p *Process) Metric(ctx context.Context, name string) float64 {
	text, err := p.Fetch(ctx, http.MethodGet, "/metrics", nil, nil)
	if err != nil {
		return math.NaN()
	}
	return metric(text, name)
}

func metric(text []byte, name string) float64 {
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			if n, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
				return n
			}
		}
	}
	return math.NaN()
}

// Memory reads how much the server and its workers hold.
func (p *Process) Memory() (Memory, error) {
	server, err := pss(p.cmd.Process.Pid)
	if err != nil {
		return Memory{}, err
	}
	children, err := p.Children()
	if err != nil {
		return Memory{}, err
	}
	m := Memory{Server: server}
	for _, pid := range children {
		if size, err := pss(pid); err == nil { // else it ended just now
			m.Workers += size
		}
	}
	return m, nil
}

// Children gives the processes that the server has started. Where the kernel lists them they are not
// looked for among all: who looks often would use more of the machine than what is measured.
func (p *Process) Children() ([]int, error) {
	lists, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(p.PID()), "task", "*", "children"))
	if err != nil || len(lists) == 0 {
		return p.childrenAmongAll()
	}
	var pids []int
	for _, list := range lists {
		text, err := os.ReadFile(list) //nolint:gosec // in /proc
		if err != nil {
			continue // the thread ended just now
		}
		for field := range strings.FieldsSeq(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids, nil
}

func (p *Process) childrenAmongAll() ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if s, err := readStat(pid); err == nil && s.parent == p.PID() {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// stat is the part of /proc/PID/stat that we use.
type stat struct {
	parent     int
	own, ended time.Duration // CPU of the process; of its children that have ended
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return stat{}, err
	}
	return parseStat(string(text))
}

// parseStat counts the fields from the last parenthesis: a process name may hold spaces and
// parentheses itself.
func parseStat(text string) (stat, error) {
	const parent, utime, stime, cutime, cstime = 1, 11, 12, 13, 14
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) <= cstime {
		return stat{}, fmt.Errorf("%d fields in /proc/PID/stat", len(fields))
	}
	var n [cstime + 1]int
	for _, i := range []int{parent, utime, stime, cutime, cstime} {
		var err error
		if n[i], err = strconv.Atoi(fields[i]); err != nil {
			return stat{}, err
		}
	}
	return stat{
		parent: n[parent],
		own:    time.Duration(n[utime]+n[stime]) * tick,
		ended:  time.Duration(n[cutime]+n[cstime]) * tick,
	}, nil
}

// pss reads a process's proportional set size in bytes.
func pss(pid int) (int64, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "smaps_rollup"))
	if err != nil {
		return 0, err
	}
	return parsePSS(text)
}

func parsePSS(text []byte) (int64, error) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 3 && fields[0] == "Pss:" {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("no Pss line in /proc/PID/smaps_rollup")
}

// ForgetPeak makes Size.Peak speak of what comes from now on.
func ForgetPeak(pid int) error {
	const peak = "5" // what of a process is cleared
	return os.WriteFile(filepath.Join("/proc", strconv.Itoa(pid), "clear_refs"), []byte(peak), 0)
}

// Size is what a process holds, in bytes.
type Size struct {
	Now, Peak int64 // resident memory; Peak is the most since the start or ForgetPeak
	parent    int
}

// SizeOf reads the size of a process.
func SizeOf(pid int) (Size, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return Size{}, err
	}
	return parseStatus(text)
}

// Workers reads the sizes of the processes that the server has started.
func (p *Process) Workers() ([]Size, error) {
	children, err := p.Children()
	if err != nil {
		return nil, err
	}
	var sizes []Size
	for _, pid := range children {
		size, err := SizeOf(pid)
		if err == nil && size.parent == p.PID() { // else it ended just now, and another program may have its number
			sizes = append(sizes, size)
		}
	}
	return sizes, nil
}

// PID tells which process it is.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// parseStatus reads /proc/PID/status. That of a process that has ended and is not waited for yet has no
// sizes.
func parseStatus(text []byte) (Size, error) {
	var now, peak, parent int64
	missing := map[string]*int64{"VmRSS": &now, "VmHWM": &peak, "PPid": &parent}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		number, wanted := missing[name]
		if !wanted {
			continue
		}
		delete(missing, name)
		digits, _, _ := strings.Cut(strings.TrimSpace(value), " ")
		var err error
		if *number, err = strconv.ParseInt(digits, 10, 64); err != nil {
			return Size{}, fmt.Errorf("%s in /proc/PID/status: %w", name, err)
		}
	}
	if len(missing) > 0 {
		return Size{}, fmt.Errorf("no %v in /proc/PID/status", slices.Sorted(maps.Keys(missing)))
	}
	return Size{Now: now << 10, Peak: peak << 10, parent: int(parent)}, nil
}
