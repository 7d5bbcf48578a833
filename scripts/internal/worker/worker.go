package worker

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/integrations"
	"github.com/grapnel-chat/grapnel/scripts/internal/confine"
	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// Main runs scripts for the scripts.Pool at the other end of in and out, until in ends. It returns
// the exit code of the process, which it regards as its own: it limits memory, files and stack,
// and ends the process at once when a script exceeds them.
func Main(in io.Reader, out io.Writer) int {
	w := newWorker(in, out)
	f, err := w.in.read.Read()
	if err != nil || f.Kind != wire.KindLimits {
		return wire.ExitGo
	}
	limits, hasWayOut := wire.DecodeLimits(f.Bytes()), f.Bytes() != nil
	liveIn(f.Text())
	lacks := confine.Process(limits)
	w.prepare(limits, hasWayOut)
	w.time.Extend(limits)
	err = w.rehearse()
	if err == nil {
		err = w.ready(lacks)
	}
	if err == nil {
		err = w.serve()
	}
	if err != io.EOF { //nolint:errorlint // the reader's own, never wrapped
		fmt.Fprintln(os.Stderr, err)
		return wire.ExitGo
	}
	return 0
}

// worker is the inside of a worker process.
type worker struct {
	limits   wire.Limits
	in       inbox
	write    wire.Writer
	announce wire.Writer // the monitor's
	monitor  *monitor
	time     confine.ProcessorTime
	wayOut   *wayOut // nil where scripts find none
	realms   *realms
	names    names
	rested   time.Time
}

func newWorker(in io.Reader, out io.Writer) *worker {
	pipe := &lockedWriter{to: out}
	return &worker{
		in:       inbox{read: wire.Reader{From: bufio.NewReaderSize(in, 64<<10), Max: math.MaxInt64, Reuse: true}},
		write:    wire.Writer{To: pipe},
		announce: wire.Writer{To: pipe},
	}
}

// prepare is for once the limits are known.
func (w *worker) prepare(l wire.Limits, hasWayOut bool) {
	w.limits = l
	w.monitor = newMonitor(l, w.announceLowered)
	w.realms = newRealms(l)
	if hasWayOut {
		w.wayOut = &wayOut{limits: l, in: &w.in, write: &w.write, monitor: w.monitor}
	}
}

// lockedWriter lets the monitor write between two frames.
type lockedWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *lockedWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(b)
}

// announceLowered tells the parent that the run goes on at low priority. What was sent ahead is left
// undone from now on, as the parent takes it back.
func (w *worker) announceLowered(notice wire.Lowered) {
	w.in.dropping.Store(true)
	notice.Put(&w.announce)
	if w.announce.End() != nil {
		os.Exit(wire.ExitGo) // nobody is there to answer
	}
}

// rehearse runs a script once, so that the first author's need not wait for what the engine sets
// up on its first run.
func (w *worker) rehearse() error {
	text, fault := compile(`class Script { process_incoming_request({ request }) { return { content: request } } }`, false)
	if fault != nil {
		return fault
	}
	r := newRealm("", "", w.limits, &w.names)
	if fault := r.evaluate(text); fault != nil {
		return fault
	}
	_, err := r.invoke(call{
		method:   integrations.ProcessIncomingRequest,
		argument: []byte(`{"request":{}}`),
		content:  []byte(`{"a":[1,"b"]}`),
	})
	return err
}

// ready reports the worker ready, and what the kernel lacks to confine it.
func (w *worker) ready(lacks []string) error {
	w.write.Begin(wire.KindReady)
	w.write.Texts(lacks)
	return w.write.End()
}

// serve answers frames until there are no more.
func (w *worker) serve() error {
	ended := make(chan error, 1)
	go w.serveFrames(ended)
	return <-ended
}

// serveFrames answers each frame on one thread, until such a thread has been given a low priority: it
// cannot be raised again, so it ends with this goroutine and another one goes on. (The first thread
// of a process cannot end; Go lets it sleep.)
func (w *worker) serveFrames(ended chan<- error) {
	for {
		f, err := w.in.next()
		if err != nil {
			ended <- err
			return
		}
		runtime.LockOSThread()
		w.monitor.serveOn(thisThread())
		if err := w.serveFrame(&f); err != nil {
			ended <- err
			return
		}
		if w.monitor.isLowered() {
			go w.serveFrames(ended)
			return
		}
		runtime.UnlockOSThread()
		w.rest()
	}
}

// A goroutine that has not rested for ten milliseconds is made to by Go's runtime. It does not know
// that only short calls lie between, and looks at the process every few microseconds for a while.
const restPeriod = 5 * time.Millisecond

// rest lets whatever else waits in this process run.
func (w *worker) rest() {
	if now := time.Now(); now.Sub(w.rested) > restPeriod {
		w.rested = now
		runtime.Gosched()
	}
}

func (w *worker) serveFrame(f *wire.Frame) error {
	w.time.Extend(w.limits)
	switch f.Kind {
	case wire.KindCall:
		return w.serveCall(f)
	case wire.KindCompile:
		return w.serveCompile(f)
	case wire.KindInspect:
		return w.serveInspect(f)
	default:
		return fmt.Errorf("unexpected frame %d", f.Kind)
	}
}

func (w *worker) serveCompile(f *wire.Frame) error {
	strict, text := f.Text() != "", f.Text()
	var compiled string
	var fault *integrations.ScriptError
	w.monitor.begin(nil, false)
	err := guard(func() error {
		compiled, fault = compile(text, strict)
		return nil
	})
	e := w.monitor.end()
	if err != nil {
		return w.refuse(integrations.PhaseCompile, err, e, &kept{})
	}
	if fault != nil {
		return w.refuse(integrations.PhaseCompile, fault, e, &kept{})
	}
	w.write.Begin(wire.KindCompiled)
	w.write.Text(compiled)
	return w.write.End()
}

