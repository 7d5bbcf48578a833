package scripts

import (
	"runtime"
	"strings"
	"time"
)

// spare is a worker that is ready, or why there is none.
type spare struct {
	worker *process
	err    error
}

// keepSpare keeps one worker ready until the pool closes, then waits for the end of all. The first
// start's outcome goes to ready.
//
// The kernel kills a worker when the thread that started it ends, not when the process does. So
// this goroutine keeps its thread for itself, for as long as there are workers.
func (p *Pool) keepSpare(ready chan<- error) {
	runtime.LockOSThread()
	defer p.endAll()
	for {
		w, err := p.start()
		if ready != nil {
			ready <- err
			ready = nil
		}
		select {
		case p.spares <- spare{w, err}:
		case <-p.closing:
			return
		}
	}
}

func (p *Pool) start() (*process, error) {
	w, err := startProcess(p.config.Command, p.config.Limits, p.config.Caller != nil)
	if err != nil {
		return nil, err
	}
	p.warn(w.lacks)
	p.mu.Lock()
	p.counts.starts++
	p.living[w] = struct{}{}
	p.mu.Unlock()
	p.keeper.Go(func() { p.mourn(w) })
	return w, nil
}

// warn says once what the kernel lacks: scripts run all the same, behind fewer walls.
func (p *Pool) warn(lacks []string) {
	if len(lacks) > 0 {
		p.warned.Do(func() {
			p.config.Logger.Warn("this system cannot confine script workers fully", "lacks", lacks)
		})
	}
}

// mourn waits for a worker's end and writes it down, without a ctx: a worker is no one caller's.
//
// What the worker said last holds nothing of a script's. Only Go's runtime and the worker's own Main and guard write
// to stderr, console.log does not; a panic under a script ends in guard, which names the type of what
// was thrown, or repeats Go's own words on it.
func (p *Pool) mourn(w *process) {
	<-w.ended
	p.mu.Lock()
	delete(p.living, w)
	p.counts.ended++
	p.mu.Unlock()
	if !p.isClosing() {
		said, _, _ := strings.Cut(w.lastWords.text(), "\n")
		p.config.Logger.Info("script worker ended", "pid", w.pid(), "exit_code", w.cmd.ProcessState.ExitCode(),
			"killed", w.killed.Load(), "calls", w.calls.Load(), "said", said)
	}
}

func (p *Pool) endAll() {
	p.mu.Lock()
	var living []*process
	for w := range p.living {
		living = append(living, w)
	}
	p.mu.Unlock()
	for _, w := range living {
		w.end()
	}
}

// readyWorker returns a worker that is ready, or nil. The caller holds the lock.
func (p *Pool) readyWorker() *process {
	for len(p.ready) > 0 {
		w := p.ready[0]
		p.ready = p.ready[1:]
		if !w.hasEnded() {
			return w
		}
	}
	select {
	case s := <-p.spares:
		if s.err == nil && !s.worker.hasEnded() {
			return s.worker
		}
	default:
	}
	return nil
}

// fetch sees to it that the spare comes when it is ready, or that those who wait for it hear why
// not. The caller holds the lock.
func (p *Pool) fetch() {
	if p.fetching || p.closed {
		return
	}
	p.fetching = true
	p.keeper.Go(func() {
		w, err := p.spare()
		p.mu.Lock()
		defer p.unlock()
		p.fetching = false
		if p.closed {
			return
		}
		if err != nil {
			p.fetchErr = err
		} else {
			p.ready = append(p.ready, w)
		}
		p.dispatch(time.Now())
		p.fetchErr = nil
	})
}

// spare waits for the one that is ready. A failed start may lie long back, so a second one is
// waited for before giving up.
func (p *Pool) spare() (*process, error) {
	var s spare
	for range 2 {
		select {
		case s = <-p.spares:
		case <-p.closing:
			return nil, ErrClosed
		}
		if s.err == nil && !s.worker.hasEnded() {
			return s.worker, nil
		}
	}
	if s.err == nil {
		s.err = errNotStarted
	}
	return nil, s.err
}
