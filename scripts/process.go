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
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
	"github.com/grapnel-chat/grapnel/scripts/internal/worker"
)

const (
	// A worker that is not ready by then never will be.
	startLimit = 20 * time.Second
	// Enough for what Go's runtime says when it gives up.
	lastWordsSize = 4 << 10
	// A parent has many workers, so it keeps less for each of them than a worker does for itself: a little
	// more than what is sent ahead.
	keptForWorker = 64 << 10
)

// process is a worker as its parent's system sees it.
type process struct {
	limits    Limits
	cmd       *exec.Cmd
	in, out   *os.File
	write     wire.Writer
	read      wire.Reader
	lastWords lastWords
	pipe      *pipe
	voice     *voice
	guard     *time.Timer   // kills a worker that is not ready in time
	killed    atomic.Bool   // by this process
	lacks     []string      // what the kernel could not do to confine it
	ended     chan struct{} // closed once the process is gone and waited for
	calls     atomic.Int64
}

// startProcess starts a worker and returns when it is ready for calls.
func startProcess(command []string, l Limits, hasWayOut bool) (*process, error) {
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
		write:  wire.Writer{To: in},
		read:   wire.Reader{From: bufio.NewReaderSize(out, 16<<10), Max: l.AnswerSize()},
		ended:  make(chan struct{}),
	}
	if err = p.openPipes(); err != nil {
		return nil, errors.Join(err, childIn.Close(), childOut.Close(), in.Close(), out.Close())
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
		err = p.handshake(hasWayOut)
	}
	if err != nil {
		p.end()
		return nil, fmt.Errorf("start script worker: %w: %s", err, p.lastWords.text())
	}
	return p, nil
}

func (p *process) openPipes() (err error) {
	if p.pipe, err = newPipe(p.in); err != nil {
		return err
	}
	p.voice, err = newVoice(p.out)
	return err
}

// wait ends with the process, which end makes sure of.
func (p *process) wait() {
	_ = p.cmd.Wait() // how it ended is read from ProcessState
	close(p.ended)
}

func (p *process) handshake(hasWayOut bool) error {
	var way []byte
	if hasWayOut {
		way = []byte{}
	}
	if err := p.write.Send(wire.KindLimits, p.limits.Encode(), way, []byte(worker.LocalZone())); err != nil {
		return err
	}
	f, err := p.read.Read()
	inTime := p.guard.Stop()
	switch {
	case err != nil:
		return err
	case !inTime:
		return errors.New("not ready in time")
	case f.Kind != wire.KindReady:
		return fmt.Errorf("unexpected frame %d", f.Kind)
	}
	p.lacks = f.Texts()
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

// kill ends the process without waiting for its end.
func (p *process) kill() {
	p.killed.Store(true)
	_ = p.cmd.Process.Kill() // it may have ended just now
}

// endsWithin kills the process if it lives, and says whether nothing of it is left by then.
func (p *process) endsWithin(limit time.Duration) bool {
	p.guard.Stop()
	_ = p.cmd.Process.Kill() // it may have ended long ago
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case <-p.ended:
		return true
	case <-late.C:
		return false
	}
}

// end kills the process if it lives, and returns when nothing of it is left.
func (p *process) end() {
	p.guard.Stop()
	_ = p.cmd.Process.Kill() // it may have ended long ago
	<-p.ended
	_ = p.in.Close()
	_ = p.out.Close()
}

// offer writes frames as far as the pipe takes them at once. It returns their size and what is left
// of them, which is valid until giveBack. One caller at a time may use both.
func (p *process) offer(letters []letter) (all int, rest []byte, err error) {
	for i := range letters {
		letters[i].put(&p.write)
		letters[i].end = len(p.write.Buf)
	}
	rest, err = p.pipe.write(p.write.Buf)
	return len(p.write.Buf), rest, err
}

// giveBack is for once all of an offer is written.
func (p *process) giveBack() { p.write.Keep(keptForWorker) }

// explain says why a worker that has ended gave no answer.
func (p *process) explain(phase integrations.ScriptPhase, cause error) (KillReason, error) {
	if errors.Is(cause, io.EOF) || errors.Is(cause, io.ErrUnexpectedEOF) || errors.Is(cause, os.ErrClosed) {
		if reason, e := endingBySignal(phase, p.limits, p.cmd.ProcessState); e != nil {
			return reason, e
		}
		return ending(phase, p.limits, p.cmd.ProcessState.ExitCode(), p.lastWords.bytes())
	}
	return KilledByCrash, &integrations.ScriptError{Phase: phase, Message: errNonsense.Error()}
}
