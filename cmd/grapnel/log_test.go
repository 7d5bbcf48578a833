package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// countedWrites is what was written, and how often.
type countedWrites struct {
	bytes.Buffer
	writes int
}

func (c *countedWrites) Write(b []byte) (int, error) {
	c.writes++
	return c.Buffer.Write(b)
}

func TestLinesAreWrittenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out countedWrites
		logger, lines := newLogger(&out, slog.LevelInfo)
		for range 3 {
			logger.Info("request")
		}
		if out.writes != 0 {
			t.Fatalf("written at once: %s", out.String())
		}
		<-time.After(linger) // the bubble's time
		synctest.Wait()
		if got := strings.Count(out.String(), "\n"); got != 3 || out.writes != 1 {
			t.Errorf("%d lines in %d writes, want 3 in 1", got, out.writes)
		}

		logger.Info("before")
		logger.With("a", 1).WithGroup("g").Warn("urgent")
		if got := strings.Count(out.String(), "\n"); got != 5 || out.writes != 2 {
			t.Errorf("after a warning %d lines in %d writes, want 5 in 2", got, out.writes)
		}

		logger.Info("long", "text", strings.Repeat("x", fullLog))
		if out.writes != 3 {
			t.Error("a full buffer waits")
		}
		logger.Info("last")
		lines.flush()
		if !strings.Contains(out.String(), `"last"`) {
			t.Error("flush left a line")
		}
	})
}
