package scripts

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"

	"github.com/dop251/goja"

	"github.com/grapnel-chat/grapnel/integrations"
)

// WorkerMain runs scripts for the Pool at the other end of in and out, until in ends. It returns
// the exit code of the process, which it regards as its own: it limits memory, files and stack,
// and ends the process at once when a script exceeds them.
func WorkerMain(in io.Reader, out io.Writer) int {
	w := &worker{
		read:  frameReader{from: bufio.NewReaderSize(in, 64<<10), max: math.MaxInt64, reuse: true},
		write: frameWriter{to: out},
	}
	f, err := w.read.read()
	if err != nil || f.kind != kindLimits {
		return exitGo
	}
	w.limits = decodeLimits(f.bytes())
	liveIn(f.string())
	confine(w.limits)
	w.monitor = newMonitor(w.limits)
	w.realms = newRealms(w.limits)
	err = w.rehearse()
	if err == nil {
		err = w.serve()
	}
	if err != io.EOF { //nolint:errorlint // the reader's own, never wrapped
		fmt.Fprintln(os.Stderr, err)
		return exitGo
	}
	return 0
}

// worker is the inside of a worker process.
type worker struct {
	limits  Limits
	read    frameReader
	write   frameWriter
	monitor *monitor
	realms  *realms
	names   names
}

// rehearse runs a script once, so that the first author's need not wait for what the engine sets
// up on its first run, and reports the worker ready.
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
	if err != nil {
		return err
	}
	return w.write.send(kindReady)
}

// serve answers frames until there are no more.
func (w *worker) serve() error {
	for {
		f, err := w.read.read()
		if err != nil {
			return err
		}
		switch f.kind {
		case kindCall:
			err = w.serveCall(&f)
		case kindCompile:
			err = w.serveCompile(&f)
		default:
			err = fmt.Errorf("unexpected frame %d", f.kind)
		}
		if err != nil {
			return err
		}
	}
}

func (w *worker) serveCompile(f *frame) error {
	strict, text := f.string() != "", f.string()
	var compiled string
	var fault *integrations.ScriptError
	w.monitor.begin(nil)
	err := guard(func() error {
		compiled, fault = compile(text, strict)
		return nil
	})
	w.monitor.end()
	if err != nil {
		return w.refuse(integrations.PhaseCompile, err)
	}
	if fault != nil {
		return sendFailure(&w.write, fault)
	}
	w.write.begin(kindCompiled)
	w.write.string(compiled)
	return w.write.end()
}

func (w *worker) serveCall(f *frame) error {
	owner, version := f.bytes(), f.bytes()
	c := call{method: integrations.ScriptMethod(f.bytes()), argument: f.bytes(), content: f.bytes(), raw: f.bytes()}
	r := w.realms.find(owner, version)
	if r == nil {
		var err error
		if r, err = w.load(string(owner), string(version)); r == nil {
			return err
		}
	} else {
		w.monitor.begin(r.runtime)
	}
	var a answer
	err := guard(func() (err error) {
		a, err = r.invoke(c)
		return err
	})
	w.monitor.end()
	if _, ok := err.(panicError); ok || r.broken { //nolint:errorlint // guard's own, never wrapped
		w.realms.drop(r)
	}
	if err != nil {
		err = w.refuse(integrations.PhaseRun, err)
	} else {
		err = w.sendAnswer(a)
	}
	w.realms.trim(w.monitor) // while the next call is not here yet
	return err
}

func (w *worker) sendAnswer(a answer) error {
	if a.missing {
		w.write.begin(kindMissing)
	} else {
		w.write.begin(kindResult)
	}
	if a.defined {
		w.write.string(a.value)
	} else {
		w.write.bytes(nil)
	}
	w.write.strings(a.console)
	return w.write.end()
}

// load asks for the program of a call and evaluates it. The clock that it starts runs on for the
// call. Where the script fails it has answered, and there is no realm.
func (w *worker) load(owner, version string) (*realm, error) {
	text, err := w.askSource()
	if err != nil {
		return nil, err
	}
	w.monitor.begin(nil)
	r := newRealm(owner, version, w.limits, &w.names)
	w.monitor.watch(r.runtime)
	err = guard(func() error {
		if fault := r.evaluate(text); fault != nil {
			return fault
		}
		return nil
	})
	if err != nil {
		w.monitor.end()
		return nil, w.refuse(integrations.PhaseEvaluate, err)
	}
	w.realms.add(r)
	return r, w.write.send(kindEvaluated)
}

// askSource keeps the buffer of the call for which it asks.
func (w *worker) askSource() (string, error) {
	if err := w.write.send(kindNeedSource); err != nil {
		return "", err
	}
	w.read.reuse = false
	f, err := w.read.read()
	w.read.reuse = true
	if err != nil {
		return "", err
	}
	if f.kind != kindSource {
		return "", fmt.Errorf("unexpected frame %d", f.kind)
	}
	return f.string(), nil
}

// refuse answers with what went wrong: the script's fault, the engine's, or the caller's.
func (w *worker) refuse(phase integrations.ScriptPhase, err error) error {
	switch e := err.(type) { //nolint:errorlint // never wrapped
	case *integrations.ScriptError:
		return sendFailure(&w.write, e)
	case panicError:
		return sendFailure(&w.write, &integrations.ScriptError{Phase: phase, Message: "the script engine failed: " + e.text})
	}
	return w.write.send(kindFault, []byte(err.Error()))
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
