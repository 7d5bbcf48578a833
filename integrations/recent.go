package integrations

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	linked "container/list"

	"github.com/grapnel-chat/grapnel/workspace"
)

// Run is the latest call of one of a script's methods. It is kept in memory alone, so that no hook
// waits for a disk because of it, and is gone when the process ends.
type Run struct {
	IntegrationID string
	Method        ScriptMethod
	At            time.Time // when it ended
	Outcome       Outcome
	Took          time.Duration // the script's own time; zero where it is unknown
	Memory        int64         // zero where it is unknown
	Console       []string
	Error         string // with its place, where it failed
}

// LastRun is what is known of an integration's script.
type LastRun struct {
	Failure *LastError // the latest one, kept until the integration is removed
	Runs    []Run      // the latest of each method since the start, the newest first
	// Syntax is why the script does not run at all, nil if it does.
	Syntax *ScriptFault
	// Throttled is nil while the script is run.
	Throttled *ScriptThrottledError
}

// LastRun answers what is known of an integration's script to who may manage it.
func (s *Service) LastRun(ctx context.Context, caller workspace.User, id string) (LastRun, error) {
	i, err := s.Find(ctx, caller, id, "")
	if err != nil {
		return LastRun{}, err
	}
	out := LastRun{Runs: s.recent.of(i.ID), Syntax: i.ScriptError, Throttled: s.Scripts.Throttled(i.ID)}
	last, err := s.Store.LastError(ctx, i.ID)
	switch {
	case err == nil:
		out.Failure = &last
	case !errors.Is(err, workspace.ErrNotFound):
		return out, fmt.Errorf("read last error: %w", err)
	}
	return out, nil
}

// What is kept of runs, at most: enough for the integrations that somebody is working on.
const (
	mostRuns       = 512
	mostRunConsole = 64 << 10 // bytes of one run
	mostConsole    = 16 << 20 // bytes of all runs
)

// recentRuns keeps the latest run of each method. Those that ended longest ago go first.
type recentRuns struct {
	mu    sync.Mutex
	order *linked.List // of Run, the newest first
	byKey map[runKey]*linked.Element
	bytes int
}

type runKey struct {
	integrationID string
	method        ScriptMethod
}

func newRecentRuns() *recentRuns {
	return &recentRuns{order: linked.New(), byKey: make(map[runKey]*linked.Element)}
}

// put keeps a run in place of the one before it.
func (r *recentRuns) put(run Run) {
	run.Console = cutLines(run.Console, mostRunConsole)
	r.mu.Lock()
	defer r.mu.Unlock()
	key := runKey{run.IntegrationID, run.Method}
	if old, ok := r.byKey[key]; ok {
		r.remove(old)
	}
	r.byKey[key] = r.order.PushFront(run)
	r.bytes += sizeOf(run)
	for r.order.Len() > mostRuns || r.bytes > mostConsole {
		r.remove(r.order.Back())
	}
}

// of answers the runs of an integration.
func (r *recentRuns) of(integrationID string) []Run {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []Run
	for _, method := range []ScriptMethod{ProcessIncomingRequest, ProcessOutgoingResponse, PrepareOutgoingRequest} {
		if e, ok := r.byKey[runKey{integrationID, method}]; ok {
			run, _ := e.Value.(Run)
			if len(found) > 0 && run.At.After(found[0].At) {
				found = append([]Run{run}, found...)
			} else {
				found = append(found, run)
			}
		}
	}
	return found
}

// forget drops the runs of an integration that is gone.
func (r *recentRuns) forget(integrationID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, method := range []ScriptMethod{ProcessIncomingRequest, PrepareOutgoingRequest, ProcessOutgoingResponse} {
		if e, ok := r.byKey[runKey{integrationID, method}]; ok {
			r.remove(e)
		}
	}
}

func (r *recentRuns) remove(e *linked.Element) {
	run, _ := r.order.Remove(e).(Run)
	r.bytes -= sizeOf(run)
	delete(r.byKey, runKey{run.IntegrationID, run.Method})
}

// sizeOf counts what grows with the script's will.
func sizeOf(run Run) int {
	size := len(run.Error)
	for _, line := range run.Console {
		size += len(line)
	}
	return size
}

// cutLines leaves out the lines that go beyond so many bytes.
func cutLines(lines []string, most int) []string {
	for n, line := range lines {
		if most -= len(line); most < 0 {
			return append(lines[:n:n], "(the rest is not kept)")
		}
	}
	return lines
}
