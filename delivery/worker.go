package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/outbound"
)

const (
	// lease is how long a claim holds, beside the time that scripts take. An attempt gives up before, so
	// that only a crash lets it end.
	lease = 2 * time.Minute
	// margin is what an attempt leaves of its lease, for recording what it did.
	margin = 20 * time.Second
	// putOffWait is the wait after an attempt that the server itself could not make.
	putOffWait = 5 * time.Second
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
	// ScriptTime is the longest run of a script. An attempt runs two, which nothing cuts short.
	ScriptTime time.Duration
	// Rounds is how often the worker looks for what nobody signals: what other servers have parked, and
	// what was held and may go on. Zero: every two seconds.
	Rounds time.Duration
	// Attempted is told of each attempt after it was recorded; nil: nobody.
	Attempted func(Attempt)
	// Journal logs each attempt with what was sent and answered; nil: nothing is logged.
	Journal *integrations.Journal
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

	roster  *roster
	running sync.WaitGroup
}

// New makes a worker.
func New(cfg Config) *Worker {
	cfg.Rounds = cmp.Or(cfg.Rounds, 2*time.Second)
	return &Worker{Config: cfg, roster: newRoster()}
}

// lease is how long a claim holds.
func (w *Worker) lease() time.Duration { return lease + 2*w.ScriptTime }

// Stats answers what the worker holds now.
func (w *Worker) Stats() Stats { return w.roster.stats(now()) }

// Run carries out what is due until the context ends, and then lets the calls under way finish.
func (w *Worker) Run(ctx context.Context) error {
	calls, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	w.running.Go(func() { w.fillLanes(ctx, calls) })
	w.claimDue(ctx, calls)
	w.do(calls, w.roster.close())
	late := time.AfterFunc(settle, cancel)
	defer late.Stop()
	w.running.Wait()
	return nil
}

// claimDue claims what is due, as long as the context lasts.
func (w *Worker) claimDue(ctx, calls context.Context) {
	for ctx.Err() == nil {
		taken, err := w.takeDue(ctx, calls)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			w.Logger.ErrorContext(ctx, "deliveries were not claimed", "error", err)
			wait(ctx, w.Queue.Added(), rest)
		case taken < mostClaim:
			w.waitForDue(ctx)
		}
	}
}

// takeDue claims what is due, wherever it belongs, begins what there is room for and parks the rest.
func (w *Worker) takeDue(ctx, calls context.Context) (taken int, err error) {
	at := now()
	rows, err := w.Queue.Claim(ctx, integrations.Claim{Now: at, Lease: w.lease(), Limit: mostClaim})
	if err != nil {
		return 0, err
	}
	w.roster.found(w.Queue.Filled())
	w.do(calls, w.roster.accept(at, w.enabled(calls, at, rows)))
	return len(rows), nil
}

// enabled answers what may be called of what was claimed. What belongs to a disabled integration is
// held, what cannot be read ends.
func (w *Worker) enabled(ctx context.Context, at time.Time, rows []integrations.Row) []claimed {
	list := make([]claimed, 0, len(rows))
	var held []integrations.Record
	for _, row := range rows {
		if row.Lane == "" { // added by a version that knew no lanes
			d, err := row.Delivery()
			if err != nil {
				w.endUnreadable(ctx, row, err)
				continue
			}
			row.Lane = integrations.LaneTo(row.Key, d.Plan.URL, false).String()
		}
		if i, ok := w.Service.Outgoing(row.Key); ok && !i.Enabled {
			held = append(held, integrations.Record{ID: row.ID, Fence: row.Fence, State: integrations.Held, Lane: row.Lane})
			continue
		}
		limits := w.Service.Index.Options(row.Key).Limits
		list = append(list, claimed{row: row, at: at, most: limits.Concurrency, rate: limits.Pace()})
	}
	w.giveBack(ctx, held)
	return list
}

// do makes the moves that the roster asks for: it begins attempts, and writes down what is not called
// now.
func (w *Worker) do(ctx context.Context, m moves) {
	for _, c := range m.start {
		w.running.Go(func() { w.attempt(ctx, c) })
	}
	w.giveBack(ctx, recordsOf(m.park, integrations.Parked))
	for _, c := range m.park {
		w.roster.left(now(), c, true)
	}
	w.giveBack(ctx, recordsOf(m.giveBack, integrations.Waiting))
}

func recordsOf(list []claimed, state integrations.State) []integrations.Record {
	records := make([]integrations.Record, 0, len(list))
	for _, c := range list {
		records = append(records, integrations.Record{ID: c.row.ID, Fence: c.row.Fence, State: state, Lane: c.row.Lane})
	}
	return records
}

