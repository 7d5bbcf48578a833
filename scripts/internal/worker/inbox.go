package worker

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/grapnel-chat/grapnel/scripts/internal/wire"
)

// inbox is what the parent sends to a worker. Calls that come while a script runs wait here, unless
// the parent takes them back.
type inbox struct {
	read     wire.Reader
	coming   chan arrival // from a goroutine that reads; nil if none does
	later    []wire.Frame
	dropping atomic.Bool // the run was lowered: calls are left undone until KindResume
}

// arrival is what reading gave.
type arrival struct {
	frame wire.Frame
	err   error
}

// next returns the next frame to serve. It is valid until the one after it.
func (in *inbox) next() (wire.Frame, error) {
	for {
		f, err := in.first()
		if err != nil {
			return wire.Frame{}, err
		}
		switch f.Kind {
		case wire.KindResume:
			in.resume()
		case wire.KindAnswer: // to a run that has ended
		default:
			if !in.dropping.Load() {
				return f, nil
			}
		}
	}
}

// first prefers what came while the last call ran.
func (in *inbox) first() (wire.Frame, error) {
	if len(in.later) > 0 {
		f := in.later[0]
		in.later = in.later[1:]
		return f, nil
	}
	if in.coming != nil {
		return in.arrived(<-in.coming)
	}
	in.read.Reuse = true
	return in.read.Read()
}

// during returns the next frame for the script that runs. It waits until then, for ever if until is
// zero, and ok is false if none came. The frame stays valid, as does that of the call.
func (in *inbox) during(until time.Time) (f wire.Frame, ok bool, err error) {
	for {
		if f, ok, err = in.receive(until); err != nil || !ok {
			return wire.Frame{}, false, err
		}
		switch f.Kind {
		case wire.KindSource, wire.KindAnswer:
			return f, true, nil
		case wire.KindResume:
			in.resume()
		case wire.KindCall, wire.KindCompile:
			if !in.dropping.Load() {
				in.later = append(in.later, f)
			}
		default:
			return wire.Frame{}, false, fmt.Errorf("unexpected frame %d", f.Kind)
		}
	}
}

func (in *inbox) receive(until time.Time) (wire.Frame, bool, error) {
	if in.coming == nil {
		in.read.Reuse = false
		if until.IsZero() || in.read.IsNextHere() {
			f, err := in.read.Read()
			return f, true, err
		}
		in.readAside()
	}
	if until.IsZero() {
		f, err := in.arrived(<-in.coming)
		return f, true, err
	}
	late := time.NewTimer(time.Until(until))
	defer late.Stop()
	select {
	case a := <-in.coming:
		f, err := in.arrived(a)
		return f, true, err
	case <-late.C:
		return wire.Frame{}, false, nil
	}
}

// readAside reads one frame in a goroutine of its own, which ends with it or with the process.
func (in *inbox) readAside() {
	coming := make(chan arrival, 1)
	in.coming = coming
	go func() {
		f, err := in.read.Read()
		coming <- arrival{f, err}
	}()
}

func (in *inbox) arrived(a arrival) (wire.Frame, error) {
	in.coming = nil
	return a.frame, a.err
}

// resume forgets the calls that the parent took back.
func (in *inbox) resume() {
	in.later = nil
	in.dropping.Store(false)
}
