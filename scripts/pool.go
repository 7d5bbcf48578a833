package scripts

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/language"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

var _ integrations.Scripts = (*Pool)(nil)

// ErrClosed is the answer to calls that reach a pool after its end.
var ErrClosed = errors.New("script workers are closed")

// Config is what a Pool needs.
type Config struct {
	// Command starts a worker: a program whose main calls WorkerMain, and its arguments.
	Command []string
	Workers int // scripts that run at once; 0 means one per usable processor
	Limits  Limits
	// Caller makes the calls of scripts to the outside. Without one, scripts find no way out.
	Caller      Caller
	InsecureTLS func() bool // whether calls out accept any certificate; nil: no
	Logger      *slog.Logger
}

// Pool runs scripts in a few workers. At most Config.Workers scripts run at once; one that runs for
// long gives its turn back and goes on at low priority, see low.go.
//
// What a script keeps between calls lives in one worker, its owner's home, and calls of the owner
// are made there one after the other. A script that keeps nothing runs in whichever worker is least
// busy. Calls are sent ahead into a worker that is busy, a few, so that it need not sleep between
// them. A worker starts when it is needed; one is always kept ready.
type Pool struct {
	config     Config
	processors int // that this process may use at once
	spares     chan spare
	closing    chan struct{}
	keeper     sync.WaitGroup
	warned     sync.Once // that the kernel lacks what confines workers

	mu        sync.Mutex
	closed    bool
	seats     []*seat
	owners    map[string]*owner
	compiling *owner
	queue     queue
	keeping   keeping
	allowance allowance
	alarm     alarm
	running   int        // turns taken, of Config.Workers
	low       int        // runs at low priority
	stays     uint64     // homes given so far
	ready     []*process // started, and not seated yet
	fetching  bool       // a goroutine waits for the spare
	fetchErr  error      // why none came, for those who are waiting just now
	outgoing  []*seat    // with letters to write, once the lock is given back
	living    map[*process]struct{}
	counts    counts
}

// NewPool returns a pool that Start brings to life.
func NewPool(c Config) *Pool {
	processors := runtime.GOMAXPROCS(0)
	if c.Workers <= 0 {
		c.Workers = processors
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Limits = c.Limits.OrDefault()
	p := &Pool{
		config:     c,
		processors: processors,
		spares:     make(chan spare),
		closing:    make(chan struct{}),
		owners:     make(map[string]*owner),
		compiling:  &owner{compiling: true},
		queue:      queue{most: mostWaiting * c.Workers},
		keeping:    keeping{most: mostWaiting * c.Workers, lines: make(map[string]*keepingLine)},
		living:     make(map[*process]struct{}),
	}
	p.alarm.ring = p.ring
	return p
}

// Start starts the first worker and returns when it is ready. Close must be called afterwards,
// also if Start fails.
func (p *Pool) Start(ctx context.Context) error {
	ready := make(chan error, 1)
	p.keeper.Go(func() { p.keepSpare(ready) })
	select {
	case err := <-ready:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends all workers, and with them the calls that are under way.
func (p *Pool) Close() error {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.closing)
		p.alarm.stop()
		p.abandon()
	}
	for w := range p.living {
		w.kill()
	}
	p.mu.Unlock()
	p.keeper.Wait()
	return nil
}

// abandon ends all errands.
func (p *Pool) abandon() {
	for len(p.queue.turns) > 0 {
		for _, e := range p.queue.clear(p.queue.turns[0]) {
			e.finish(reply{err: ErrClosed})
		}
	}
	for len(p.seats) > 0 {
		s := p.seats[0]
		p.unseat(s)
		for len(s.errands) > 0 {
			p.pop(s, time.Now()).finish(reply{err: ErrClosed})
		}
	}
}

// Run calls one method of a script. It waits for its turn as long as ctx and Limits.Wait allow, and
// answers ErrScriptsBusy where the turn does not come; once the script runs, only the limits end it.
// A script that was stopped several times in a row is answered with a *ScriptThrottledError.
func (p *Pool) Run(ctx context.Context, call integrations.ScriptCall) (integrations.ScriptResult, error) {
	e := &errand{call: call, size: sizeOf(&call), done: make(chan struct{})}
	if call.Kept != nil && language.TraitsOf(call.Compiled).Store {
		return p.runKeeping(ctx, e)
	}
	return p.run(ctx, e)
}

func (p *Pool) run(ctx context.Context, e *errand) (integrations.ScriptResult, error) {
	if err := p.carryOut(ctx, e); err != nil {
		return integrations.ScriptResult{}, err
	}
	return e.result, e.err
}

// Compile checks an author's text and returns the one to run. It happens in a worker of its own:
// a source can exhaust the parser, and must not take other scripts' state with it. It waits for its
// turn as Run does.
func (p *Pool) Compile(ctx context.Context, source integrations.ScriptSource) (string, error) {
	if int64(len(source.Text)) > p.config.Limits.SourceSize {
		return "", wire.SourceTooLarge(p.config.Limits)
	}
	e := &errand{source: &source, size: len(source.Text), done: make(chan struct{})}
	if err := p.carryOut(ctx, e); err != nil {
		return "", err
	}
	return e.text, e.err
}

// Throttled says whether an integration's script is throttled, by nil if it is not.
func (p *Pool) Throttled(integrationID string) *integrations.ScriptThrottledError {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.owners[integrationID]
	if o == nil || !o.throttle.isOn() {
		return nil
	}
	return o.throttle.refusal(o.throttle.until)
}

// carryOut returns when the errand has its outcome, or an error if it was never begun. What the errand
// holds is the caller's again then.
func (p *Pool) carryOut(ctx context.Context, e *errand) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer e.writing.Wait()
	attended, err := p.accept(e)
	if err != nil {
		return err
	}
	if attended != nil {
		p.attend(attended, e)
	}
	select {
	case <-e.done:
		return nil
	case <-ctx.Done():
	}
	if p.withdraw(e) {
		return ctx.Err()
	}
	<-e.done
	return nil
}