// giveBack records deliveries that nothing happened to. One that is not recorded is claimed again when
// its lease ends.
func (w *Worker) giveBack(ctx context.Context, records []integrations.Record) {
	ctx = context.WithoutCancel(ctx)
	for part := range slices.Chunk(records, mostClaim) {
		if _, err := w.Queue.Record(ctx, part); err != nil {
			w.Logger.ErrorContext(ctx, "deliveries were not given back, they go on when their leases end", "deliveries", len(part), "error", err)
		}
	}
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

var errStopped = errors.New("the server was stopped")

// attempt makes one attempt and records what came of it.
func (w *Worker) attempt(ctx context.Context, c claimed) {
	d, err := c.row.Delivery()
	if err != nil {
		w.called(ctx, c, outcome{})
		w.endUnreadable(ctx, c.row, err)
		w.roster.left(now(), c, c.lane.ordered)
		return
	}
	started := time.Now()
	// What processes the answer may take its time after that.
	bounded, cancel := context.WithDeadline(ctx, c.at.Add(w.lease()-w.ScriptTime-margin))
	defer cancel()
	before := d.Progress.Attempts
	end := w.carryOut(bounded, &d)
	if ctx.Err() != nil && end.state != integrations.Done { // cut off by the server's end
		end = putOff(errStopped)
	}
	w.called(ctx, c, end.outcome)
	w.noteOutage(context.WithoutCancel(ctx), d, end)
	if end.state == integrations.Held {
		w.giveBack(ctx, []integrations.Record{{ID: d.ID, Fence: d.Fence, State: integrations.Held, Lane: c.row.Lane}})
		w.roster.left(now(), c, false)
		return
	}
	if end.putOff != nil {
		w.Logger.WarnContext(ctx, "delivery put off", "delivery_id", d.ID, "error", end.putOff)
		d.Progress = integrations.Progress{Attempts: before, Step: integrations.StepPlanned}
	}
	w.record(context.WithoutCancel(ctx), d, end, started)
	w.roster.left(now(), c, c.lane.ordered && end.state != integrations.Waiting)
}

// called lets go of the place that a call had, so that others go on while its record is written.
func (w *Worker) called(ctx context.Context, c claimed, o outcome) {
	m, opened := w.roster.called(now(), c, o)
	if opened {
		w.Logger.WarnContext(ctx, "receiver is not called for a while, its deliveries wait", "receiver", c.lane.receiver.name, "integration_id", c.row.Key)
	}
	w.do(ctx, m)
}

// endUnreadable ends a delivery that will not be readable later either.
func (w *Worker) endUnreadable(ctx context.Context, row integrations.Row, cause error) {
	end := integrations.Record{ID: row.ID, Fence: row.Fence, At: now(), State: integrations.Dead, Progress: row.Progress}
	_, err := w.Queue.Record(context.WithoutCancel(ctx), []integrations.Record{end})
	w.Logger.ErrorContext(ctx, "delivery cannot be read", "delivery_id", row.ID, "error", errors.Join(cause, err))
}

// ending is what becomes of a delivery after an attempt.
type ending struct {
	state  integrations.State
	at     time.Time
	due    time.Time
	status int
	putOff error // why the attempt does not count
	outcome

	request  *integrations.Request  // nil: none was made
	response *integrations.Response // nil: none came
	console  []string               // that scripts printed
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
	if len(lost) > 0 {
		line = append(line, "lost", true)
	}
	w.Logger.Log(ctx, level, "delivery attempted", line...)
	if err != nil {
		w.Logger.ErrorContext(ctx, "attempt was not recorded, the delivery will be made again",
			"delivery_id", d.ID, "error", fmt.Errorf("record attempt: %w", err))
		return
	}
	if _, known := w.Service.Outgoing(d.IntegrationID); !known {
		return // it was removed, with its log
	}
	w.Journal.Attempt(integrations.Attempted{
		Delivery: d, At: started, Took: a.Duration, State: end.state, Status: end.status, Next: end.due, PutOff: end.putOff,
		Request: end.request, Response: end.response, Console: end.console, Lost: len(lost) > 0,
	})
	if w.Attempted != nil && len(lost) == 0 {
		w.Attempted(a)
	}
}

// jitter spreads retries that would all come at once.
func jitter() float64 { return rand.Float64() } //nolint:gosec // no secret depends on it

// now is the time as stores keep it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
