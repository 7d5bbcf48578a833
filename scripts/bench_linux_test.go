package scripts_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/scripts"
)

// BenchmarkReplaceWarm is from the moment that the parent kills a worker that is late to the answer
// of another integration's first call, which the spare gives.
func BenchmarkReplaceWarm(b *testing.B) { benchmarkReplace(b, false) }

// BenchmarkReplaceCold is the same where the spare has just ended, so that another worker has to be
// started first.
func BenchmarkReplaceCold(b *testing.B) { benchmarkReplace(b, true) }

func benchmarkReplace(b *testing.B, cold bool) {
	p := startPool(b, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, 300*time.Millisecond })
	call := pushCall(b, p)
	next := call
	var total, worst time.Duration
	for i := 0; b.Loop(); i++ {
		call.Version, next.Owner = strconv.Itoa(i), "next "+strconv.Itoa(i)
		before := p.Stats().Workers
		mustRun(b, p, call)
		waitForSpare(b, p)
		for _, w := range p.Stats().Workers {
			switch {
			case w.Spare && cold:
				_ = syscall.Kill(w.PID, syscall.SIGKILL) // it may have ended just now
			case w.Calls > callsOf(before, w.PID):
				stop(b, w.PID) // so that it cannot even end itself
			}
		}
		if _, err := p.Run(context.Background(), call); err == nil {
			b.Fatal("a worker that stands still answered")
		}
		begin := time.Now()
		mustRun(b, p, next)
		took := time.Since(begin)
		total += took
		worst = max(worst, took)
	}
	b.ReportMetric(float64(total.Microseconds())/1000/float64(b.N), "ms-to-next-call")
	b.ReportMetric(float64(worst.Microseconds())/1000, "ms-at-worst")
}

func callsOf(workers []scripts.WorkerStats, pid int) int64 {
	for _, w := range workers {
		if w.PID == pid {
			return w.Calls
		}
	}
	return 0
}

// waitForSpare returns when one is ready, and no other worker is being started.
func waitForSpare(b *testing.B, p *scripts.Pool) {
	b.Helper()
	for {
		for _, w := range p.Stats().Workers {
			if w.Spare {
				return
			}
		}
		<-time.After(time.Millisecond)
	}
}

// stop lets a process stand still, and returns when all its threads do.
func stop(tb testing.TB, pid int) {
	tb.Helper()
	_ = syscall.Kill(pid, syscall.SIGSTOP) // it may have ended just now
	for {
		standing := true
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
		if err != nil {
			tb.Fatal(err)
		}
		for _, task := range tasks {
			stat, err := os.ReadFile(task)
			standing = standing && (err != nil || bytes.Contains(stat, []byte(") T ")) || bytes.Contains(stat, []byte(") Z ")))
		}
		if standing {
			return
		}
		<-time.After(time.Millisecond)
	}
}
