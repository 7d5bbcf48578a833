package scripts_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grapnel-chat/grapnel/scripts"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// BenchmarkReplaceWarm is from the moment that the time of a worker is up which is late, and which its
// parent kills, to the answer of the same script's next call, which the spare gives.
func BenchmarkReplaceWarm(b *testing.B) { benchmarkReplace(b, false) }

// BenchmarkReplaceCold is the same where the spare has just ended, so that another worker has to be
// started first.
func BenchmarkReplaceCold(b *testing.B) { benchmarkReplace(b, true) }

func benchmarkReplace(b *testing.B, cold bool) {
	const timeout = 300 * time.Millisecond
	p := startPool(b, func(c *scripts.Config) { c.Workers, c.Limits.Timeout = 1, timeout })
	call := pushCall(b, p)
	call.Compiled = strings.Replace(call.Compiled, " stateless", "", 1) // so that it stays in the worker where it was tried
	var killed, replaced, worst time.Duration
	for i := 0; b.Loop(); i++ {
		call.Owner = strconv.Itoa(i)
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
		late := time.Now().Add(timeout + wire.ParentGrace)
		if _, err := p.Run(context.Background(), call); err == nil {
			b.Fatal("a worker that stands still answered")
		}
		killed += time.Since(late)
		mustRun(b, p, call)
		took := time.Since(late)
		replaced += took
		worst = max(worst, took)
	}
	mean := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(b.N) }
	b.ReportMetric(mean(killed), "ms-to-kill")
	b.ReportMetric(mean(replaced), "ms-to-next-call")
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
