package main_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/scripts"
)

// BenchmarkWorkerStart is from nothing to a worker of the real program that is ready.
func BenchmarkWorkerStart(b *testing.B) {
	var start time.Duration
	for b.Loop() {
		p := scripts.NewPool(scripts.Config{Command: []string{binary, "script-worker"}})
		begin := time.Now()
		if err := p.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
		start += time.Since(begin)
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(start.Microseconds())/float64(b.N), "µs-to-ready")
}

// BenchmarkIdle reports what a server that has just started holds, and its worker: in all, pages of
// the program divided among those who share them, and for itself alone. One round tells all:
// -benchtime 1x.
func BenchmarkIdle(b *testing.B) {
	for b.Loop() {
		p := serve(b, b.TempDir())
		workers := children(b, p.cmd.Process.Pid)
		if len(workers) != 1 {
			b.Fatalf("workers %v, want the spare one", workers)
		}
		b.ReportMetric(held(b, strconv.Itoa(p.cmd.Process.Pid), "Pss"), "KB/server")
		b.ReportMetric(held(b, workers[0], "Pss"), "KB/worker")
		b.ReportMetric(held(b, workers[0], "Pss_Anon"), "KB-own/worker")
		p.stop()
	}
}

// children are the processes that one has started.
func children(b *testing.B, pid int) (pids []string) {
	b.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil || len(lists) == 0 {
		b.Skip("this kernel does not tell children: ", err)
	}
	for _, list := range lists {
		if text, err := os.ReadFile(list); err == nil { // else the thread has just ended
			pids = append(pids, strings.Fields(string(text))...)
		}
	}
	return pids
}

// held reads a line of /proc/PID/smaps_rollup.
func held(b *testing.B, pid, name string) float64 {
	b.Helper()
	rollup, err := os.ReadFile(filepath.Join("/proc", pid, "smaps_rollup"))
	if err != nil {
		b.Fatal(err)
	}
	_, line, _ := bytes.Cut(rollup, []byte("\n"+name+":"))
	kilobytes, err := strconv.ParseFloat(string(bytes.Fields(line)[0]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes
}
