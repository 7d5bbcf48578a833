package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
)

const (
	concurrency = 64
	// lease is how long a claim holds. An attempt gives up before, so that only a crash lets it end.
	lease = 2 * time.Minute
	// patience is how long an attempt may wait for its scripts and its receiver.
	patience = lease - 20*time.Second
	// putOff is the wait after an attempt that the server itself could not make.
	putOff = 5 * time.Second
	// settle is how long calls under way may take once the server stops.
	settle = 25 * time.Second
	// rest is the pause after the store refused a claim.
	rest = time.Second
)

// Sender makes one call. Refused addresses are *outbound.RefusedError.
type Sender interface {
	Do(ctx context.Context, r outbound.Request) (*outbound.Response, error)
}

// Config is what a Worker stands on.
type Config struct {
	Queue   integrations.Queue
	Service *integrations.Service
	Sender  Sender
	Policy  integrations.Policy
	Logger  *slog.Logger
	// InsecureTLS says whether receivers may have certificates that nobody vouches for; nil: no.
	InsecureTLS func() bool
	// Attempted is told of each attempt after it was recorded; nil: nobody.
	Attempted func(Attempt)
}

// Attempt is one try of a delivery.
type Attempt struct {
	DeliveryID    string
	IntegrationID string
	Number        int // from 1
	Status        int // of the answer; zero: none
	Step          integrations.Step
	State         integrations.State
	Duration      time.Duration
}

// Worker carries deliveries out.
type Worker struct {
	Config

	slots   chan struct{}
	running sync.WaitGroup
}

// New makes a worker.
func New(cfg Config) *Worker { return &Worker{Config: cfg, slots: make(chan struct{}, concurrency)} }

// Run carries out what is due until the context ends, and then lets the calls under way finish.
func (w *Worker) Run(ctx context.Context) error {
	calls, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	for ctx.Err() == nil {
		started, err := w.startDue(ctx, calls)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			w.Logger.ErrorContext(ctx, "deliveries were not claimed", "error", err)
			wait(ctx, w.Queue.Added(), rest)
		case started == 0:
			w.waitForDue(ctx)
		}
	}
	late := time.AfterFunc(settle, cancel)
	defer late.Stop()
	w.running.Wait()
	return nil
}

// startDue claims as many deliveries as there are free slots and starts them.
func (w *Worker) startDue(ctx, calls context.Context) (started int, err error) {
	free := w.takeSlots(ctx)
	if free == 0 {
		return 0, ctx.Err()
	}
	rows, err := w.Queue.Claim(ctx, integrations.Claim{Now: now(), Lease: lease, Limit: free})
	for range free - len(rows) {
		<-w.slots
	}
	for _, row := range rows {
		w.running.Go(func() {
			defer func() { <-w.slots }()
			w.attempt(calls, row)
		})
	}
	return len(rows), err
}

// takeSlots waits for one free slot and then takes all that are free.
func (w *Worker) takeSlots(ctx context.Context) (taken int) {
	select {
	case w.slots <- struct{}{}:
	case <-ctx.Done():
		return 0
	}
	for taken = 1; taken < cap(w.slots); taken++ {
		select {
		case w.slots <- struct{}{}:
		default:
			return taken
		}
	}
	return taken
}

// waitForDue waits until something is added or the next delivery is due.
func (w *Worker) waitForDue(ctx context.Context) {
	due, err := w.Queue.NextDue(ctx)
	if err != nil {
		wait(ctx, w.Queue.Added(), rest)
		return
	}
	limit := time.Hour
	if !due.IsZero() {
		limit = max(time.Until(due), time.Millisecond)
	}
	wait(ctx, w.Queue.Added(), limit)
}

func wait(ctx context.Context, added <-chan struct{}, limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-added:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// attempt makes one attempt and records what came of it.
func (w *Worker) attempt(ctx context.Context, row integrations.Row) {
	d, err := row.Delivery()
	if err != nil { // it will not be readable later either, so it is not tried again
		end := integrations.Record{ID: row.ID, Fence: row.Fence, At: now(), State: integrations.Dead, Progress: row.Progress}
		_, unrecorded := w.Queue.Record(ctx, []integrations.Record{end})
		w.Logger.ErrorContext(ctx, "delivery cannot be read", "delivery_id", row.ID, "error", errors.Join(err, unrecorded))
		return
	}
	started := time.Now()
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	before := d.Progress.Attempts
	end := w.carryOut(bounded, &d)
	if ctx.Err() != nil && end.state != integrations.Done { // cut off by the server's end
		end = w.putOff(ctx, &d, ctx.Err())
	}
	if end.putOff {
		d.Progress = integrations.Progress{Attempts: before, Step: integrations.StepPlanned}
	}
	w.record(context.WithoutCancel(ctx), d, end, started)
}

// ending is what becomes of a delivery after an attempt.
type ending struct {
	state  integrations.State
	at     time.Time
	due    time.Time
	status int
	putOff bool // the attempt does not count
}

func (w *Worker) record(ctx context.Context, d integrations.Delivery, end ending, started time.Time) {
	var lost []string
	progress, err := json.Marshal(d.Progress)
	if err == nil {
		lost, err = w.Queue.Record(ctx, []integrations.Record{{
			ID: d.ID, Fence: d.Fence, At: end.at, Due: end.due, State: end.state, Progress: progress,
		}})
	}
	a := Attempt{
		DeliveryID: d.ID, IntegrationID: d.IntegrationID, Number: d.Progress.Attempts, Status: end.status,
		Step: d.Progress.Step, State: end.state, Duration: time.Since(started),
	}
	line := []any{
		"delivery_id", a.DeliveryID, "integration_id", a.IntegrationID, "attempt", a.Number, "status", a.Status,
		"step", string(a.Step), "state", string(a.State), "duration_ms", a.Duration.Milliseconds(),
	}
	if d.Progress.HTTPError != "" { // a script's own error may hold what it was given, so it is not logged
		line = append(line, "cause", d.Progress.HTTPError)
	}
	level := slog.LevelInfo
	if a.State == integrations.Dead {
		level = slog.LevelWarn
	}
	w.Logger.Log(ctx, level, "delivery attempted", line...)
	if len(lost) > 0 {
		return // somebody else goes on with it, or its integration was removed
	}
	if err != nil {
		w.Logger.ErrorContext(ctx, "attempt was not recorded, the delivery will be made again",
			"delivery_id", d.ID, "error", fmt.Errorf("record attempt: %w", err))
		return
	}
	if w.Attempted != nil {
		w.Attempted(a)
	}
}

// jitter spreads retries that would all come at once.
func jitter() float64 { return rand.Float64() } //nolint:gosec // no secret depends on it

// now is the time as stores keep it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
