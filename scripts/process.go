package scripts

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync/atomic"
	"time"

	"github.com/grapnel-chat/grapnel/integrations"
)

const (
	// A worker that is not ready by then never will be.
	startLimit = 20 * time.Second
	// Enough for what Go's runtime says when it gives up.
	lastWordsSize = 4 << 10
)

// errNotStarted is a worker's end before it had the whole call: another one may take it.
var errNotStarted = errors.New("script worker ended before the call")

// process is a worker as its parent sees it. One caller at a time may use it.
type process struct {
	limits    Limits
	cmd       *exec.Cmd
	in, out   *os.File
	write     frameWriter
	read      frameReader
	lastWords lastWords
	guard     *time.Timer   // kills a worker that has not answered in time
	killed    atomic.Bool   // by the guard
	ended     chan struct{} // closed once the process is gone and waited for
	calls     atomic.Int64
}

// startProcess starts a worker and returns when it is ready for calls.
func startProcess(command []string, l Limits) (*process, error) {
	if len(command) == 0 {
		return nil, errors.New("start script worker: no command")
	}
	childIn, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start script worker: %w", err)
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start script worker: %w", err), childIn.Close(), in.Close())
	}
	p := &process{
		limits: l,
		cmd:    exec.Command(command[0], command[1:]...), //nolint:gosec,noctx // the configured command, ended by end
		in:     in,
		out:    out,
		write:  frameWriter{to: in},
		read:   frameReader{from: bufio.NewReaderSize(out, 16<<10), max: l.answerSize()},
		ended:  make(chan struct{}),
	}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = childIn, childOut, &p.lastWords
	p.cmd.Env = []string{}
	p.cmd.Dir = "/"
	p.cmd.SysProcAttr = attributes()
	p.guard = time.AfterFunc(startLimit, p.kill)

	keepDescriptors()
	err = p.cmd.Start()
	err = errors.Join(err, childIn.Close(), childOut.Close())
	if p.cmd.Process == nil {
		p.guard.Stop()
		return nil, errors.Join(fmt.Errorf("start script worker: %w", err), in.Close(), out.Close())
	}
	go p.wait()
	if err == nil {
		err = p.handshake()
	}
	if err != nil {
		p.end()
		return nil, fmt.Errorf("start script worker: %w: %s", err, p.lastWords.text())
	}
	return p, nil
}

// wait ends with the process, which end makes sure of.
func (p *process) wait() {
	_ = p.cmd.Wait() // how it ended is read from ProcessState
	close(p.ended)
}

func (p *process) handshake() error {
	if err := p.write.send(kindLimits, p.limits.encode(), []byte(localZone())); err != nil {
		return err
	}
	f, err := p.read.read()
	inTime := p.guard.Stop()
	switch {
	case err != nil:
		return err
	case !inTime:
		return errors.New("not ready in time")
	case f.kind != kindReady:
		return fmt.Errorf("unexpected frame %d", f.kind)
	}
	return nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// kill is what the guard does.
func (p *process) kill() {
	p.killed.Store(true)
	_ = p.cmd.Process.Kill() // it may have ended just now
}

// end kills the process if it lives, and returns when nothing of it is left.
func (p *process) end() {
	p.guard.Stop()
	_ = p.cmd.Process.Kill() // it may have ended long ago
	<-p.ended
	_ = p.in.Close()
	_ = p.out.Close()
}

// run carries out one call.
func (p *process) run(call integrations.ScriptCall) (integrations.ScriptResult, error) {
	f, phase, err := p.exchange(integrations.PhaseRun, call.Compiled, func(w *frameWriter) {
		w.begin(kindCall)
		w.string(call.Owner)
		w.string(call.Version)
		w.string(string(call.Method))
		w.bytes(call.Argument)
		w.bytes(call.Content)
		w.bytes(call.Raw)
	})
	if err != nil {
		return integrations.ScriptResult{}, err
	}
	if f.kind != kindResult && f.kind != kindMissing {
		return integrations.ScriptResult{}, p.refusal(f, phase)
	}
	result := integrations.ScriptResult{Missing: f.kind == kindMissing, Value: f.bytes(), Console: f.strings()}
	if f.bad {
		return integrations.ScriptResult{}, p.refusal(f, phase)
	}
	return result, nil
}

// compile turns an author's text into the one to run.
func (p *process) compile(source integrations.ScriptSource) (string, error) {
	f, phase, err := p.exchange(integrations.PhaseCompile, "", func(w *frameWriter) {
		w.begin(kindCompile)
		w.string(strictWord(source.Strict))
		w.string(source.Text)
	})
	if err != nil {
		return "", err
	}
	if f.kind != kindCompiled {
		return "", p.refusal(f, phase)
	}
	return f.string(), nil
}

// exchange sends a frame, hands the worker the program if it asks, and returns the answer and how
// far the script came.
func (p *process) exchange(phase integrations.ScriptPhase, program string, fill func(*frameWriter)) (frame, integrations.ScriptPhase, error) {
	p.calls.Add(1)
	p.guard.Reset(p.limits.parentKills())
	defer func() {
		if !p.guard.Stop() {
			p.end() // killed while it answered, or ended already
		}
	}()

	fill(&p.write)
	if err := p.write.end(); err != nil {
		p.end()
		if p.killed.Load() {
			return frame{}, phase, stoppedByTime(phase, p.limits)
		}
		return frame{}, phase, errNotStarted
	}
	for {
		f, err := p.read.read()
		if err != nil {
			return frame{}, phase, p.explain(phase, err)
		}
		switch f.kind {
		case kindNeedSource:
			phase = integrations.PhaseEvaluate
			p.write.begin(kindSource)
			p.write.string(program)
			if err := p.write.end(); err != nil {
				return frame{}, phase, p.explain(phase, err)
			}
		case kindEvaluated:
			phase = integrations.PhaseRun
		default:
			return f, phase, nil
		}
	}
}

// explain ends a worker that gave no answer and says why it gave none.
func (p *process) explain(phase integrations.ScriptPhase, cause error) error {
	p.end()
	if p.killed.Load() {
		return stoppedByTime(phase, p.limits)
	}
	if !errors.Is(cause, io.EOF) && !errors.Is(cause, io.ErrUnexpectedEOF) && !errors.Is(cause, os.ErrClosed) {
		// It answered with what no worker says; only a broken one does.
		return &integrations.ScriptError{Phase: phase, Message: "the script's process answered nonsense"}
	}
	return ending(phase, p.limits, p.cmd.ProcessState.ExitCode(), p.lastWords.bytes())
}

// refusal reads an answer that is not the one hoped for.
func (p *process) refusal(f frame, phase integrations.ScriptPhase) error {
	if f.kind == kindFault {
		return fmt.Errorf("run script: %s", f.string())
	}
	if f.kind == kindFailure {
		if e := readFailure(&f); !f.bad {
			return e
		}
	}
	p.end()
	return &integrations.ScriptError{Phase: phase, Message: "the script's process answered nonsense"}
}

func strictWord(strict bool) string {
	if strict {
		return "strict"
	}
	return ""
}
