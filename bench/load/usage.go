package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// cpu is the processor time that a server, its worker processes and we ourselves have used.
type cpu struct {
	server, workers, client time.Duration
}

func (c cpu) since(before cpu) cpu {
	return cpu{c.server - before.server, c.workers - before.workers, c.client - before.client}
}

// memory is what they hold now, in bytes, shared pages divided among their holders.
type memory struct {
	server, workers int64
}

// tick is the unit of CPU times in /proc: USER_HZ, which Linux fixes at 100 for programs.
const tick = 10 * time.Millisecond

// cpu adds up the times. Workers that have ended count too: their parent inherits them.
func (p *process) cpu() (cpu, error) {
	client, err := readStat(os.Getpid())
	if err != nil {
		return cpu{}, err
	}
	server, err := readStat(p.cmd.Process.Pid)
	if err != nil {
		return cpu{}, err
	}
	children, err := p.children()
	if err != nil {
		return cpu{}, err
	}
	used := cpu{server: server.own, workers: server.ended, client: client.own}
	for _, pid := range children {
		if worker, err := readStat(pid); err == nil { // else it ended just now
			used.workers += worker.own + worker.ended
		}
	}
	return used, nil
}

// allocated reads the bytes allocated so far from the server's metrics; not a number if the
// server does not tell.
func (p *process) allocated(ctx context.Context) float64 {
	text, err := p.fetch(ctx, http.MethodGet, "/metrics", nil, nil)
	if err != nil {
		return math.NaN()
	}
	return metric(text, "go_memstats_alloc_bytes_total")
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

// memory reads how much the server and its workers hold.
func (p *process) memory() (memory, error) {
	server, err := pss(p.cmd.Process.Pid)
	if err != nil {
		return memory{}, err
	}
	children, err := p.children()
	if err != nil {
		return memory{}, err
	}
	m := memory{server: server}
	for _, pid := range children {
		if size, err := pss(pid); err == nil { // else it ended just now
			m.workers += size
		}
	}
	return m, nil
}

// children gives the processes that the server has started.
func (p *process) children() ([]int, error) {
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
		stat, err := readStat(pid)
		if err == nil && stat.parent == p.cmd.Process.Pid {
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