// accept lets an errand wait, or sends it at once. It returns the seat if the caller is to attend it.
func (p *Pool) accept(e *errand) (attended *seat, err error) {
	now := time.Now()
	p.mu.Lock()
	defer p.unlock()
	if p.closed {
		return nil, ErrClosed
	}
	e.owner = p.ownerOf(e, now)
	if p.queue.overflows(e) {
		return nil, integrations.ErrScriptsBusy
	}
	if err := e.owner.throttle.admit(now); err != nil {
		p.counts.refusals++
		return nil, err
	}
	if e.latest.IsZero() {
		e.latest = now.Add(p.config.Limits.Wait)
	}
	newcomer := len(e.owner.line) == 0
	e.attended = p.isCalm() && e.owner.isBrisk(now)
	if left := p.queue.enter(e); left != nil {
		p.refuse(left, integrations.ErrScriptsBusy)
	}
	if newcomer {
		p.dispatch(now)
	}
	if e.attended {
		attended, e.attended = e.seat, false
	}
	if len(e.owner.line) > 0 {
		p.counts.waits++
		p.alarm.set(e.latest)
	}
	return attended, nil
}

// withdraw takes an errand back that waits, and says whether it did.
func (p *Pool) withdraw(e *errand) bool {
	p.mu.Lock()
	defer p.unlock()
	if !p.queue.leave(e) {
		return false
	}
	e.owner.throttle.giveUp()
	return true
}

// refuse answers an errand that was not begun.
func (p *Pool) refuse(e *errand, err error) {
	e.owner.throttle.giveUp()
	e.finish(reply{err: err})
}

// ownerOf returns the record of who an errand is for.
func (p *Pool) ownerOf(e *errand, now time.Time) *owner {
	if e.isCompilation() {
		p.counts.compiles++
		return p.compiling
	}
	o := p.owners[e.call.Owner]
	if o == nil {
		if len(p.owners) >= mostOwners {
			p.forgetOwners(now)
		}
		o = &owner{name: e.call.Owner}
		p.owners[o.name] = o
	}
	o.called = now
	o.meet(e.call)
	return o
}

// forgetOwners bounds what integrations that are long deleted leave behind: of those that nothing is
// under way for, the ones that were not called for longest go. Should one of them be called after all,
// it begins anew.
func (p *Pool) forgetOwners(now time.Time) {
	var idle []*owner
	for _, o := range p.owners {
		if o.isIdle(now) {
			idle = append(idle, o)
		}
	}
	slices.SortFunc(idle, func(a, b *owner) int { return a.called.Compare(b.called) })
	for _, o := range idle[:min(len(idle), mostOwners/4)] {
		o.leaveHome()
		delete(p.owners, o.name)
	}
}

// unlock gives the lock back and writes what was posted under it.
func (p *Pool) unlock() {
	outgoing := p.outgoing
	p.outgoing = nil
	p.mu.Unlock()
	for _, s := range outgoing {
		p.write(s)
	}
}

func (p *Pool) isClosing() bool {
	select {
	case <-p.closing:
		return true
	default:
		return false
	}
}
