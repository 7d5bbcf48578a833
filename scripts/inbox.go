package scripts

import (
	"fmt"
	"sync/atomic"
	"time"
)

// inbox is what the parent sends to a worker. Calls that come while a script runs wait here, unless
// the parent takes them back.
type inbox struct {
	read     frameReader
	coming   chan arrival // from a goroutine that reads; nil if none does
	later    []frame
	dropping atomic.Bool // the run was lowered: calls are left undone until kindResume
}

// arrival is what reading gave.
type arrival struct {
	frame frame
	err   error
}

// next returns the next frame to serve. It is valid until the one after it.
func (in *inbox) next() (frame, error) {
	for {
		f, err := in.first()
		if err != nil {
			return frame{}, err
		}
		switch f.kind {
		case kindResume:
			in.resume()
		case kindAnswer: // to a run that has ended
		default:
			if !in.dropping.Load() {
				return f, nil
			}
		}
	}
}

// first prefers what came while the last call ran.
func (in *inbox) first() (frame, error) {
	if len(in.later) > 0 {
		f := in.later[0]
		in.later = in.later[1:]
		return f, nil
	}
	if in.coming != nil {
		return in.arrived(<-in.coming)
	}
	in.read.reuse = true
	return in.read.read()
}

// during returns the next frame for the script that runs. It waits until then, for ever if until is
// zero, and ok is false if none came. The frame stays valid, as does that of the call.
func (in *inbox) during(until time.Time) (f frame, ok bool, err error) {
	for {
		if f, ok, err = in.receive(until); err != nil || !ok {
			return frame{}, false, err
		}
		switch f.kind {
		case kindSource, kindAnswer:
			return f, true, nil
		case kindResume:
			in.resume()
		case kindCall, kindCompile:
			if !in.dropping.Load() {
				in.later = append(in.later, f)
			}
		default:
			return frame{}, false, fmt.Errorf("unexpected frame %d", f.kind)
		}
	}
}

func (in *inbox) receive(until time.Time) (frame, bool, error) {
	if in.coming == nil {
		in.read.reuse = false
		if until.IsZero() || in.read.isNextHere() {
			f, err := in.read.read()
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
		return frame{}, false, nil
	}
}

// readAside reads one frame in a goroutine of its own, which ends with it or with the process.
func (in *inbox) readAside() {
	coming := make(chan arrival, 1)
	in.coming = coming
	go func() {
		f, err := in.read.read()
		coming <- arrival{f, err}
	}()
}

func (in *inbox) arrived(a arrival) (frame, error) {
	in.coming = nil
	return a.frame, a.err
}

// resume forgets the calls that the parent took back.
func (in *inbox) resume() {
	in.later = nil
	in.dropping.Store(false)
}
