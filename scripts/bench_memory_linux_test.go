package scripts_test

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/grapnel-chat/grapnel/scripts"
)

// BenchmarkMemory reports what a worker holds before its first call, and how much each of 500
// scripts adds that were called in it, the garbage of their calls included. One round tells all:
// -benchtime 1x.
func BenchmarkMemory(b *testing.B) {
	const cached = 500
	var idle, one, many float64
	for b.Loop() {
		p := startPool(b, func(c *scripts.Config) { c.Workers, c.Limits.Memory = 1, 1<<30 }) // none is dropped
		idle = kilobytesOfWorkers(b) / float64(len(workerPIDs(b)))
		call := pushCall(b, p)
		for range cached { // as many calls as below, so that their garbage is there in both
			mustRun(b, p, call)
		}
		one = kilobytesOfWorkers(b)
		for i := range cached {
			call.Owner = strconv.Itoa(i)
			mustRun(b, p, call)
		}
		many = kilobytesOfWorkers(b)
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(idle, "KB/worker")
	b.ReportMetric((many-one)/cached, "KB/script")
}

// workerPIDs are the processes that this one has started.
func workerPIDs(b *testing.B) []string {
	b.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		b.Skip(err)
	}
	var pids []string
	for _, task := range tasks {
		list, err := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		if err == nil { // else the thread has just ended
			pids = append(pids, strings.Fields(string(list))...)
		}
	}
	return pids
}

// kilobytesOfWorkers is what they hold together, shared pages divided among their holders.
func kilobytesOfWorkers(b *testing.B) float64 {
	b.Helper()
	total := 0.0
	for _, pid := range workerPIDs(b) {
		rollup, err := os.ReadFile("/proc/" + pid + "/smaps_rollup")
		if err != nil {
			b.Fatal(err)
		}
		_, line, _ := bytes.Cut(rollup, []byte("\nPss:"))
		kilobytes, err := strconv.ParseFloat(string(bytes.Fields(line)[0]), 64)
		if err != nil {
			b.Fatal(err)
		}
		total += kilobytes
	}
	return total
}
