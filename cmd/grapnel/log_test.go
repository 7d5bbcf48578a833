package main

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// countedWrites is what was written, and how often.
type countedWrites struct {
	mu      sync.Mutex
	written strings.Builder
	writes  int
}

func (c *countedWrites) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes++
	return c.written.Write(b)
}

func (c *countedWrites) so(t *testing.T, lines, writes int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if got := strings.Count(c.written.String(), "\n"); got != lines || c.writes != writes {
		t.Errorf("%d lines in %d writes, want %d in %d", got, c.writes, lines, writes)
	}
}

func TestLinesAreWrittenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out countedWrites
		logger, lines := newLogger(&out, slog.LevelInfo)
		for range 3 {
			logger.Info("request")
		}
		out.so(t, 0, 0)
		<-time.After(2 * linger) // the bubble's time
		out.so(t, 3, 1)

		logger.Info("before")
		logger.With("a", 1).WithGroup("g").Warn("urgent")
		out.so(t, 5, 2)

		logger.Info("long", "text", strings.Repeat("x", fullLog))
		out.so(t, 6, 3)

		logger.Info("last")
		lines.flush()
		out.so(t, 7, 4)
	})
}