func (w *worker) serveCall(f *wire.Frame) error {
	low := f.Flags&wire.FlagLow != 0
	owner, version := f.Bytes(), f.Bytes()
	c := call{method: integrations.ScriptMethod(f.Bytes()), argument: f.Bytes(), content: f.Bytes(), raw: f.Bytes(), kept: f.Bytes()}
	if w.wayOut != nil {
		w.wayOut.begin()
	}
	r := w.realms.find(owner, version)
	if r == nil {
		var err error
		if r, err = w.load(string(owner), string(version), c.kept, low); r == nil {
			return err
		}
	} else {
		w.monitor.begin(r.runtime, low)
		r.kept.begin(c.kept)
	}
	var a answer
	err := guard(func() (err error) {
		a, err = r.invoke(c)
		return err
	})
	e := w.monitor.end()
	if _, ok := err.(panicError); ok || r.broken { //nolint:errorlint // guard's own, never wrapped
		w.realms.drop(r)
	}
	if broken := w.makeRoom(); broken != nil {
		return broken
	}
	if err != nil {
		return w.refuse(integrations.PhaseRun, err, e, &r.kept)
	}
	return w.sendAnswer(a, e, &r.kept)
}

// makeRoom drops scripts when memory is short. It comes before the answer, as the parent's clock can
// be stopped for a call that it takes to run, and not for one that is on its way.
func (w *worker) makeRoom() error {
	if !w.realms.areTooMany(w.monitor.kept()) {
		return nil
	}
	err := w.write.Send(wire.KindWaits)
	w.realms.trim(w.monitor.collect)
	return errors.Join(err, w.write.Send(wire.KindRuns))
}

func (w *worker) sendAnswer(a answer, e wire.Effort, k *kept) error {
	if a.missing {
		w.write.Begin(wire.KindMissing)
	} else {
		w.write.Begin(wire.KindResult)
	}
	if a.defined {
		w.write.Text(a.value)
	} else {
		w.write.Bytes(nil)
	}
	w.write.Texts(a.console)
	e.Put(&w.write)
	k.put(&w.write)
	return w.write.End()
}

// load asks for the program of a call and evaluates it. The clock that it starts runs on for the
// call. Where the script fails it has answered, and there is no realm.
func (w *worker) load(owner, version string, kept []byte, low bool) (*realm, error) {
	text, err := w.askSource()
	if err != nil {
		return nil, err
	}
	w.monitor.begin(nil, low)
	r := newRealm(owner, version, w.limits, &w.names)
	r.monitor = w.monitor
	if w.wayOut != nil {
		r.outside = w.wayOut
	}
	r.kept.begin(kept)
	w.monitor.watch(r.runtime)
	err = guard(func() error {
		if fault := r.evaluate(text); fault != nil {
			if later := r.conclude(integrations.PhaseEvaluate); later != nil && r.broken {
				return later
			}
			return fault
		}
		return nil
	})
	if err != nil {
		return nil, w.refuse(integrations.PhaseEvaluate, err, w.monitor.end(), &r.kept)
	}
	w.realms.add(r)
	return r, w.write.Send(wire.KindEvaluated)
}

// askSource asks for the text of the script to load.
func (w *worker) askSource() (string, error) {
	if err := w.write.Send(wire.KindNeedSource); err != nil {
		return "", err
	}
	f, _, err := w.in.during(time.Time{})
	if err != nil {
		return "", err
	}
	if f.Kind != wire.KindSource {
		return "", fmt.Errorf("unexpected frame %d", f.Kind)
	}
	return f.Text(), nil
}

// refuse answers with what went wrong: the script's fault, the engine's, or the caller's.
func (w *worker) refuse(phase integrations.ScriptPhase, err error, took wire.Effort, k *kept) error {
	switch e := err.(type) { //nolint:errorlint // never wrapped
	case *integrations.ScriptError:
		return w.sendFailure(e, took, k)
	case panicError:
		return w.sendFailure(&integrations.ScriptError{Phase: phase, Message: "the script engine failed: " + e.text}, took, k)
	}
	return w.write.Send(wire.KindFault, []byte(err.Error()))
}

func (w *worker) sendFailure(e *integrations.ScriptError, took wire.Effort, k *kept) error {
	wire.PutFailure(&w.write, e)
	if w.monitor.haltedBy() != nil {
		w.write.Flag(wire.FlagHalted)
	}
	took.Put(&w.write)
	k.put(&w.write)
	return w.write.End()
}

// panicError is a mistake of the engine or ours that a script has brought about.
type panicError struct{ text string }

func (e panicError) Error() string { return e.text }

// guard returns a panic as an error. The engine uses panics for what a script throws, and some
// ways lead past all that should catch them.
func guard(f func() error) (err error) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case *goja.InterruptedError, *goja.StackOverflowError, *goja.Exception:
			err = panicError{fmt.Sprintf("%T", thrown)}
		default:
			// The value may be the script's: print its type, not what it says of itself.
			text := fmt.Sprintf("%T", thrown)
			if e, ok := thrown.(interface{ RuntimeError() }); ok {
				text = fmt.Sprint(e)
			}
			fmt.Fprintf(os.Stderr, "%s\n%s\n", text, debug.Stack())
			err = panicError{text}
		}
	}()
	return f()
}
