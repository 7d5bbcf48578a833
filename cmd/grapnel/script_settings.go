package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/grapnel-chat/grapnel/scripts"
)

// scriptSettings limit the runs of scripts.
type scriptSettings struct {
	ScriptTimeout  duration `name:"script-timeout" env:"SCRIPT_TIMEOUT" default:"3s" help:"Longest run of a script."`
	ScriptWallTime duration `name:"script-wall-time" env:"SCRIPT_WALL_TIME" default:"30s" help:"Longest run of a script with what it waits for outside."`
	ScriptMaxCalls uint16   `name:"script-max-calls" env:"SCRIPT_MAX_CALLS" default:"20" help:"Most calls to other services in one run of a script."`
	ScriptMemory   size     `name:"script-memory" env:"SCRIPT_MEMORY" default:"64 MB" help:"Most memory that a script may use."`
	ScriptResult   size     `name:"script-result-size" env:"SCRIPT_RESULT_SIZE" default:"1 MB" help:"Largest result of a script."`
	ScriptLog      size     `name:"script-log-size" env:"SCRIPT_LOG_SIZE" default:"64 KB" help:"Most console output of one run that is kept."`
	ScriptSource   size     `name:"script-source-size" env:"SCRIPT_SOURCE_SIZE" default:"512 KB" help:"Largest source of a script."`
}

// Validate refuses limits under which no script runs.
func (s *scriptSettings) Validate() error {
	switch {
	case s.ScriptTimeout.Duration < 10*time.Millisecond || s.ScriptTimeout.Duration > time.Minute:
		return fmt.Errorf("--script-timeout: %s cannot be: use a duration from 10ms to 1m", s.ScriptTimeout)
	case s.ScriptWallTime.Duration < 10*time.Millisecond || s.ScriptWallTime.Duration > 10*time.Minute:
		return fmt.Errorf("--script-wall-time: %s cannot be: use a duration from 10ms to 10m", s.ScriptWallTime)
	case s.ScriptMaxCalls < 1 || s.ScriptMaxCalls > 1000:
		return fmt.Errorf("--script-max-calls: %d cannot be: use 1 to 1000", s.ScriptMaxCalls)
	case s.ScriptMemory < 16<<20 || s.ScriptMemory > 4<<30:
		return errors.New("--script-memory: no script runs in so little, or may have so much: use 16 MB to 4 GB")
	default:
		return nil
	}
}

func (s *scriptSettings) scriptLimits() scripts.Limits {
	return scripts.Limits{
		Timeout: s.ScriptTimeout.Duration, Memory: int64(s.ScriptMemory), ResultSize: int64(s.ScriptResult),
		LogSize: int64(s.ScriptLog), SourceSize: int64(s.ScriptSource),
		WallTime: max(s.ScriptWallTime.Duration, s.ScriptTimeout.Duration), MaxCalls: int64(s.ScriptMaxCalls),
	}
}

// startPool starts workers that are this very program.
func startPool(ctx context.Context, c scripts.Config) (*scripts.Pool, error) {
	self, err := ownFile()
	if err != nil {
		return nil, fmt.Errorf("find the program's own file, which runs the scripts: %w", err)
	}
	c.Command = []string{self, "script-worker"}
	pool := scripts.NewPool(c)
	if err := pool.Start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start a worker for scripts: %w", err), pool.Close())
	}
	return pool, nil
}

// tool is what a command that runs scripts itself needs: one worker, and no log.
func (s *scriptSettings) tool() scripts.Config {
	return scripts.Config{Workers: 1, Limits: s.scriptLimits(), Logger: slog.New(slog.DiscardHandler)}
}
