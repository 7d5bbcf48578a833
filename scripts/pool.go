package scripts

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

var _ integrations.Scripts = (*Pool)(nil)

// Config is what a Pool needs.
type Config struct {
	// Command starts a worker: a program whose main calls WorkerMain, and its arguments.
	Command []string
	Workers int // 0 means one per usable processor
	Limits  Limits
	Logger  *slog.Logger
}

// Pool runs scripts in a few workers. Each owner has its fixed one, so that what a script keeps
// between calls is there when the next call comes; who breaks the limits is moved to one for all
// such owners, for a while. A worker starts when its first call does; one is always kept ready to
// take the place of a worker that was killed.
type Pool struct {
	config    Config
	seed      maphash.Seed
	slots     []*slot // one per worker, then the two below
	slow      *slot
	compiling *slot
	laggards  slowOwners
	spares    chan spare
	closing   chan struct{}
	close     sync.Once
	keeper    sync.WaitGroup
	compiled  atomic.Int64
	warned    sync.Once // that the kernel lacks what confines workers

	mu     sync.Mutex
	living map[*process]struct{}
	starts int64
	ended  int64
}

// NewPool returns a pool that Start brings to life.
func NewPool(c Config) *Pool {
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.Limits = c.Limits.orDefault()
	p := &Pool{
		config:    c,
		seed:      maphash.MakeSeed(),
		slow:      &slot{},
		compiling: &slot{},
		laggards:  slowOwners{limits: c.Limits},
		spares:    make(chan spare),
		closing:   make(chan struct{}),
		living:    make(map[*process]struct{}),
	}
	for range c.Workers {
		p.slots = append(p.slots, &slot{})
	}
	p.slots = append(p.slots, p.slow, p.compiling)
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
	p.close.Do(func() { close(p.closing) })
	p.mu.Lock()
	for w := range p.living {
		w.kill()
	}
	p.mu.Unlock()
	p.keeper.Wait()
	return nil
}

// Run calls one method of a script. It waits for its turn as long as ctx and Limits.Wait allow, and
// answers ErrScriptsBusy where the turn does not come; once the script runs, only the limits end it.
func (p *Pool) Run(ctx context.Context, call integrations.ScriptCall) (integrations.ScriptResult, error) {
	at, err := p.turn(ctx, call.Owner)
	if err != nil {
		return integrations.ScriptResult{}, err
	}
	defer at.slot.release()
	sent := call
	sent.Version = versionIn(at.lapse, call.Version)
	var result integrations.ScriptResult
	err = p.use(ctx, at.slot, func(w *process) (err error) {
		begin := time.Now()
		result, err = w.run(sent)
		p.judge(ctx, call, w, begin, err)
		return err
	})
	return result, err
}

// Compile checks an author's text and returns the one to run. It happens in a worker of its own:
// a source can exhaust the parser, and must not take other scripts' state with it. It waits for its
// turn as Run does.
func (p *Pool) Compile(ctx context.Context, source integrations.ScriptSource) (string, error) {
	if int64(len(source.Text)) > p.config.Limits.SourceSize {
		return "", sourceTooLarge(p.config.Limits)
	}
	const nobody = "" // a source has no owner yet: first come, first served
	if err := p.take(ctx, p.compiling, nobody, p.latest()); err != nil {
		return "", err
	}
	defer p.compiling.release()
	p.compiled.Add(1)
	var text string
	err := p.use(ctx, p.compiling, func(w *process) (err error) {
		text, err = w.compile(source)
		return err
	})
	return text, err
}

// seat is where an owner's calls run.
type seat struct {
	slot  *slot
	lapse int64 // the owner's present one, zero outside of the slow slot
}

func (p *Pool) seatOf(owner string) seat {
	if lapse := p.laggards.lapse(owner, time.Now()); lapse != 0 {
		return seat{p.slow, lapse}
	}
	return seat{slot: p.slots[maphash.String(p.seed, owner)%uint64(p.config.Workers)]} //nolint:gosec // NewPool made it positive
}

// latest is when a call that comes now has waited too long.
func (p *Pool) latest() time.Time { return time.Now().Add(p.config.Limits.Wait) }

// turn waits for the owner's turn and returns where it is. Owners that are moved while they wait
// wait again, but no longer than Limits.Wait in all.
func (p *Pool) turn(ctx context.Context, owner string) (seat, error) {
	latest := p.latest()
	for {
		at := p.seatOf(owner)
		if err := p.take(ctx, at.slot, owner, latest); err != nil {
			return seat{}, err
		}
		if at == p.seatOf(owner) {
			return at, nil
		}
		at.slot.release() // the owner was moved meanwhile
	}
}

func (p *Pool) take(ctx context.Context, s *slot, owner string, latest time.Time) error {
	if p.isClosing() {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w := s.enter(owner)
	if w == nil {
		return nil
	}
	late := time.NewTimer(time.Until(latest))
	defer late.Stop()
	var err error
	select {
	case err := <-w:
		return err
	case <-late.C:
		err = integrations.ErrScriptsBusy
	case <-ctx.Done():
		err = ctx.Err()
	case <-p.closing:
		err = ErrClosed
	}
	s.leave(owner, w)
	return err
}

// use hands the slot's worker to call; the turn is the caller's.
func (p *Pool) use(ctx context.Context, s *slot, call func(*process) error) error {
	err := errNotStarted
	for try := 0; errors.Is(err, errNotStarted) && try < 2; try++ {
		w, werr := p.worker(ctx, s)
		if werr != nil {
			return werr
		}
		err = call(w)
	}
	if err != nil && p.isClosing() {
		return ErrClosed
	}
	return err
}

// judge moves an owner apart, or back, after a call that the worker had.
func (p *Pool) judge(ctx context.Context, call integrations.ScriptCall, w *process, begin time.Time, err error) {
	if errors.Is(err, errNotStarted) || p.isClosing() {
		return
	}
	now := time.Now()
	began := p.laggards.judge(call.Owner, performance{
		version: call.Version, at: now, took: now.Sub(begin), succeeded: err == nil, fatal: w.hasEnded(),
	})
	if began {
		p.config.Logger.InfoContext(ctx, "script set apart for breaking its limits", "integration_id", call.Owner)
	}
}

// worker returns the slot's living worker; the spare becomes it where there is none.
func (p *Pool) worker(ctx context.Context, s *slot) (*process, error) {
	if w := s.worker.Load(); w != nil {
		if !w.hasEnded() {
			return w, nil
		}
		w.end()
	}
	w, err := p.spare(ctx)
	if err != nil {
		return nil, err
	}
	s.worker.Store(w)
	return w, nil
}

func (p *Pool) isClosing() bool {
	select {
	case <-p.closing:
		return true
	default:
		return false
	}
}

// slot has room for a worker, and the queue of calls before it.
type slot struct {
	queue
	worker atomic.Pointer[process] // stored by who has the turn
}
