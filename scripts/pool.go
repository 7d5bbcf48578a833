package scripts

import (
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"

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
// between calls is there when the next call comes. A worker starts when its first call does; one
// is always kept ready to take the place of a worker that was killed.
type Pool struct {
	config   Config
	seed     maphash.Seed
	slots    []*slot // the last one compiles
	spares   chan spare
	closing  chan struct{}
	close    sync.Once
	keeper   sync.WaitGroup
	compiled atomic.Int64

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
		config:  c,
		seed:    maphash.MakeSeed(),
		spares:  make(chan spare),
		closing: make(chan struct{}),
		living:  make(map[*process]struct{}),
	}
	for range c.Workers + 1 {
		p.slots = append(p.slots, &slot{turn: make(chan struct{}, 1)})
	}
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

// Run calls one method of a script. It waits for its turn as long as ctx allows; once the script
// runs, only the limits end it.
func (p *Pool) Run(ctx context.Context, call integrations.ScriptCall) (integrations.ScriptResult, error) {
	var result integrations.ScriptResult
	err := p.with(ctx, p.slotOf(call.Owner), func(w *process) (err error) {
		result, err = w.run(call)
		return err
	})
	return result, err
}

// Compile checks an author's text and returns the one to run. It happens in a worker of its own:
// a source can exhaust the parser, and must not take other scripts' state with it.
func (p *Pool) Compile(ctx context.Context, source integrations.ScriptSource) (string, error) {
	if int64(len(source.Text)) > p.config.Limits.SourceSize {
		return "", sourceTooLarge(p.config.Limits)
	}
	p.compiled.Add(1)
	var text string
	err := p.with(ctx, p.slots[len(p.slots)-1], func(w *process) (err error) {
		text, err = w.compile(source)
		return err
	})
	return text, err
}

func (p *Pool) slotOf(owner string) *slot {
	return p.slots[maphash.String(p.seed, owner)%uint64(p.config.Workers)] //nolint:gosec // NewPool made it positive
}

// with hands the slot's worker to use when its turn has come.
func (p *Pool) with(ctx context.Context, s *slot, use func(*process) error) error {
	if err := p.take(ctx, s); err != nil {
		return err
	}
	defer s.release()
	err := errNotStarted
	for try := 0; errors.Is(err, errNotStarted) && try < 2; try++ {
		w, werr := p.worker(ctx, s)
		if werr != nil {
			return werr
		}
		err = use(w)
	}
	if err != nil && p.isClosing() {
		return ErrClosed
	}
	return err
}

func (p *Pool) take(ctx context.Context, s *slot) error {
	if p.isClosing() {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.closing:
		return ErrClosed
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

// slot is a place for a worker, and the queue of calls before it.
type slot struct {
	turn   chan struct{}
	worker atomic.Pointer[process] // stored by who has the turn
}

func (s *slot) release() { <-s.turn }
